package enginetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

func (u suite) regions(t *testing.T, e engine.Engine, m engine.Model) {
	got, err := e.FindSpeech(t.Context(), m.ID, u.s.Speech)

	require.NoError(t, err)
	require.NotEmpty(t, got, "somebody speaks")
	var last time.Duration
	for i, r := range got {
		require.GreaterOrEqual(t, r.Start, last, "region %d", i)
		require.Greater(t, r.End, r.Start, "region %d", i)
		require.True(t, r.Language != "" || r.Probability == 0, "region %d: a probability of no language", i)
		last = r.End
	}
	require.LessOrEqual(t, last, length(t, u.s.Speech)+time.Second)
}

func (u suite) noRegions(t *testing.T, e engine.Engine, m engine.Model) {
	got, err := e.FindSpeech(t.Context(), m.ID, u.s.Silence)
	require.NoError(t, err)
	require.Empty(t, got)
}

func (u suite) words(t *testing.T, e engine.Engine, m engine.Model) {
	got, err := e.Transcribe(t.Context(), engine.TranscribeRequest{Model: m.ID, Path: u.s.Speech, Key: "suite-transcribe"})

	require.NoError(t, err)
	require.Equal(t, u.s.Language, got.Language, "detected")
	require.InDelta(t, length(t, u.s.Speech).Seconds(), got.Duration.Seconds(), 0.1)
	var segments []string
	for _, s := range got.Segments {
		segments = append(segments, s.Text)
	}
	want, heard := normal(u.s.Says), normal(strings.Join(segments, " "))
	require.LessOrEqual(t, float64(distance(want, heard)), u.s.WordErrors*float64(len(want)), "heard %q", heard)

	var words []string
	for i, w := range got.Words {
		words = append(words, w.Text)
		require.Equal(t, strings.TrimSpace(w.Text), w.Text, "word %d", i)
		require.LessOrEqual(t, w.Start, w.End, "word %d", i)
		require.True(t, i == 0 || w.Start >= got.Words[i-1].Start, "word %d starts before the one before it", i)
		require.True(t, w.Probability >= 0 && w.Probability <= 1, "word %d", i)
	}
	if len(words) > 0 {
		require.Equal(t, heard, normal(strings.Join(words, " ")), "the words are those of the text")
	}
}

func (u suite) noWords(t *testing.T, e engine.Engine, m engine.Model) {
	got, err := e.Transcribe(t.Context(), engine.TranscribeRequest{Model: m.ID, Path: u.s.Silence})
	require.NoError(t, err)
	require.Empty(t, got.Words)
	require.Empty(t, got.Segments)
}

func (u suite) translation(m engine.Model) engine.TranslateRequest {
	r := engine.TranslateRequest{Model: m.ID, From: u.s.From, To: u.s.To}
	for i, text := range u.s.Lines {
		r.Lines = append(r.Lines, engine.TranslateLine{ID: fmt.Sprintf("e%d", len(u.s.Lines)-i), Text: text})
	}
	return r
}

func (u suite) lines(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.translation(m)
	require.GreaterOrEqual(t, len(r.Lines), 2, "the samples need two lines")

	got, err := e.Translate(t.Context(), r)
	require.NoError(t, err)
	require.Len(t, got, len(r.Lines))
	for _, line := range r.Lines {
		require.NotEmpty(t, strings.TrimSpace(got[line.ID]), line.ID)
		require.NotEqual(t, line.Text, got[line.ID], "%s came back as it went", line.ID)
	}

	// A line means the same beside others and alone, so no two were mixed up. A
	// model may word it another way, but not as another line.
	for _, line := range r.Lines[:2] {
		one := r
		one.Lines = []engine.TranslateLine{line}
		alone, err := e.Translate(t.Context(), one)
		require.NoError(t, err)
		for _, other := range r.Lines {
			require.LessOrEqual(t,
				distance(normal(alone[line.ID]), normal(got[line.ID])), distance(normal(alone[line.ID]), normal(got[other.ID])),
				"%s reads more like %s", line.ID, other.ID)
		}
	}
}

func (u suite) oddLines(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.translation(m)
	r.Lines = []engine.TranslateLine{
		{ID: "a", Text: `He said: "{\"id\":\"b\"}" </s>`}, {ID: "b", Text: "No."}, {ID: "c", Text: "Two\nlines, 42 % of them."}, {ID: "d", Text: "- ... -"},
	}

	got, err := e.Translate(t.Context(), r)

	require.NoError(t, err)
	require.Len(t, got, len(r.Lines))
	require.Contains(t, got["c"], "42")
}

func (u suite) unknownLanguage(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.translation(m)
	r.To = "tlh" // Klingon
	_, err := e.Translate(t.Context(), r)
	require.Equal(t, fault.Missing, fault.Of(err))
}

func (u suite) speech(m engine.Model, wished time.Duration) engine.SpeakRequest {
	return engine.SpeakRequest{Model: m.ID, Voice: voice(m, u.s.SpeakLanguage), Language: u.s.SpeakLanguage, Text: u.s.SpeakText, Duration: wished}
}

