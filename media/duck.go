package media

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/internal/dsp"
	"github.com/babelreel/babelreel/media/wav"
)

// Bed is what the dialogue of a dub lies on. It travels to gates and to the
// delivery manifest.
type Bed string

// The beds.
const (
	// SuppliedME is music and effects from the client: never touched.
	SuppliedME Bed = "supplied M&E"
	// DuckedOriginal is the original programme, turned down where people speak
	// in it and under the dub: a guide, through which the original stays audible.
	DuckedOriginal Bed = "ducked original"
)

// How Duck turns the original down. 18 dB leaves a trace of the original voice
// under a dub at full level, as voice-over does; 80 ms is long enough not to
// click and short enough to spare the sound before a word.
const (
	duckDB   = -18
	duckRamp = 80 * Rate / 1000
)

// duckUnder presses the original down under the dub, where the dub speaks and
// the original did not. Measured on speech over music; the facts of a mix, no law.
const duckUnder = "sidechaincompress=threshold=0.02:ratio=8:attack=20:release=300"

const opDuck = "media: duck"

// Duck writes a DuckedOriginal of exactly samples: the original (working sound in
// any layout) 18 dB down inside the spans of its own speech, with ramps of
// 80 ms around them, and compressed under the dialogue stem. Both inputs must
// hold exactly samples.
func (t *Tools) Duck(ctx context.Context, original, dialogue string, speech []Span, samples int64, out string) error {
	r, err := openExact(opDuck, original, samples)
	if err != nil {
		return err
	}
	defer r.Close()
	d, err := openExact(opDuck, dialogue, samples)
	if err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return fault.New(fault.Broken, opDuck, "%w", err)
	}

	return produce(opDuck, out, func(temporary string) error {
		c := t.ffmpeg(opDuck, long, duckArgs(r.Format, source{dialogue, wavFile}, samples, temporary)...)
		c.paths = []string{dialogue, temporary}
		_, err := runFed(ctx, c, func(ctx context.Context, w io.Writer) error { return automate(ctx, r, speech, w) })
		return err
	})
}

// automate writes what r holds with the gain of the spans.
func automate(ctx context.Context, r *wav.Reader, speech []Span, w io.Writer) error {
	gain := dsp.NewAutomation(inSamples(speech), duckDB, duckRamp)
	return eachBlock(ctx, r, func(at int64, block []float32) error {
		for i := range len(block) / r.Channels {
			g := float32(gain.At(at + int64(i)))
			for c := range r.Channels {
				block[i*r.Channels+c] *= g
			}
		}
		return writeRaw(w, block)
	})
}

func duckArgs(original wav.Format, dialogue source, samples int64, out string) []string {
	return slices.Concat(rawInput(original), dialogue.input(), []string{
		"-filter_complex", fmt.Sprintf("[0:a][1:a]%s,%s[out]", duckUnder, exactly(samples)), "-map", "[out]",
	}, wavOut("pcm_f32le", out))
}
