package dsp

import "math"

// Hop is how many frames share one point of a limiter's curve: 1 ms at 48 kHz.
const Hop = 48

// The limiter looks ahead and releases slowly enough not to be heard on speech:
// 5 ms and 80 ms are the usual figures of a dialogue limiter.
const (
	attackHops  = 5
	releaseHops = 80
)

// truePeak is the four-times interpolation by which ITU-R BS.1770-5, annex 2,
// finds peaks between samples: 12 taps a phase.
var truePeak = newBank(4, 1, 6)

// Limiter works out how far one bus must come down so that its sum with another
// stays under a ceiling, although only the one bus may be touched.
type Limiter struct {
	ceiling float64 // linear
	floor   float64 // the lowest gain it may ask for
	need    []float32
}

// NewLimiter limits sums to ceilingDB (dBTP) and takes the bus down by at most maxDB.
func NewLimiter(ceilingDB, maxDB float64) *Limiter {
	return &Limiter{ceiling: Gain(ceilingDB), floor: Gain(-maxDB)}
}

// Reach is how many samples before and after a hop Measure looks at.
const Reach = 6

// Measure appends one hop. bus and bed hold the Hop frames of one channel each,
// with Reach more on both sides; bus is nil, or has no entry, for a channel the
// bus does not go to. It returns the gain that this hop needs.
func (l *Limiter) Measure(bus, bed [][]float32) {
	need := 1.0
	for c := range bus {
		if silent(bus[c]) {
			continue
		}
		for i := Reach; i < len(bus[c])-Reach; i++ {
			for p := range truePeak.taps {
				d := float64(truePeak.at(bus[c], int64(i), p))
				if d == 0 {
					continue
				}
				need = min(need, l.fit(d, float64(truePeak.at(bed[c], int64(i), p))))
			}
		}
	}
	l.need = append(l.need, float32(max(need, l.floor)))
}

func silent(s []float32) bool {
	for _, v := range s {
		if v != 0 {
			return false
		}
	}
	return true
}

// fit is the largest gain, up to 1, at which d on top of b stays under the
// ceiling. Where b alone is over it, d that goes against b is left alone and d
// that goes with b is asked to vanish.
func (l *Limiter) fit(d, b float64) float64 {
	if math.Abs(b+d) <= l.ceiling || math.Abs(b+d) <= math.Abs(b) {
		return 1
	}
	room := l.ceiling - math.Abs(b)
	if (b > 0) != (d > 0) {
		room = l.ceiling + math.Abs(b)
	}
	return min(1, max(0, room/math.Abs(d)))
}

// Curve is the gain at the start of each hop measured, and one more to end on.
// Between two hops the gain runs straight. It is never above what a hop needs,
// comes down over 5 ms before a peak, and recovers over 80 ms.
func (l *Limiter) Curve() []float32 {
	n := len(l.need)
	held := make([]float64, n+1)
	back := 1.0
	for k := range held {
		m := 1.0
		for j := max(0, k-1); j < min(n, k+attackHops+1); j++ {
			m = min(m, float64(l.need[j]))
		}
		back = min(m, back+(1-back)*(1-math.Exp(-1.0/releaseHops)))
		held[k] = back
	}
	curve := make([]float32, n+1)
	for k := range curve {
		sum := 0.0
		for j := k - attackHops + 1; j <= k; j++ {
			sum += held[max(0, j)]
		}
		curve[k] = float32(sum / attackHops)
	}
	return curve
}