func (u suite) naturalSpeech(t *testing.T, e engine.Engine, m engine.Model) {
	got, err := e.Speak(t.Context(), u.speech(m, 0))

	require.NoError(t, err)
	sound(t, got)
	require.InDelta(t, got.Natural.Seconds(), got.Duration.Seconds(), 0.1)
	require.Greater(t, got.Duration, time.Second, "the samples speak for about 3 s")
}

func (u suite) wishedSpeech(t *testing.T, e engine.Engine, m engine.Model) {
	natural, err := e.Speak(t.Context(), u.speech(m, 0))
	require.NoError(t, err)
	for _, factor := range []float64{0.9, 1.15} {
		wished := time.Duration(float64(natural.Duration) * factor)

		got, err := e.Speak(t.Context(), u.speech(m, wished))

		require.NoError(t, err)
		sound(t, got)
		switch m.DurationControl {
		case "exact":
			require.InDelta(t, wished.Seconds(), got.Duration.Seconds(), u.s.Frame.Seconds())
		case "factor", "speed":
			require.InDelta(t, wished.Seconds(), got.Duration.Seconds(), 0.15*wished.Seconds())
		}
	}
}

// sound checks a spoken line: its length is that of its audio, it is not silent,
// and its phonemes are in order and within it.
func sound(t *testing.T, s engine.Spoken) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "line.wav")
	require.NoError(t, os.WriteFile(path, s.WAV, 0o600))
	require.InDelta(t, length(t, path).Seconds(), s.Duration.Seconds(), 0.001)
	require.NotEmpty(t, bytes.Trim(s.WAV[len(s.WAV)/4:], "\x00"), "silence")
	var last time.Duration
	for i, p := range s.Phonemes {
		require.NotEmpty(t, p.Symbol, "phoneme %d", i)
		require.GreaterOrEqual(t, p.Start, last, "phoneme %d", i)
		require.GreaterOrEqual(t, p.End, p.Start, "phoneme %d", i)
		last = p.Start
	}
	require.LessOrEqual(t, last, s.Duration)
}

func (u suite) unknownVoice(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.speech(m, 0)
	r.Voice = "no-such-voice"
	_, err := e.Speak(t.Context(), r)
	require.Equal(t, fault.Missing, fault.Of(err))
}

func (u suite) emptyText(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.speech(m, 0)
	r.Text = " \n"
	_, err := e.Speak(t.Context(), r)
	require.Equal(t, fault.Invalid, fault.Of(err))
}

func (u suite) shot(t *testing.T, m engine.Model) engine.LipSyncRequest {
	t.Helper()
	return engine.LipSyncRequest{
		Model: m.ID, Path: u.s.Shot, Out: filepath.Join(t.TempDir(), "out.mkv"),
		Phonemes: []engine.Phoneme{{Symbol: "m", Start: 100 * time.Millisecond, End: 200 * time.Millisecond}, {Symbol: "a", Start: 200 * time.Millisecond, End: 400 * time.Millisecond}},
	}
}

func (u suite) picture(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.shot(t, m)

	got, err := e.LipSync(t.Context(), r)

	require.NoError(t, err)
	require.Positive(t, got.Frames)
	require.LessOrEqual(t, got.ChangedFrames, got.FaceFrames)
	require.LessOrEqual(t, got.FaceFrames, got.Frames)
	require.True(t, got.OutsideIdentical, "pixels away from the mouth were changed")
	require.Equal(t, m.Grade, got.Grade)
	info, err := os.Stat(r.Out)
	require.NoError(t, err)
	require.Positive(t, info.Size())
}

func (u suite) noVideo(t *testing.T, e engine.Engine, m engine.Model) {
	r := u.shot(t, m)
	r.Path = filepath.Join(t.TempDir(), "notes.mp4")
	require.NoError(t, os.WriteFile(r.Path, []byte("these are notes"), 0o600))

	_, err := e.LipSync(t.Context(), r)

	require.Equal(t, fault.Invalid, fault.Of(err))
	left, err := os.ReadDir(filepath.Dir(r.Out))
	require.NoError(t, err)
	require.Empty(t, left, "half a file")
}

// length is how long a 16-bit PCM WAV runs.
func length(t *testing.T, path string) time.Duration {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, len(b) > 44 && string(b[:4]) == "RIFF" && string(b[8:16]) == "WAVEfmt ", "%s is not a WAV", filepath.Base(path))
	perSecond := int64(binary.LittleEndian.Uint32(b[28:]))
	at := bytes.Index(b, []byte("data"))
	require.True(t, at > 0 && perSecond > 0)
	size := int64(binary.LittleEndian.Uint32(b[at+4:]))
	require.LessOrEqual(t, size, int64(len(b)-at-8), "cut off")
	return time.Duration(size) * time.Second / time.Duration(perSecond)
}
