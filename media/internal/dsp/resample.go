// Package dsp is the signal processing that the mix needs and that ffmpeg
// cannot do for thousands of lines or for one bus by the peaks of another. It
// is pure: samples in, samples out.
package dsp

import "math"

// halfTaps is half the length of the interpolation filter at equal rates and
// kaiserBeta its window; together they give a stop band below -90 dB and a
// pass band that is flat to 0.92 of the half rate (Kaiser's formulas, in
// Oppenheim and Schafer, "Discrete-Time Signal Processing", 7.6).
const (
	halfTaps   = 48
	kaiserBeta = 9.0
	passBand   = 0.94 // centre of the transition band, of the half rate
)

// Resample converts mono sound between sample rates. The result starts at the
// same instant and holds round(len(in)*to/from) samples. Both rates must be
// positive.
func Resample(in []float32, from, to int) []float32 {
	if from == to {
		return in
	}
	g := gcd(from, to)
	up, down := int64(to/g), int64(from/g)
	bank := newBank(int(up), float64(to)/float64(from), halfTaps)

	out := make([]float32, (int64(len(in))*up+down/2)/down)
	for j := range out {
		at := int64(j) * down
		out[j] = bank.at(in, at/up, int(at%up))
	}
	return out
}

// bank is a windowed sinc, sampled at each of the phases between two samples.
type bank struct {
	reach int         // samples used on either side
	taps  [][]float32 // by phase, 2*reach each
}

// newBank makes the filters for n phases. A ratio (of output to input rate)
// below 1 lowers the cut-off with it.
func newBank(n int, ratio float64, half int) bank {
	cut := 1.0
	if ratio != 1 {
		cut = passBand * min(1, ratio)
	}
	reach := int(math.Ceil(float64(half) / min(1, ratio)))
	b := bank{reach: reach, taps: make([][]float32, n)}
	for p := range b.taps {
		taps, sum := make([]float64, 2*reach), 0.0
		for k := range taps {
			x := float64(k-reach+1) - float64(p)/float64(n) // distance from the wanted instant
			taps[k] = sinc(cut*x) * kaiser(x/float64(reach))
			sum += taps[k]
		}
		b.taps[p] = make([]float32, len(taps))
		for k, v := range taps {
			b.taps[p][k] = float32(v / sum) // unity gain at 0 Hz in every phase
		}
	}
	return b
}

// at is the sound between samples i and i+1 of in, at phase p. Outside of in
// there is silence.
func (b bank) at(in []float32, i int64, p int) float32 {
	first := int(i) - b.reach + 1
	low, high := max(0, -first), min(2*b.reach, len(in)-first)
	if low >= high {
		return 0
	}
	taps := b.taps[p][low:high]
	part := in[first+low : first+high][:len(taps)]
	var s0, s1, s2, s3 float32 // apart, so that the processor need not wait for one to add to the next
	for len(taps) >= 4 && len(part) >= 4 {
		s0 += part[0] * taps[0]
		s1 += part[1] * taps[1]
		s2 += part[2] * taps[2]
		s3 += part[3] * taps[3]
		taps, part = taps[4:], part[4:]
	}
	for k, v := range taps {
		s0 += part[k] * v
	}
	return s0 + s1 + s2 + s3
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the Kaiser window, 1 in the middle and 0 outside -1..1.
func kaiser(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return bessel(kaiserBeta*math.Sqrt(1-x*x)) / bessel(kaiserBeta)
}

// bessel is the modified Bessel function of the first kind, of order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
