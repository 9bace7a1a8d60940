package media

import (
	"context"
	"errors"
	"io"
	"math"
	"math/bits"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/internal/dsp"
	"github.com/babelreel/babelreel/media/wav"
)

// The defaults of a mix: Netflix Sound Mix Specifications and Best Practices
// v1.6, "average loudness must be -27 LKFS +/- 2 LU dialog-gated; peaks must
// not exceed -2 dB True Peak".
const (
	DialogueLUFS  = -27.0
	CeilingDBTP   = -2.0
	LoudnessSlack = 2.0 // LU either way
)

// How far the dialogue may be turned: more gain would lift the noise of a take
// that is wrong in itself, and more limiting would be heard.
const (
	maxGainDB      = 24
	maxReductionDB = 12
)

// MixSpec says what to mix.
type MixSpec struct {
	Dialogue string // the dialogue stem, mono working sound
	Bed      string // working sound of the same length, in any layout: that of the mix
	Kind     Bed    // what Bed is, for the report
	// TargetLUFS is the loudness to bring the dialogue to: that of the original
	// dialogue (DialogueLoudness) sits right in the supplied M&E. 0 is DialogueLUFS.
	TargetLUFS float64
	// CeilingDBTP is the true peak to stay under; 0 is the default.
	CeilingDBTP float64
}

// MixReport is what was done and what was measured on the result.
type MixReport struct {
	Bed         Bed      `json:"bed"`
	GainDB      float64  `json:"gainDb"`      // applied to the dialogue, at most 24 either way
	ReductionDB float64  `json:"reductionDb"` // the most that the limiter took off, 0 for nothing
	Dialogue    Loudness `json:"dialogue"`    // of the dialogue as it is in the mix
	Mix         Loudness `json:"mix"`
}

const opMix = "media: mix"

// Mix lays the dialogue on the bed. Only the dialogue is changed: one gain brings
// it to the target, and a limiter takes it down where the sum would peak above
// the ceiling. The bed is not touched, and the mix is not normalised, so a bed
// that is over the ceiling by itself leaves a mix that is too, as the report
// then shows. The dialogue goes to the centre channel, or to left and right at
// -3 dB each where there is none. A silent stem gives the bed alone.
func (t *Tools) Mix(ctx context.Context, spec MixSpec, out string) (MixReport, error) {
	m := &mixer{spec: spec, gain: 1}
	made := MixReport{Bed: spec.Kind}
	before, err := t.Loudness(ctx, spec.Dialogue)
	if err != nil {
		return MixReport{}, err
	}
	if !before.Silent {
		made.GainDB = min(maxGainDB, max(-maxGainDB, or(spec.TargetLUFS, DialogueLUFS)-before.IntegratedLUFS))
		m.gain = float32(dsp.Gain(made.GainDB))
	}
	if err := m.plan(ctx); err != nil {
		return MixReport{}, err
	}
	made.ReductionDB = m.reduction()

	err = produce(opMix, out, func(temporary string) error {
		mono := wav.Format{Rate: Rate, Channels: 1, Encoding: wav.F32}
		made.Dialogue, err = t.loudnessOf(ctx, mono, func(ctx context.Context, w io.Writer) error { return m.write(ctx, temporary, w) })
		if err != nil {
			return err
		}
		made.Mix, err = t.Loudness(ctx, temporary)
		return err
	})
	return made, err
}

func or(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}

// mixer holds one mix between its passes.
type mixer struct {
	spec  MixSpec
	gain  float32
	curve []float32 // of the limiter, a point each dsp.Hop frames
}

// open opens both inputs and checks that they belong together.
func (m *mixer) open() (dialogue, bed *wav.Reader, err error) {
	bed, err = openWorking(opMix, m.spec.Bed)
	if err != nil {
		return nil, nil, err
	}
	dialogue, err = openExact(opMix, m.spec.Dialogue, bed.Frames)
	if err == nil && dialogue.Channels != 1 {
		err = fault.New(fault.Invalid, opMix, "the dialogue stem has %d channels, want 1", dialogue.Channels)
		dialogue.Close()
	}
	if err != nil {
		bed.Close()
		return nil, nil, err
	}
	return dialogue, bed, nil
}

