package timedtext

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// timer sets the in and out times of cues. It counts in frames.
type timer struct {
	rate              script.Rate
	limits            Limits
	language          string
	cuts              []int64 // first frames of shots
	last              int64   // the frame after the programme, 0 where unknown
	shortest, longest int64   // duration of a cue
	gap, chain, zone  int64
	linger, lag       int64
}

// lateFrames is how far a time may be from its speech unnoticed (Netflix Timing
// Guidelines: in times within 3 frames of the audio, older revision).
const lateFrames = 3

func newTimer(o Options) *timer {
	l := o.Limits
	t := &timer{
		rate: o.Rate, limits: l, language: o.Language,
		shortest: Frames(o.Rate, l.MinDuration.Value), longest: math.MaxInt64 / 4,
		gap: int64(l.MinGap.Value), chain: o.Rate.FrameAt(l.ChainGap.Value), zone: o.Rate.FrameAt(l.ShotZone.Value),
		linger: o.Rate.FrameAt(l.Linger.Value), lag: o.Rate.FrameAt(l.MaxLag.Value),
	}
	t.shortest = max(1, t.shortest)
	t.lag = max(t.lag, t.linger)
	if l.MaxDuration.Value > 0 {
		t.longest = max(t.shortest, floorFrames(o.Rate, l.MaxDuration.Value))
	}
	if o.Duration > 0 {
		t.last = floorFrames(o.Rate, o.Duration)
	}
	for _, shot := range o.Shots {
		if f := o.Rate.FrameAt(shot); f > 0 {
			t.cuts = append(t.cuts, f)
		}
	}
	slices.Sort(t.cuts)
	return t
}

// Frames is the least number of frames that lasts at least d, less Tolerance.
func Frames(rate script.Rate, d time.Duration) int64 {
	n := rate.FrameAt(d)
	if rate.TimeOf(n) < d-Tolerance {
		n++
	}
	return n
}

func floorFrames(rate script.Rate, d time.Duration) int64 {
	n := rate.FrameAt(d)
	if rate.TimeOf(n) > d+Tolerance {
		n--
	}
	return n
}

// set replaces the speech times of cues, which are in order of Start, by in and
// out times.
func (t *timer) set(cues []Cue) []Note {
	var notes []Note
	note := func(c Cue, code NoteCode, format string, args ...any) {
		notes = append(notes, Note{c.Events[0], code, fmt.Sprintf(format, args...)})
	}
	in, spoken := make([]int64, len(cues)), make([]int64, len(cues))
	for i, c := range cues {
		onset := max(0, t.rate.FrameAt(c.Start))
		spoken[i] = max(onset+1, t.rate.FrameAt(c.End))
		in[i] = t.in(onset, spoken[i])
		if i == 0 {
			continue
		}
		earliest := in[i-1] + t.shortest + t.gap
		if in[i] < onset && spoken[i-1] > in[i]+lateFrames {
			in[i] = onset // the cut lies well within the speech before
		}
		if in[i] < earliest {
			in[i] = earliest
			if late := earliest - onset; late > lateFrames {
				note(c, NoteLate, "cue %s starts %d frames after its speech: another line is still on the screen", c.ID, late)
			}
		}
	}
	for i := range cues {
		c := &cues[i]
		next := int64(math.MaxInt64 / 4)
		if i+1 < len(cues) {
			next = in[i+1]
		}
		need := int64(0)
		if t.limits.MaxSpeed.Value > 0 {
			seconds := c.Length(t.language) / t.limits.MaxSpeed.Value
			need = Frames(t.rate, time.Duration(seconds*float64(time.Second)))
		}
		out := t.out(in[i], spoken[i], need, next)
		c.Start, c.End = t.rate.TimeOf(in[i]), t.rate.TimeOf(out)
		if out-in[i] < need {
			cps, _ := c.Speed(t.language)
			note(*c, NoteFast, "cue %s reads at %.1f characters per second, the limit is %g: shorten it", c.ID, cps, t.limits.MaxSpeed.Value)
		}
		if spoken[i]-in[i] > t.longest {
			note(*c, NoteTooLong, "the speech of cue %s outlasts the longest cue and cannot be divided", c.ID)
		}
	}
	return notes
}

// in is the frame at which a cue comes in for speech from onset to end: the
// onset, or a cut close by (Netflix Timing Guidelines, shot changes).
func (t *timer) in(onset, end int64) int64 {
	at, off := onset, t.zone
	i, _ := slices.BinarySearch(t.cuts, onset-t.zone)
	for ; i < len(t.cuts) && t.cuts[i] < onset+t.zone; i++ {
		cut := t.cuts[i]
		near := max(cut-onset, onset-cut)
		if near >= off {
			continue
		}
		switch wait := cut - onset; {
		case wait <= t.zone*2/3 && cut+t.shortest <= end+t.linger:
			at, off = cut, near
		case wait > t.zone*2/3 && cut >= t.zone:
			at, off = cut-t.zone, near
		}
	}
	return at
}

// out is the frame at which a cue goes out, given when it comes in, when its
// speech ends, how many frames a viewer needs and when the next cue comes in.
func (t *timer) out(in, spoken, need, next int64) int64 {
	limit := min(in+t.longest, next-t.gap)
	if t.last > in {
		limit = min(limit, t.last)
	}
	out := max(spoken+t.linger, in+t.shortest, min(in+need, spoken+t.lag))
	out = max(in+1, min(out, limit))
	out = t.leaveCut(in, out, spoken, need, limit)
	if gap := next - out; gap > t.gap && gap < t.chain && next-t.gap <= limit && !t.cutWithin(out, next) {
		out = next - t.gap
	}
	return out
}

// leaveCut moves an out time that is close to a cut to the frame that leaves
// the smallest gap before it, where speech and reading allow.
func (t *timer) leaveCut(in, out, spoken, need, limit int64) int64 {
	i, _ := slices.BinarySearch(t.cuts, out-t.zone+1)
	for ; i < len(t.cuts) && t.cuts[i] < out+t.zone; i++ {
		to := t.cuts[i] - t.gap
		if to < in+t.shortest || to < spoken-t.gap || to > limit {
			continue
		}
		if crosses := out > t.cuts[i]; crosses && to-in < need {
			continue
		}
		return to
	}
	return out
}

// cutWithin reports whether a cut lies after frame a and before frame b.
func (t *timer) cutWithin(a, b int64) bool {
	i, _ := slices.BinarySearch(t.cuts, a+1)
	return i < len(t.cuts) && t.cuts[i] < b
}
