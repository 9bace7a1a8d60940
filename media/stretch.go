package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/wav"
)

const opStretch = "media: stretch"

// The ratios that Stretch takes. Far outside of 0.8 to 1.3 speech sounds wrong
// and belongs back with the translator; beyond these bounds the request is a mistake.
const (
	minStretch = 0.25
	maxStretch = 4
)

// stretchSlack is how far rubberband's own length may be off before padding or
// cutting would be heard.
const stretchSlack = 5 * time.Millisecond

// Stretch writes the line in, a WAV file, at the length target and at its own
// pitch: exactly the nearest number of samples at its own rate.
func (t *Tools) Stretch(ctx context.Context, in, out string, target time.Duration) error {
	r, err := openWAV(opStretch, in)
	if err != nil {
		return err
	}
	format, frames := r.Format, r.Frames
	if err := r.Close(); err != nil {
		return fault.New(fault.Broken, opStretch, "%w", err)
	}
	natural := time.Duration(frames) * time.Second / time.Duration(format.Rate)
	if ratio := target.Seconds() / natural.Seconds(); !(ratio >= minStretch && ratio <= maxStretch) {
		return fault.New(fault.Invalid, opStretch, "from %s to %s is out of %g to %g times: shorten or split the line", natural, target, minStretch, float64(maxStretch))
	}
	want := (int64(target)*int64(format.Rate) + int64(time.Second)/2) / int64(time.Second)

	dir, err := os.MkdirTemp(filepath.Dir(out), ".stretch.*")
	if err != nil {
		return fault.New(fault.Broken, opStretch, "no room to work in: %w", err)
	}
	defer os.RemoveAll(dir)
	stretched := filepath.Join(dir, "line.wav") // rubberband tells the format by the suffix
	if _, err := run(ctx, command{
		op: opStretch, bin: t.Rubberband, debian: "rubberband-cli",
		args: stretchArgs(in, stretched, target), bounds: long, paths: []string{in, stretched},
	}); err != nil {
		return err
	}
	return fitTo(stretched, out, want)
}

// stretchArgs uses the finer engine (-3), which holds its length within 1 ms
// from 0.8 to 1.3 times.
func stretchArgs(in, out string, target time.Duration) []string {
	return []string{"-3", "-q", "-D", fmt.Sprintf("%.9f", target.Seconds()), absolute(in), absolute(out)}
}

// absolute is path in a form that no program takes for an option.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// fitTo copies in to out with exactly want frames, padded with silence or cut.
func fitTo(in, out string, want int64) error {
	r, err := openWAV(opStretch, in)
	if err != nil {
		return err
	}
	defer r.Close()
	off := time.Duration(abs(r.Frames-want)) * time.Second / time.Duration(r.Rate)
	if off > stretchSlack {
		return fault.New(fault.Broken, opStretch, "rubberband missed the length by %s", off)
	}
	return create(opStretch, out, r.Format, func(w *wav.Writer) error {
		buf := make([]float32, blockFrames*r.Channels)
		for left := want; left > 0; {
			part := buf[:min(left, blockFrames)*int64(r.Channels)]
			n, err := r.Read(part)
			if err != nil && !errors.Is(err, io.EOF) {
				return fault.New(fault.Broken, opStretch, "%w", err)
			}
			if n > 0 {
				part = part[:n*r.Channels]
			} else {
				clear(part) // past its end: pad
			}
			if err := w.Write(part); err != nil {
				return fault.New(fault.Broken, opStretch, "%w", err)
			}
			left -= int64(len(part) / r.Channels)
		}
		return nil
	})
}
