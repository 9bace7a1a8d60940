package simengine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/babelreel/babelreel/engine"
)

// SetTranscript is what is recognised in the file with the hash sha, in place of
// what it sounds like. With an empty sha it is what is recognised in every file
// that sounds, but not of the simulator's own lines.
func (s *Server) SetTranscript(sha string, t engine.Transcript) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sha == "" {
		s.unknown = &t
		return
	}
	s.transcripts[sha] = t
}

func (s *Server) putTranscript(w http.ResponseWriter, r *http.Request) {
	var t engine.Transcript
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
		write(w, fail(http.StatusBadRequest, "invalid_request", err.Error()))
		return
	}
	s.SetTranscript(r.URL.Query().Get("sha"), t)
	write(w, jsonAnswer(map[string]any{"ok": true}))
}

// recognised is the transcript of an uploaded WAV.
func (s *Server) recognised(r *http.Request, can engine.Capability) (engine.Transcript, *answer) {
	refuse := func(status int, code, message string) (engine.Transcript, *answer) {
		a := fail(status, code, message)
		return engine.Transcript{}, &a
	}
	if err := r.ParseMultipartForm(32 << 20); err != nil { //nolint:gosec // serve has bounded the body
		return refuse(http.StatusBadRequest, "invalid_request", "the body is not a form")
	}
	if _, ok := s.model(r.FormValue("model"), can); !ok {
		return refuse(http.StatusNotFound, "model_not_found", "there is no such model of "+string(can))
	}
	f, _, err := r.FormFile("file")
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid_request", "the form has no file")
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid_request", "the file cannot be read")
	}
	samples, rate, err := decode(content)
	if err != nil {
		return refuse(http.StatusUnprocessableEntity, "invalid_audio", err.Error())
	}
	sum := sha256.Sum256(content)
	length := time.Duration(float64(len(samples)) / float64(rate) * float64(time.Second))

	s.mu.Lock()
	given, ok := s.transcripts[hex.EncodeToString(sum[:])]
	unknown := s.unknown
	s.mu.Unlock()
	if !ok {
		heard, loud := hear(resample(samples, rate, hearRate), s.lookUp)
		if given = transcript(heard); len(heard) == 0 && loud && unknown != nil {
			given = *unknown
		}
	}
	given.Duration = length
	return given, nil
}

func (s *Server) lookUp(number uint32) (line, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lines[number]
	return l, ok
}

// transcript writes down what was heard: a segment for each line, its words
// after one another, each as long as its letters.
func transcript(heard []utterance) engine.Transcript {
	var t engine.Transcript
	speakers := map[string]string{}
	for _, u := range heard {
		if t.Language == "" {
			t.Language = u.Language
		}
		if speakers[u.Voice] == "" {
			speakers[u.Voice] = fmt.Sprintf("S%d", len(speakers)+1)
		}
		t.Segments = append(t.Segments, engine.Segment{Start: u.start, End: u.end, Text: u.Text, NoSpeech: 0.01})
		words := strings.Fields(u.Text)
		total := time.Duration(utf8.RuneCountInString(strings.Join(words, "")))
		var done time.Duration
		for _, w := range words {
			start := u.start + (u.end-u.start)*done/total
			done += time.Duration(utf8.RuneCountInString(w))
			end := u.start + (u.end-u.start)*done/total
			t.Words = append(t.Words, engine.Word{Text: w, Start: start, End: end, Probability: 0.98, Speaker: speakers[u.Voice]})
		}
	}
	return t
}

// transcribe answers /v1/audio/transcriptions.
func (s *Server) transcribe(r *http.Request) (answer, Units) {
	t, refused := s.recognised(r, engine.CanTranscribe)
	if refused != nil {
		return *refused, Units{}
	}
	segments, words := []map[string]any{}, []map[string]any{}
	var text []string
	for i, g := range t.Segments {
		text = append(text, g.Text)
		segments = append(segments, map[string]any{
			"id": i, "start": g.Start.Seconds(), "end": g.End.Seconds(), "text": g.Text, "avg_logprob": -0.1, "no_speech_prob": g.NoSpeech, "compression_ratio": 1.2,
		})
	}
	for _, w := range t.Words {
		speaker := w.Speaker
		if r.FormValue("diarize") != "true" {
			speaker = ""
		}
		words = append(words, map[string]any{"word": w.Text, "start": w.Start.Seconds(), "end": w.End.Seconds(), "probability": w.Probability, "speaker": speaker})
	}
	return jsonAnswer(map[string]any{
		"task": "transcribe", "language": t.Language, "duration": t.Duration.Seconds(), "text": strings.Join(text, " "), "segments": segments, "words": words,
	}), Units{Lines: len(segments), Seconds: t.Duration.Seconds()}
}

// findSpeech answers /v1/audio/speech-regions: each segment is a region, those
// that touch are one.
func (s *Server) findSpeech(r *http.Request) (answer, Units) {
	t, refused := s.recognised(r, engine.CanFindSpeech)
	if refused != nil {
		return *refused, Units{}
	}
	type region struct {
		Start       float64 `json:"start"`
		End         float64 `json:"end"`
		Language    string  `json:"language"`
		Probability float64 `json:"probability"`
	}
	regions := []region{}
	for _, g := range t.Segments {
		start, end := g.Start.Seconds(), g.End.Seconds()
		if n := len(regions) - 1; n >= 0 && start <= regions[n].End {
			regions[n].End = max(regions[n].End, end)
			continue
		}
		if end > start {
			regions = append(regions, region{start, end, t.Language, 0.99})
		}
	}
	return jsonAnswer(map[string]any{"duration": t.Duration.Seconds(), "regions": regions}), Units{Seconds: t.Duration.Seconds()}
}