// plan finds the limiter's curve.
func (m *mixer) plan(ctx context.Context) error {
	dialogue, bed, err := m.open()
	if err != nil {
		return err
	}
	defer dialogue.Close()
	defer bed.Close()

	pan := panOf(bed.Format)
	limiter := dsp.NewLimiter(or(m.spec.CeilingDBTP, CeilingDBTP)-limiterMargin, maxReductionDB)
	voice, under := newWindow(dialogue), newWindow(bed)
	bus := make([][]float32, bed.Channels)
	for c, p := range pan {
		if p != 0 {
			bus[c] = make([]float32, len(voice.channels[0]))
		}
	}
	for at := int64(0); at < bed.Frames; at += dsp.Hop {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := errors.Join(voice.next(), under.next()); err != nil {
			return fault.New(fault.Broken, opMix, "%w", err)
		}
		for c, p := range pan {
			if p == 0 {
				continue
			}
			for i, v := range voice.channels[0] {
				bus[c][i] = v * m.gain * p
			}
		}
		limiter.Measure(bus, under.channels)
	}
	m.curve = limiter.Curve()
	return nil
}

// limiterMargin covers what a change of gain adds between two samples, and the
// error of the meter that judges the mix, in dB.
const limiterMargin = 0.2

// reduction is the most the limiter takes off, in dB.
func (m *mixer) reduction() float64 {
	least := float32(1)
	for _, g := range m.curve {
		least = min(least, g)
	}
	return math.Abs(dsp.Decibels(float64(least)))
}

// at is the gain of the dialogue at frame n.
func (m *mixer) at(n int64) float32 {
	k, f := n/dsp.Hop, float32(n%dsp.Hop)/dsp.Hop
	return m.gain * (m.curve[k]*(1-f) + m.curve[k+1]*f)
}

// write writes the mix to out, and the dialogue as it is in the mix to voice.
func (m *mixer) write(ctx context.Context, out string, voice io.Writer) error {
	dialogue, bed, err := m.open()
	if err != nil {
		return err
	}
	defer dialogue.Close()
	defer bed.Close()

	format, pan := bed.Format, panOf(bed.Format)
	format.Encoding = wav.F32
	w, err := wav.Create(out, format)
	if err != nil {
		return fault.New(fault.Broken, opMix, "%w", err)
	}
	line := make([]float32, blockFrames)
	err = eachBlock(ctx, bed, func(at int64, block []float32) error {
		n := len(block) / bed.Channels
		if _, err := dialogue.Read(line[:n]); err != nil {
			return fault.New(fault.Broken, opMix, "%w", err)
		}
		for i := range n {
			line[i] *= m.at(at + int64(i))
			for c, p := range pan {
				block[i*bed.Channels+c] += line[i] * p
			}
		}
		if err := w.Write(block); err != nil {
			return fault.New(fault.Broken, opMix, "%w", err)
		}
		return writeRaw(voice, line[:n])
	})
	if closed := w.Close(); err == nil && closed != nil {
		err = fault.New(fault.Broken, opMix, "%w", closed)
	}
	return err
}

// frontCentre is the bit of the centre channel in a WAV layout.
const frontCentre = 0x4

// panOf is how much of the dialogue goes to each channel. The powers add up to
// 1, so its loudness is the same in every layout.
func panOf(f wav.Format) []float32 {
	pan := make([]float32, f.Channels)
	switch mask := f.Layout(); {
	case f.Channels == 1:
		pan[0] = 1
	case mask&frontCentre != 0 && bits.OnesCount32(mask&(frontCentre-1)) < f.Channels:
		pan[bits.OnesCount32(mask&(frontCentre-1))] = 1
	default:
		pan[0], pan[1] = math.Sqrt2/2, math.Sqrt2/2
	}
	return pan
}

// window is one hop of sound with the reach of the limiter on both sides.
type window struct {
	r        *wav.Reader
	channels [][]float32
	buf      []float32
	started  bool
}

func newWindow(r *wav.Reader) *window {
	w := &window{r: r, channels: make([][]float32, r.Channels), buf: make([]float32, (dsp.Hop+2*dsp.Reach)*r.Channels)}
	for c := range w.channels {
		w.channels[c] = make([]float32, dsp.Hop+2*dsp.Reach)
	}
	return w
}

// next moves on by one hop. Beyond the ends there is silence.
func (w *window) next() error {
	from := 2 * dsp.Reach
	if !w.started {
		from, w.started = dsp.Reach, true
	}
	width := dsp.Hop + 2*dsp.Reach
	n, err := w.r.Read(w.buf[:(width-from)*w.r.Channels])
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for c, s := range w.channels {
		copy(s, s[dsp.Hop:])
		for i := range width - from {
			s[from+i] = 0
			if i < n {
				s[from+i] = w.buf[i*w.r.Channels+c]
			}
		}
	}
	return nil
}
