package contract

import (
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// Ingested is the document of StageIngest: the master and what was taken from it.
type Ingested struct {
	Name         string      `json:"name"` // of the file, without its folder
	Cut          script.Cut  `json:"cut"`
	Master       script.Blob `json:"master"`
	Original     script.Blob `json:"original"` // programme audio, 48 kHz WAV, sample-exact to the picture
	Speech       script.Blob `json:"speech"`   // the same as recognisers want it, 16 kHz mono WAV
	MusicEffects script.Blob `json:"musicEffects,omitzero"`
	Width        int         `json:"width"`
	Height       int         `json:"height"`
	LUFS         float64     `json:"lufs"` // integrated loudness of Original; -70 where silent
}

// Shots is the document of StageShots: the frames at which a shot starts,
// always with frame 0.
type Shots struct {
	Starts []int64 `json:"starts"`
	Frames int64   `json:"frames"`
}

// SpeechRegions is the document of StageSpeech.
type SpeechRegions struct {
	Language string         `json:"language"` // of the programme, BCP 47; "" where there is no speech
	Regions  []SpeechRegion `json:"regions"`
}

// SpeechRegion is a stretch of speech.
type SpeechRegion struct {
	Start       time.Duration `json:"start"`
	End         time.Duration `json:"end"`
	Language    string        `json:"language"`
	Probability float64       `json:"probability"`
}

// LanguagePlan is the document of StagePlan: which models do the work.
type LanguagePlan struct {
	From      string  `json:"from"`
	To        string  `json:"to"`
	Translate Model   `json:"translate"`
	Speak     Model   `json:"speak,omitzero"`
	Hear      Model   `json:"hear,omitzero"` // listens to the dub
	LipSync   Model   `json:"lipSync,omitzero"`
	Voices    []Voice `json:"voices,omitempty"` // of Speak, in language To
}

// Voice is one voice of a speech model.
type Voice struct {
	ID     string `json:"id"`
	Gender string `json:"gender"`
}

// Premix is the document of StagePremix: dialogue over a guide bed, before the
// mix and the picture are paid for.
type Premix struct {
	Takes    script.Blob `json:"takes"`    // the script.Takes it plays
	Script   script.Blob `json:"script"`   // the script.DubScript they were made for
	Dialogue script.Blob `json:"dialogue"` // 48 kHz mono WAV, sample-exact
	Bed      script.Blob `json:"bed"`      // M&E as supplied, or the ducked original
	BedKind  string      `json:"bedKind"`  // "supplied M&E" or "ducked original"
	Guide    script.Blob `json:"guide"`    // both together, for listening
}

// Mix is the document of StageMix.
type Mix struct {
	Takes    script.Blob `json:"takes"`
	Mix      script.Blob `json:"mix"`
	Dialogue script.Blob `json:"dialogue"`
	Bed      script.Blob `json:"bed"`
	BedKind  string      `json:"bedKind"`
	LUFS     float64     `json:"lufs"`
	PeakDBTP float64     `json:"peakDbtp"`
	GainDB   float64     `json:"gainDb"` // applied to the dialogue
}

// Picture is the document of StagePicture: the lip-synced rendition.
type Picture struct {
	Video            script.Blob      `json:"video"` // H.264, no audio
	Grade            string           `json:"grade"`
	Shots            int              `json:"shots"` // sent to the engine
	FaceFrames       int              `json:"faceFrames"`
	ChangedFrames    int              `json:"changedFrames"`
	Closures         int              `json:"closures"`    // phonemes p, b, m on frames with a face
	ClosuresHit      int              `json:"closuresHit"` // of those, lips met within one frame
	OutsideIdentical bool             `json:"outsideIdentical"`
	Missing          []script.Failure `json:"missing,omitempty"` // shots that should have been moved and were not
}

// Master is the document of StageMaster: what the final gate decides on.
type Master struct {
	Mix     script.Blob `json:"mix"`              // a Mix
	Heard   script.Blob `json:"heard"`            // a qa.Report
	Picture script.Blob `json:"picture,omitzero"` // a Picture
}

// Manifest is the document of StagePackage: every delivered file and every
// label that belongs to it.
type Manifest struct {
	Format    string         `json:"format"` // "babelreel-manifest/1"
	Job       string         `json:"job"`
	Title     string         `json:"title"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	Cut       script.Cut     `json:"cut"`
	Files     []Delivered    `json:"files"`
	Labels    []string       `json:"labels"`
	Models    []Model        `json:"models"`
	Approvals []ApprovalNote `json:"approvals"`
}

// Delivered is one file of a delivery.
type Delivered struct {
	Name string      `json:"name"` // relative, no folder
	Role string      `json:"role"` // such as "dubbed programme" or "subtitles"
	Blob script.Blob `json:"blob"`
}

// ApprovalNote is one approval as the manifest tells it.
type ApprovalNote struct {
	Gate     string `json:"gate"`
	Revision string `json:"revision"`
	By       string `json:"by"`
	Identity string `json:"identity"` // "unverified" unless a signed statement proved it
	At       string `json:"at"`       // RFC 3339
	Comment  string `json:"comment,omitempty"`
}
