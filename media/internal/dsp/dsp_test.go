package dsp_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/media/internal/dsp"
)

func TestResampleKeepsASine(t *testing.T) {
	tests := map[string]struct{ from, to int }{
		"24 kHz speech":     {24000, 48000},
		"22.05 kHz speech":  {22050, 48000},
		"16 kHz speech":     {16000, 48000},
		"CD to film":        {44100, 48000},
		"down from 96 kHz":  {96000, 48000},
		"down to recognise": {48000, 16000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := sine(tt.from, tt.from, 1000)

			out := dsp.Resample(in, tt.from, tt.to)

			require.Len(t, out, tt.to)
			noise, signal := 0.0, 0.0
			want := sine(tt.to, tt.to, 1000)
			for i := tt.to / 10; i < tt.to*9/10; i++ { // away from the edges
				noise += math.Pow(float64(out[i]-want[i]), 2)
				signal += math.Pow(float64(want[i]), 2)
			}
			require.Greater(t, 10*math.Log10(signal/noise), 85.0, "signal to noise in dB")
		})
	}
}

func TestResampleLeavesNoImages(t *testing.T) {
	in := sine(24000, 24000, 11800) // beyond the pass band of both rates: almost all of it must go

	out := dsp.Resample(in, 24000, 16000)

	require.Less(t, dsp.Decibels(rms(out[1000:15000])), -85.0)
}

func TestAutomation(t *testing.T) {
	a := dsp.NewAutomation([]dsp.Span{{300, 400}, {100, 200}, {350, 320}, {395, 500}}, -18, 10)
	low := dsp.Gain(-18)

	got := map[int64]float64{}
	for n := range int64(600) {
		got[n] = a.At(n)
	}

	require.InDelta(t, 1, got[90], 1e-9)
	require.InDelta(t, dsp.Gain(-9), got[95], 1e-9, "half way down in decibels")
	require.InDelta(t, low, got[100], 1e-9)
	require.InDelta(t, low, got[199], 1e-9)
	require.InDelta(t, 1, got[210], 1e-9)
	require.InDelta(t, low, got[450], 1e-9, "overlapping spans are one")
	require.InDelta(t, 1, got[599], 1e-9)
}

func TestFadeOfAShortSound(t *testing.T) {
	s := []float32{1, 1, 1, 1}

	dsp.Fade(s, 240)

	require.Equal(t, []float32{0.25, 0.75, 0.75, 0.25}, s)
}

// The sum of a limited bus and a bed that leaves it room never goes over the
// ceiling, and a bus that needs no limiting is not touched.
func TestLimiter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		level := rapid.Float64Range(0.05, 3).Draw(rt, "level")
		freq := rapid.Float64Range(60, 9000).Draw(rt, "frequency")
		bed := scaled(sine(48000, 9600, 440), rapid.Float64Range(0, 0.6).Draw(rt, "bed"))
		bus := scaled(sine(48000, 9600, freq), level)
		limiter := dsp.NewLimiter(-2, 24)
		for at := 0; at < len(bus); at += dsp.Hop {
			limiter.Measure([][]float32{around(bus, at)}, [][]float32{around(bed, at)})
		}

		curve := limiter.Curve()

		peak := 0.0
		for i := range bus {
			f := float32(i%dsp.Hop) / dsp.Hop
			g := curve[i/dsp.Hop]*(1-f) + curve[i/dsp.Hop+1]*f
			require.LessOrEqual(rt, g, float32(1))
			peak = max(peak, math.Abs(float64(bed[i]+g*bus[i])))
		}
		require.LessOrEqual(rt, peak, dsp.Gain(-2)+1e-6)
		if level+0.6 < dsp.Gain(-2) {
			require.InDelta(rt, 1, curve[len(curve)/2], 0)
		}
	})
}

func TestLimiterHasAFloor(t *testing.T) {
	limiter := dsp.NewLimiter(-2, 12)
	loud := scaled(sine(48000, dsp.Hop+2*dsp.Reach, 1000), 1)
	limiter.Measure([][]float32{loud}, [][]float32{scaled(loud, 2)})

	require.InDelta(t, dsp.Gain(-12), limiter.Curve()[0], 1e-6, "a bed over the ceiling does not mute the voice")
}

func BenchmarkResample(b *testing.B) {
	in := sine(24000, 24000, 1000)
	for b.Loop() {
		dsp.Resample(in, 24000, 48000)
	}
}

// around is the hop at frame at with its reach on both sides.
func around(s []float32, at int) []float32 {
	out := make([]float32, dsp.Hop+2*dsp.Reach)
	for i := range out {
		if j := at - dsp.Reach + i; j >= 0 && j < len(s) {
			out[i] = s[j]
		}
	}
	return out
}

func sine(rate, n int, freq float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(math.Sin(2 * math.Pi * freq * float64(i) / float64(rate)))
	}
	return out
}

func scaled(s []float32, gain float64) []float32 {
	out := make([]float32, len(s))
	for i, v := range s {
		out[i] = v * float32(gain)
	}
	return out
}

func rms(s []float32) float64 {
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(s)))
}
