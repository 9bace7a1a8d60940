// Package media is everything that touches picture and sound: it probes what
// came in, takes sound out, finds shots, measures loudness, places and mixes
// dialogue, cuts and joins picture, and packages the result.
//
// The work is done by ffmpeg, ffprobe and rubberband. Pure functions build
// their arguments; one runner starts them, with no input, no network protocol,
// a demuxer that was chosen before ffmpeg saw the file, no secrets in the
// environment, and bounds on processor time and file size. Mixing of many
// lines is done in Go, in streams, to the exact sample.
//
// Working sound is 48 kHz 32-bit float WAV: float, because decoded programmes
// and sums of lines go over full scale and must not clip between two stages.
//
// Outputs are complete or absent: they are written under another name in the
// same folder, brought to the disk and renamed. Errors are of a fault.Kind; a
// cancelled context comes back as its own error. Methods may be called by several
// goroutines at once.
package media

import (
	"context"
	"os/exec"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
)

// Rate is the sample rate of all working sound, in Hz.
const Rate = 48000

// Tools are the programs to run, each by path or by a name to be found on PATH.
type Tools struct {
	FFmpeg     string
	FFprobe    string
	Rubberband string
}

// Find looks the programs up on PATH. One that is not there is fault.Missing,
// with the Debian package that holds it.
func Find() (*Tools, error) {
	t := new(Tools)
	for _, want := range []struct {
		path         *string
		name, debian string
	}{
		{&t.FFmpeg, "ffmpeg", "ffmpeg"},
		{&t.FFprobe, "ffprobe", "ffmpeg"},
		{&t.Rubberband, "rubberband", "rubberband-cli"},
	} {
		path, err := exec.LookPath(want.name)
		if err != nil {
			return nil, missingTool(want.name, want.debian)
		}
		*want.path = path
	}
	return t, nil
}

func missingTool(name, debian string) error {
	return fault.New(fault.Missing, "media", "%s is not installed: on Debian, apt-get install %s", name, debian)
}

// Samples is how many samples at 48 kHz go with so many frames of picture: the
// length of every stem. The rate must be valid.
func Samples(frames int64, rate script.Rate) int64 {
	return sampleAt(rate.TimeOf(frames))
}

// sampleAt is the sample at 48 kHz nearest to t.
func sampleAt(t time.Duration) int64 {
	const second = int64(time.Second)
	whole, rest := int64(t)/second, int64(t)%second
	return whole*Rate + (rest*Rate+second/2)/second
}

// timeOf is when sample n of 48 kHz sounds.
func timeOf(n int64) time.Duration {
	return time.Duration(n/Rate)*time.Second + time.Duration(n%Rate)*time.Second/Rate
}

// Progress is how far a call has come.
type Progress struct {
	Time   time.Duration // of the programme, written so far
	Frames int64         // of picture; 0 where there is none
}

type progressKey struct{}

// WithProgress makes calls under ctx report to fn about once a second, so that
// an activity can heartbeat. fn is called from another goroutine, never twice at
// once, and never after the call has returned.
func WithProgress(ctx context.Context, fn func(Progress)) context.Context {
	return context.WithValue(ctx, progressKey{}, fn)
}

// report hands p to the function given to WithProgress, if any.
func report(ctx context.Context, p Progress) {
	if fn, ok := ctx.Value(progressKey{}).(func(Progress)); ok {
		fn(p)
	}
}
