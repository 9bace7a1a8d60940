package simengine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/simengine"
)

func start(tb testing.TB, opts simengine.Options) (*simengine.Server, *openai.Client) {
	tb.Helper()
	server, err := simengine.New(opts)
	require.NoError(tb, err)
	tb.Cleanup(server.Close)
	return server, openai.New(server.URL, opts.Token)
}

func save(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	require.NoError(tb, os.WriteFile(path, content, 0o600))
	return path
}

// ffmpeg makes a file of in by the given options.
func ffmpeg(t *testing.T, in, ext string, options ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out."+ext)
	args := append([]string{"-v", "error", "-nostdin", "-i", in}, options...)
	var why bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append(args, out)...)
	cmd.Stderr = &why
	require.NoError(t, cmd.Run(), why.String())
	return out
}

var dialogue = []simengine.Line{
	{At: 500 * time.Millisecond, Text: "Where were you last night?", Language: "en", Voice: "en-f1"},
	{At: 3 * time.Second, Text: "Out.", Language: "en", Voice: "en-m1"},
	{At: 3450 * time.Millisecond, Text: "Out.", Language: "en", Voice: "en-m1"},
	{At: 4 * time.Second, Text: "I waited until three o'clock in the morning, Daniel.", Language: "en", Voice: "en-f1"},
}

// What a mix does to a line must not keep it from being heard, nor move it.
func TestHearsThroughAMix(t *testing.T) {
	server, client := start(t, simengine.Options{})
	recording, err := server.Record(9*time.Second, dialogue...)
	require.NoError(t, err)
	wav := save(t, "dialogue.wav", recording)

	tests := map[string]struct {
		ext     string
		options []string
		factor  float64 // of time
	}{
		"as it is":             {"wav", nil, 1},
		"at 16 kHz, quieter":   {"wav", []string{"-af", "volume=-18dB", "-ar", "16000"}, 1},
		"at 48 kHz in stereo":  {"wav", []string{"-ar", "48000", "-ac", "2"}, 1},
		"after AAC":            {"m4a", []string{"-c:a", "aac", "-b:a", "96k", "-ar", "48000"}, 1},
		"over soft noise":      {"wav", []string{"-filter_complex", "anoisesrc=c=pink:a=0.01:d=9:seed=3:r=24000[n];[0:a][n]amix=normalize=0"}, 1},
		"levelled":             {"wav", []string{"-af", "loudnorm=I=-27", "-ar", "48000"}, 1},
		"stretched by a fifth": {"wav", []string{"-af", "rubberband=tempo=0.8333333:pitchq=quality"}, 1.2},
		"squeezed by a fifth":  {"wav", []string{"-af", "rubberband=tempo=1.25:pitchq=quality"}, 0.8},
		"slowed by atempo":     {"wav", []string{"-af", "atempo=0.9"}, 1 / 0.9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			mixed := ffmpeg(t, ffmpeg(t, wav, tt.ext, tt.options...), "wav", "-c:a", "pcm_s16le")

			got, err := client.Transcribe(t.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: mixed})

			require.NoError(t, err)
			require.Equal(t, "en", got.Language)
			var text []string
			for i, s := range got.Segments {
				text = append(text, s.Text)
				if i < len(dialogue) {
					at := time.Duration(float64(dialogue[i].At) * tt.factor)
					require.InDelta(t, (at + 60*time.Millisecond).Seconds(), s.Start.Seconds(), 0.08, s.Text)
				}
			}
			require.Equal(t, []string{dialogue[0].Text, "Out.", "Out.", dialogue[3].Text}, text)
			require.Equal(t, "S1", got.Words[0].Speaker)
			require.Equal(t, "S2", got.Words[5].Speaker)
		})
	}
}

func TestAMissingLineIsNotHeard(t *testing.T) {
	server, client := start(t, simengine.Options{})
	_, err := server.Record(9*time.Second, dialogue...) // all lines are known
	require.NoError(t, err)
	recording, err := server.Record(9*time.Second, dialogue[0], dialogue[3])
	require.NoError(t, err)

	got, err := client.Transcribe(t.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: save(t, "a.wav", recording)})

	require.NoError(t, err)
	require.Len(t, got.Segments, 2)
	require.Len(t, got.Words, 5+9)
}

func TestHearsNothingInNoiseAndSilence(t *testing.T) {
	server, client := start(t, simengine.Options{})
	_, err := server.Record(time.Second, dialogue...)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]float64, 10*24_000)
	for i := range noise {
		noise[i] = random.Float64()*0.4 - 0.2
	}
	server.SetTranscript("", engine.Transcript{Language: "en", Words: []engine.Word{{Text: "invented", End: time.Second}}})

	for name, samples := range map[string][]float64{"noise": noise, "silence": make([]float64, 24_000)} {
		path := save(t, name+".wav", simengine.Encode(samples, 24_000))
		regions, err := client.FindSpeech(t.Context(), "sim-regions", path)
		require.NoError(t, err)
		got, err := client.Transcribe(t.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: path})
		require.NoError(t, err)

		require.Empty(t, regions, name)
		require.Equal(t, name == "noise", len(got.Words) == 1, "a set transcript is for what sounds")
	}
}

func TestLinesOutliveTheProcess(t *testing.T) {
	lines := filepath.Join(t.TempDir(), "lines.jsonl")
	first, client := start(t, simengine.Options{Lines: lines})
	spoken, err := client.Speak(t.Context(), engine.SpeakRequest{Model: "sim-tts", Voice: "pt-BR-f1", Language: "pt-BR", Text: "Não sei, Ana."})
	require.NoError(t, err)
	first.Close()

	_, client = start(t, simengine.Options{Lines: lines})
	got, err := client.Transcribe(t.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: save(t, "a.wav", spoken.WAV)})

	require.NoError(t, err)
	require.Equal(t, "pt-BR", got.Language)
	require.Equal(t, "Não sei, Ana.", strings.Join([]string{got.Words[0].Text, got.Words[1].Text, got.Words[2].Text}, " "))
}

func BenchmarkHear(b *testing.B) {
	server, client := start(b, simengine.Options{})
	recording, err := server.Record(60*time.Second, dialogue...)
	require.NoError(b, err)
	path := save(b, "a.wav", recording)
	for b.Loop() {
		got, err := client.Transcribe(b.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: path})
		require.NoError(b, err)
		require.Len(b, got.Segments, 4)
	}
}

func sha(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
