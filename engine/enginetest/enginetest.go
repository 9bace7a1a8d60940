// Package enginetest is the conformance suite of engine adapters and of the
// servers behind them: what the product relies on, whatever the engine.
package enginetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

// Samples are the material that an engine is tried with. The parts of a
// capability that the engine does not list are not used.
type Samples struct {
	Speech   string // path of a WAV in which people speak, 16 kHz mono
	Language string // of Speech, BCP 47
	Says     string // what is said in Speech
	// WordErrors is the share of words of Says that may be recognised wrongly:
	// missing, put in or changed.
	WordErrors float64
	Silence    string // path of a WAV in which nobody speaks, 16 kHz mono

	From, To string   // languages to translate between
	Lines    []string // in From, at least two and none empty

	SpeakLanguage string // language with a voice
	SpeakText     string // about 3 s when spoken
	// Frame is within what a wished duration must be met by an engine with exact
	// control.
	Frame time.Duration

	Shot string // path of a video of one shot
}

// patience is how long a call may go on after its context has ended.
const patience = 5 * time.Second

// suite is one run of the tests.
type suite struct {
	open   func(*testing.T) engine.Engine
	models map[engine.Capability]engine.Model
	s      Samples
}

// Run holds the engines that open makes to the promises of package engine. Each
// test opens an engine of its own. An engine must have at least one capability;
// every one it lists is tried, by the first model that has it.
func Run(t *testing.T, open func(*testing.T) engine.Engine, s Samples) {
	t.Helper()
	u := suite{open, map[engine.Capability]engine.Model{}, s}
	t.Run("models are described", u.described)
	require.NotEmpty(t, u.models, "the engine lists no model")

	tests := []struct {
		name string
		can  engine.Capability
		run  func(*testing.T, engine.Engine, engine.Model)
	}{
		{"regions are in order", engine.CanFindSpeech, u.regions},
		{"silence has no regions", engine.CanFindSpeech, u.noRegions},
		{"speech is recognised", engine.CanTranscribe, u.words},
		{"silence has no words", engine.CanTranscribe, u.noWords},
		{"each line is translated once", engine.CanTranslate, u.lines},
		{"odd lines are translated", engine.CanTranslate, u.oddLines},
		{"an unknown language is missing", engine.CanTranslate, u.unknownLanguage},
		{"speech has its natural length", engine.CanSpeak, u.naturalSpeech},
		{"speech has the wished length", engine.CanSpeak, u.wishedSpeech},
		{"an unknown voice is missing", engine.CanSpeak, u.unknownVoice},
		{"empty text is invalid", engine.CanSpeak, u.emptyText},
		{"the picture is made", engine.CanLipSync, u.picture},
		{"a file that is no video is invalid", engine.CanLipSync, u.noVideo},
	}
	for _, test := range tests {
		if model, ok := u.models[test.can]; ok {
			t.Run(test.name, func(t *testing.T) { test.run(t, open(t), model) })
		}
	}
	for can, model := range u.models {
		t.Run("an unknown model is missing: "+string(can), func(t *testing.T) {
			model := model
			model.ID = "no-such-model"
			require.Equal(t, fault.Missing, fault.Of(u.ask(t.Context(), t, open(t), model)))
		})
		t.Run("an ended context ends the call: "+string(can), func(t *testing.T) { u.cancelled(t, open(t), model) })
		t.Run("four callers at once: "+string(can), func(t *testing.T) { u.together(t, open(t), model) })
	}
}

func (u suite) described(t *testing.T) {
	models, err := u.open(t).Models(t.Context())
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, m := range models {
		require.NotEmpty(t, m.ID)
		require.False(t, ids[m.ID], "%s is listed twice", m.ID)
		ids[m.ID] = true
		require.Contains(t, []engine.Capability{engine.CanFindSpeech, engine.CanTranscribe, engine.CanTranslate, engine.CanSpeak, engine.CanLipSync}, m.Capability, m.ID)
		require.Contains(t, []engine.Grade{engine.Production, engine.Draft, engine.Preview}, m.Grade, m.ID)
		require.NotEmpty(t, m.Version, "%s: equal fingerprints must mean equal results", m.ID)
		require.NotEmpty(t, m.License, "%s: a licence is checked before use", m.ID)
		if m.Capability == engine.CanSpeak {
			require.NotEmpty(t, m.Voices, m.ID)
			require.Contains(t, []string{"exact", "factor", "speed", "none"}, m.DurationControl, m.ID)
		}
		if m.Capability == engine.CanTranslate {
			for _, pair := range m.Languages {
				require.Contains(t, pair, ">", m.ID)
			}
		}
		if _, ok := u.models[m.Capability]; !ok && u.suits(m) {
			u.models[m.Capability] = m
		}
	}
}

// suits reports whether the samples can try a model.
func (u suite) suits(m engine.Model) bool {
	switch m.Capability {
	case engine.CanTranslate:
		return slices.Contains(m.Languages, u.s.From+">"+u.s.To)
	case engine.CanSpeak:
		return voice(m, u.s.SpeakLanguage) != ""
	default:
		return true
	}
}

// voice is the first voice of a language, "" for none.
func voice(m engine.Model, language string) string {
	for _, v := range m.Voices {
		if v.Language == language {
			return v.ID
		}
	}
	return ""
}

// ask makes one plain call of the model's capability.
func (u suite) ask(ctx context.Context, t *testing.T, e engine.Engine, m engine.Model) error {
	t.Helper()
	var err error
	switch m.Capability {
	case engine.CanFindSpeech:
		_, err = e.FindSpeech(ctx, m.ID, u.s.Speech)
	case engine.CanTranscribe:
		_, err = e.Transcribe(ctx, engine.TranscribeRequest{Model: m.ID, Path: u.s.Speech, Language: u.s.Language})
	case engine.CanTranslate:
		_, err = e.Translate(ctx, u.translation(m))
	case engine.CanSpeak:
		_, err = e.Speak(ctx, u.speech(m, 0))
	case engine.CanLipSync:
		_, err = e.LipSync(ctx, u.shot(t, m))
	}
	return err
}

func (u suite) cancelled(t *testing.T, e engine.Engine, m engine.Model) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := time.Now()

	err := u.ask(ctx, t, e, m)

	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(before), patience)
}

func (u suite) together(t *testing.T, e engine.Engine, m engine.Model) {
	t.Helper()
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() { errs <- u.ask(t.Context(), t, e, m) }()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			require.Equal(t, fault.Busy, fault.Of(err), "a server may ask to wait, nothing else: %v", err)
		}
	}
}

// normal is text as words in lower case without punctuation.
func normal(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
}

// distance is the least number of words to put in, take out or change to make b
// of a.
func distance(a, b []string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, word := range a {
		corner := row[0]
		row[0] = i + 1
		for j := range b {
			cost := corner
			if word != b[j] {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}
