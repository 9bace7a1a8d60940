package enginetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/enginetest"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/simengine"
)

// ffmpeg makes a file in dir.
func ffmpeg(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	out := filepath.Join(dir, name)
	log, err := exec.CommandContext(t.Context(), "ffmpeg", append(append([]string{"-v", "error", "-nostdin"}, args...), out)...).CombinedOutput()
	require.NoError(t, err, string(log))
	return out
}

// The simulator, through the adapter, is an engine.
func TestSimulator(t *testing.T) {
	server, err := simengine.New(simengine.Options{Token: "secret"})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	const says = "The train to Lisbon leaves at seven."
	recording, err := server.Record(4*time.Second, simengine.Line{At: time.Second, Text: says, Language: "en", Voice: "en-f1"})
	require.NoError(t, err)
	dir := t.TempDir()
	raw := filepath.Join(dir, "raw.wav")
	require.NoError(t, os.WriteFile(raw, recording, 0o600))

	enginetest.Run(t, func(*testing.T) engine.Engine { return openai.New(server.URL+"/v1/", "secret") }, enginetest.Samples{
		Speech:        ffmpeg(t, dir, "speech.wav", "-i", raw, "-ar", "16000", "-fflags", "+bitexact"),
		Language:      "en",
		Says:          says,
		Silence:       ffmpeg(t, dir, "silence.wav", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "2", "-fflags", "+bitexact"),
		From:          "en",
		To:            "pt-BR",
		Lines:         []string{"Where were you last night?", "I waited until three, Daniel.", "Nobody told me anything about that."},
		SpeakLanguage: "pt-BR",
		SpeakText:     "Ninguém me contou nada sobre isso ontem.",
		Frame:         time.Millisecond,
		Shot:          ffmpeg(t, dir, "shot.mp4", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1"),
	})

	calls := server.Calls()
	for _, can := range []engine.Capability{engine.CanFindSpeech, engine.CanTranscribe, engine.CanTranslate, engine.CanSpeak, engine.CanLipSync} {
		require.Positive(t, calls.Served[can], "the suite tried %s", can)
	}
}
