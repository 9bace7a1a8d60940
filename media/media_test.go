package media_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/media/wav"
)

// find is the tools of this machine. They are needed: a test without them fails.
func find(tb testing.TB) *media.Tools {
	tb.Helper()
	tools, err := media.Find()
	require.NoError(tb, err)
	return tools
}

// film makes a file by ffmpeg's own test sources and returns its path.
func film(tb testing.TB, name string, args ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	cmd := exec.Command("ffmpeg", append(append([]string{"-v", "error", "-y"}, args...), path)...)
	out, err := cmd.CombinedOutput()
	require.NoError(tb, err, string(out))
	return path
}

// The sources that films are made of.
var (
	bars  = []string{"-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"}
	tone  = []string{"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"}
	small = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"}
)

func args(parts ...any) []string {
	var all []string
	for _, p := range parts {
		switch p := p.(type) {
		case []string:
			all = append(all, p...)
		case string:
			all = append(all, strings.Fields(p)...)
		}
	}
	return all
}

// save writes samples as 32-bit float working sound and returns the path.
func save(tb testing.TB, name string, channels int, samples []float32) string {
	tb.Helper()
	return saveAs(tb, name, wav.Format{Rate: media.Rate, Channels: channels, Encoding: wav.F32}, samples)
}

func saveAs(tb testing.TB, name string, f wav.Format, samples []float32) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	w, err := wav.Create(path, f)
	require.NoError(tb, err)
	require.NoError(tb, w.Write(samples))
	require.NoError(tb, w.Close())
	return path
}

// load reads a whole WAV file.
func load(tb testing.TB, path string) (wav.Format, []float32) {
	tb.Helper()
	r, err := wav.Open(path)
	require.NoError(tb, err)
	defer r.Close()
	samples := make([]float32, int(r.Frames)*r.Channels)
	for n := 0; n < len(samples); {
		got, err := r.Read(samples[n:])
		require.NoError(tb, err)
		n += got * r.Channels
	}
	return r.Format, samples
}

// sine is a tone for every channel, interleaved.
func sine(seconds float64, channels int, freq, level float64) []float32 {
	out := make([]float32, int(seconds*media.Rate)*channels)
	for i := range out {
		out[i] = float32(level * math.Sin(2*math.Pi*freq*float64(i/channels)/media.Rate))
	}
	return out
}

func rms(samples []float32) float64 {
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// leftovers are the files beside path that a call should not have left.
func leftovers(tb testing.TB, path string) []string {
	tb.Helper()
	all, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	require.NoError(tb, err)
	return all
}

func TestCancelKillsTheProgram(t *testing.T) {
	tools := find(t)
	in := film(t, "a.mkv", args(bars, "-t 120 -c:v libx264 -preset ultrafast")...)
	out := filepath.Join(t.TempDir(), "out.mkv")
	cause := errors.New("the job was withdrawn")
	ctx, cancel := context.WithCancelCause(t.Context())
	ctx = media.WithProgress(ctx, func(media.Progress) { cancel(cause) }) // as soon as it is at work

	begun := time.Now()
	err := tools.CutShot(ctx, in, 0, 3000, out)

	require.ErrorIs(t, err, cause)
	require.Less(t, time.Since(begun), 20*time.Second)
	require.NoFileExists(t, out)
	require.Empty(t, leftovers(t, out))
}

func TestProgressReachesTheEnd(t *testing.T) {
	tools := find(t)
	in := film(t, "a.mkv", args(bars, "-t 4 -c:v libx264 -preset ultrafast")...)
	var last media.Progress
	ctx := media.WithProgress(t.Context(), func(p media.Progress) { last = p })

	err := tools.CutShot(ctx, in, 10, 50, filepath.Join(t.TempDir(), "out.mkv"))

	require.NoError(t, err)
	require.Equal(t, int64(50), last.Frames)
}

func TestChildrenSeeNoSecrets(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
	dir := t.TempDir()
	seen := filepath.Join(dir, "environment")
	spy := filepath.Join(dir, "ffprobe")
	require.NoError(t, os.WriteFile(spy, []byte("#!/bin/sh\nenv > "+seen+"\n"), 0o755))
	in := film(t, "a.mp4", args(bars, tone, "-t 1", small)...)

	_, err := (&media.Tools{FFmpeg: "ffmpeg", FFprobe: spy}).Probe(t.Context(), in)
	env, read := os.ReadFile(seen)

	require.Error(t, err)
	require.NoError(t, read)
	require.NotContains(t, string(env), "hunter2")
	require.True(t, bytes.Contains(env, []byte("LC_ALL=C")))
}
