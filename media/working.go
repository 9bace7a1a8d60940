package media

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/internal/dsp"
	"github.com/babelreel/babelreel/media/wav"
)

// Span is a stretch of time, the end excluded.
type Span struct {
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`
}

// mergedSpans is spans in samples, in order and apart.
func mergedSpans(spans []Span) []dsp.Span { return dsp.Merge(inSamples(spans), 0) }

func inSamples(spans []Span) []dsp.Span {
	out := make([]dsp.Span, len(spans))
	for i, s := range spans {
		out[i] = dsp.Span{Start: sampleAt(s.Start), End: sampleAt(s.End)}
	}
	return out
}

// blockFrames is how much sound is in memory at once: a third of a second, which
// is also how often a context is looked at.
const blockFrames = 16384

// openWAV opens a WAV file of any rate.
func openWAV(op, path string) (*wav.Reader, error) {
	r, err := wav.Open(path)
	name := filepath.Base(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.Missing, op, "there is no file %s", name)
	case errors.Is(err, wav.ErrFormat):
		return nil, fault.New(fault.Invalid, op, "%s: %w: write it as WAV again", name, err)
	case err != nil:
		return nil, fault.New(fault.Broken, op, "%s: %w", name, err)
	}
	return r, nil
}

// openWorking opens working sound.
func openWorking(op, path string) (*wav.Reader, error) {
	r, err := openWAV(op, path)
	if err != nil {
		return nil, err
	}
	if r.Rate != Rate {
		r.Close()
		return nil, fault.New(fault.Invalid, op, "%s is at %d Hz, want %d: take it through ExtractProgramAudio first", filepath.Base(path), r.Rate, Rate)
	}
	return r, nil
}

// openExact opens working sound that must hold exactly so many samples a channel.
func openExact(op, path string, samples int64) (*wav.Reader, error) {
	r, err := openWorking(op, path)
	if err != nil {
		return nil, err
	}
	if r.Frames != samples {
		r.Close()
		return nil, fault.New(fault.Invalid, op, "%s holds %d samples, want %d as the picture has: take it through ExtractProgramAudio first",
			filepath.Base(path), r.Frames, samples)
	}
	return r, nil
}

// eachBlock hands all of r to fn, block by block, with the frame each starts at.
// The block is used again after fn returns.
func eachBlock(ctx context.Context, r *wav.Reader, fn func(at int64, block []float32) error) error {
	buf, at := make([]float32, blockFrames*r.Channels), int64(0)
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := r.Read(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Broken, "media: read sound", "%w", err)
		}
		if err := fn(at, buf[:n*r.Channels]); err != nil {
			return err
		}
		at += int64(n)
		report(ctx, Progress{Time: timeOf(at)})
	}
}

// create makes a WAV file with fill, all or nothing.
func create(op, out string, format wav.Format, fill func(*wav.Writer) error) error {
	return produce(op, out, func(temporary string) error {
		w, err := wav.Create(temporary, format)
		if err != nil {
			return fault.New(fault.Broken, op, "%w", err)
		}
		if err := fill(w); err != nil {
			w.Close()
			return err
		}
		if err := w.Close(); err != nil {
			return fault.New(fault.Broken, op, "%w", err)
		}
		return nil
	})
}

// writeRaw writes samples as 32-bit little-endian floats.
func writeRaw(w io.Writer, samples []float32) error {
	return binary.Write(w, binary.LittleEndian, samples)
}
