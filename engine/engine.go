// Package engine defines what the product asks of speech, translation and
// lip-sync engines. Each adapter lives in a package of its own below this one
// and is held to the same conformance suite, engine/enginetest.
//
// Every method returns errors of a fault.Kind and may be used by several
// goroutines at once. Times are offsets from the start of the file given.
// docs/engine-wire.md is the HTTP form of these ports.
package engine

import (
	"context"
	"time"
)

// Capability is one thing that a model can do.
type Capability string

// The capabilities.
const (
	CanFindSpeech Capability = "speech-regions"
	CanTranscribe Capability = "transcription"
	CanTranslate  Capability = "translation"
	CanSpeak      Capability = "speech"
	CanLipSync    Capability = "lipsync"
)

// Grade says how far the output of a model may be trusted. It travels to every
// gate and to the delivery manifest.
type Grade string

// The grades, best first.
const (
	Production Grade = "production"
	Draft      Grade = "draft"
	Preview    Grade = "preview"
)

// Model describes one model that an engine serves.
type Model struct {
	ID              string     `json:"id"`
	Capability      Capability `json:"capability"`
	Version         string     `json:"version"`
	Weights         string     `json:"weights"` // sha256 of the weights, "" for a service that hides them
	License         string     `json:"license"`
	CommercialUse   bool       `json:"commercial_use"`
	Grade           Grade      `json:"grade"`
	Languages       []string   `json:"languages"` // BCP 47; for translation pairs such as "en>pt-BR"
	Voices          []Voice    `json:"voices"`
	DurationControl string     `json:"duration_control"` // exact, factor, speed or none
}

// Fingerprint is what result keys hold of a model: equal fingerprints mean
// that equal inputs may share one result.
func (m Model) Fingerprint() string { return m.ID + "@" + m.Version + "#" + m.Weights }

// Voice is one voice of a speech model.
type Voice struct {
	ID       string `json:"id"`
	Language string `json:"language"` // BCP 47
	Gender   string `json:"gender"`   // "f", "m" or "" where unknown
}

// Engine is one server of models. Adapters implement it.
type Engine interface {
	// Models lists what the engine can do now.
	Models(ctx context.Context) ([]Model, error)

	SpeechFinder
	Transcriber
	Translator
	Speaker
	LipSyncer
}

// Region is a stretch of speech with the language heard in it.
type Region struct {
	Start       time.Duration `json:"start"`
	End         time.Duration `json:"end"`
	Language    string        `json:"language"`    // BCP 47, "" where too short to tell
	Probability float64       `json:"probability"` // of Language, 0..1
}

// SpeechFinder finds where in a file people speak.
type SpeechFinder interface {
	// FindSpeech returns the regions of speech in the WAV file at path, in order
	// and not overlapping. A file without speech gives none, and no error.
	FindSpeech(ctx context.Context, model, path string) ([]Region, error)
}

// Word is one recognised word.
type Word struct {
	Text        string        `json:"text"`
	Start       time.Duration `json:"start"`
	End         time.Duration `json:"end"`
	Probability float64       `json:"probability"`
	Speaker     string        `json:"speaker"` // "S1", "S2"..., "" where unknown
}

// Segment is a stretch of text as the recogniser cut it.
type Segment struct {
	Start    time.Duration `json:"start"`
	End      time.Duration `json:"end"`
	Text     string        `json:"text"`
	NoSpeech float64       `json:"noSpeech"` // probability that it is no speech at all
}

// Transcript is recognised speech.
type Transcript struct {
	Language string        `json:"language"`
	Duration time.Duration `json:"duration"`
	Segments []Segment     `json:"segments"`
	Words    []Word        `json:"words"` // empty where the engine gives no word times
}

// TranscribeRequest asks for the text of a WAV file.
type TranscribeRequest struct {
	Model    string
	Path     string
	Language string // BCP 47, "" means detect
	Key      string // idempotency key
}

// Transcriber turns speech into text.
type Transcriber interface {
	Transcribe(ctx context.Context, r TranscribeRequest) (Transcript, error)
}

// TranslateLine is one line to translate.
type TranslateLine struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	MaxChars int    `json:"max_chars"` // wished length in characters, 0 for none
}

// TranslateRequest asks for the translation of several lines together.
type TranslateRequest struct {
	Model string
	From  string // BCP 47
	To    string // BCP 47
	Lines []TranslateLine
	Key   string // idempotency key
}

// Translator translates lines.
type Translator interface {
	// Translate returns the text of each line by id: exactly the ids asked for,
	// or an error of kind Broken.
	Translate(ctx context.Context, r TranslateRequest) (map[string]string, error)
}

// SpeakRequest asks for one spoken line.
type SpeakRequest struct {
	Model    string
	Voice    string
	Language string // BCP 47
	Text     string
	Duration time.Duration // wished length, 0 for natural
	// Limit, where Duration is 0, is the longest the line should be: a longer one
	// is spoken faster, up to 1.2 times, and may still exceed it. 0 means no limit.
	Limit time.Duration
	Key   string // idempotency key
}

// Phoneme is one IPA symbol and when it is heard.
type Phoneme struct {
	Symbol string        `json:"p"`
	Start  time.Duration `json:"start"`
	End    time.Duration `json:"end"`
}

// Spoken is one line of synthetic speech.
type Spoken struct {
	WAV      []byte // RIFF, PCM
	Duration time.Duration
	Natural  time.Duration // the length the engine would have chosen
	Phonemes []Phoneme     // empty where the engine cannot tell
}

// Speaker synthesizes speech.
type Speaker interface {
	Speak(ctx context.Context, r SpeakRequest) (Spoken, error)
}

// LipSyncRequest asks to move the mouth in one shot.
type LipSyncRequest struct {
	Model    string
	Path     string    // video of one shot
	Phonemes []Phoneme // times in the shot; none means a closed mouth
	Out      string    // where the video is written, complete or not at all
	Key      string    // idempotency key
}

// LipSyncReport is what an engine measured on the frames it made.
type LipSyncReport struct {
	Frames           int   `json:"frames"`
	FaceFrames       int   `json:"face_frames"` // 0: no face, the shot is unchanged
	ChangedFrames    int   `json:"changed_frames"`
	Closures         int   `json:"closures"`     // phonemes p, b, m on frames with a face
	ClosuresHit      int   `json:"closures_hit"` // of those, lips met within one frame
	OutsideIdentical bool  `json:"outside_identical"`
	Grade            Grade `json:"grade"`
}

// LipSyncer moves mouths.
type LipSyncer interface {
	LipSync(ctx context.Context, r LipSyncRequest) (LipSyncReport, error)
}
