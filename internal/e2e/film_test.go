//go:build e2e

package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/media"
)

// simLines are the lines of the film that the simulator hears.
var simLines = []string{
	"Good morning and welcome to the observatory.",
	"Tonight we look at 3 small planets.",
	"The first one is made of ice.",
	"Nobody has ever walked on it.",
	"The second one has 12 moons.",
	"We will count them together.",
}

// simFilm makes a film of simLines as the simulator speaks them, one every
// three seconds, over moving test pictures with a cut in the middle.
func simFilm(tb testing.TB, e engine.Engine, lines []string) string {
	tb.Helper()
	dir := tb.TempDir()
	tools, err := media.Find()
	require.NoError(tb, err)
	models, err := e.Models(tb.Context())
	require.NoError(tb, err)
	var model engine.Model
	for _, m := range models {
		if m.Capability == engine.CanSpeak {
			model = m
		}
	}
	voice := ""
	for _, v := range model.Voices {
		if v.Language[:2] == "en" {
			voice = v.ID
			break
		}
	}
	var places []media.Placement
	for i, line := range lines {
		spoken, err := e.Speak(tb.Context(), engine.SpeakRequest{Model: model.ID, Voice: voice, Language: "en", Text: line})
		require.NoError(tb, err)
		path := filepath.Join(dir, fmt.Sprintf("%d.wav", i))
		require.NoError(tb, os.WriteFile(path, spoken.WAV, 0o600))
		places = append(places, media.Placement{Path: path, Start: 500*time.Millisecond + time.Duration(i)*4*time.Second})
	}
	seconds := 4*len(lines) + 1
	stem := filepath.Join(dir, "stem.wav")
	_, err = tools.PlaceLines(tb.Context(), places, int64(seconds)*48000, stem)
	require.NoError(tb, err)
	film := filepath.Join(dir, "film.mp4")
	graph := fmt.Sprintf("color=c=navy:s=320x180:r=25:d=%d[a];color=c=orange:s=320x180:r=25:d=%d[b];[a][b]concat=n=2:v=1[v]", seconds/2, seconds-seconds/2)
	run(tb, "ffmpeg", "-v", "error", "-i", stem, "-filter_complex", graph, "-map", "[v]", "-map", "0:a",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k", "-metadata:s:a:0", "language=eng", film)
	return film
}

// run runs a tool that must succeed and returns what it printed.
func run(tb testing.TB, name string, args ...string) string {
	tb.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(tb, err, "%s %v: %s", name, args, out)
	return string(out)
}
