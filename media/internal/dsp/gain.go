package dsp

import (
	"cmp"
	"math"
	"slices"
)

// Gain is the factor for a level in decibels.
func Gain(db float64) float64 { return math.Pow(10, db/20) }

// Decibels is the level of a factor; that of 0 is minus infinity.
func Decibels(gain float64) float64 { return 20 * math.Log10(gain) }

// Fade turns the first and the last frames of mono sound up and down, in
// place, along a straight line. Sound shorter than two fades has each half faded.
func Fade(samples []float32, frames int) {
	n := min(frames, len(samples)/2)
	for i := range n {
		g := (float32(i) + 0.5) / float32(n)
		samples[i] *= g
		samples[len(samples)-1-i] *= g
	}
}

// Span is a run of frames, the end excluded.
type Span struct{ Start, End int64 }

// Automation is a gain that is 1 outside some spans and Low inside them, with
// ramps before and after each span, straight in decibels.
type Automation struct {
	spans []Span
	low   float64 // in dB
	ramp  int64
}

// NewAutomation makes the gain for spans in any order. Spans that lie so close
// that their ramps would meet are one. lowDB is the gain inside, ramp the length
// of each ramp in frames.
func NewAutomation(spans []Span, lowDB float64, ramp int64) *Automation {
	ramp = max(1, ramp)
	return &Automation{spans: Merge(spans, 2*ramp), low: lowDB, ramp: ramp}
}

// Merge is spans in order, with those that overlap, touch or have a gap of at
// most gap frames joined, and those without a frame left out.
func Merge(spans []Span, gap int64) []Span {
	sorted := slices.DeleteFunc(slices.Clone(spans), func(s Span) bool { return s.End <= s.Start })
	slices.SortFunc(sorted, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	var merged []Span
	for _, s := range sorted {
		if n := len(merged); n > 0 && s.Start-merged[n-1].End <= gap {
			merged[n-1].End = max(merged[n-1].End, s.End)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// At is the gain of frame n. Frames must be asked for in rising order: spans
// that have passed are forgotten.
func (a *Automation) At(n int64) float64 {
	for len(a.spans) > 0 && n >= a.spans[0].End+a.ramp {
		a.spans = a.spans[1:]
	}
	if len(a.spans) == 0 {
		return 1
	}
	s := a.spans[0]
	away := max(s.Start-n, n-s.End+1, 0) // frames outside of the span
	if away >= a.ramp {
		return 1
	}
	return Gain(a.low * (1 - float64(away)/float64(a.ramp)))
}
