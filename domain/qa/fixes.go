package qa

import (
	"cmp"
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/timedtext"
)

// gap is the least time between two cues.
func (c *checker) gap() time.Duration { return c.rate.TimeOf(int64(c.ctx.Limits.MinGap.Value)) }

// extend proposes that a cue stand for want; nil where the next cue, the length
// of a cue, the end of the programme or the speech leave no room for all of it.
func (c *checker) extend(at int, want time.Duration) *Fix {
	cue, l := c.cues[at], c.ctx.Limits
	end := c.rate.TimeOf(timedtext.Frames(c.rate, cue.Start+want))
	switch spoken, known := c.spoken(cue); {
	case end <= cue.End,
		at+1 < len(c.cues) && end > c.cues[at+1].Start-c.gap()+timedtext.Tolerance,
		l.MaxDuration.Value > 0 && end > cue.Start+l.MaxDuration.Value+timedtext.Tolerance,
		c.ctx.Duration > 0 && end > c.ctx.Duration,
		known && l.MaxLag.Value > 0 && end > max(spoken+l.MaxLag.Value, cue.Start+l.MinDuration.Value+c.rate.Frame()):
		return nil
	}
	return &Fix{cue.Start, end, cue.Lines}
}

// trim proposes that a cue stand for at most limit; nil where its speech may
// last longer.
func (c *checker) trim(at int, limit time.Duration) *Fix {
	cue := c.cues[at]
	spoken, known := c.spoken(cue)
	if !known || spoken > cue.Start+limit {
		return nil
	}
	return c.until(at, cue.Start+limit)
}

// until proposes that a cue go out on the last frame that starts by end; nil
// where it would not stand at all or where a line of dialogue would lose its cue.
func (c *checker) until(at int, end time.Duration) *Fix {
	cue := c.cues[at]
	frame := c.rate.FrameAt(end)
	if c.rate.TimeOf(frame) > end+timedtext.Tolerance {
		frame--
	}
	end = c.rate.TimeOf(frame)
	if end <= cue.Start || end == cue.End || len(cue.Events) == 0 && c.uncovers(end, cue.End) {
		return nil
	}
	return &Fix{cue.Start, end, cue.Lines}
}

// uncovers reports whether a line of dialogue starts in [from, to).
func (c *checker) uncovers(from, to time.Duration) bool {
	i, _ := slices.BinarySearchFunc(c.events, from, func(e Event, t time.Duration) int { return cmp.Compare(e.Start, t) })
	return i < len(c.events) && c.events[i].Start < to
}

// spoken is when the last event that a cue shows ends.
func (c *checker) spoken(cue timedtext.Cue) (end time.Duration, known bool) {
	for _, id := range cue.Events {
		if t, ok := c.speech[id]; ok {
			end, known = max(end, t), true
		}
	}
	return end, known
}
