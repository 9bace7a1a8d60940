package qa

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/timedtext"
)

// A cueRule looks at the cue at position at, and at most at the one after it.
type cueRule func(c *checker, r *report, at int)

// cue applies every rule of single cues and of neighbours. No rule looks behind
// the cue, so a change of a cue can only change what is found at it and at the
// one before.
func (c *checker) cue(r *report, at int) {
	for _, rule := range []cueRule{(*checker).text, (*checker).layout, (*checker).programme} {
		rule(c, r, at)
	}
	if c.cues[at].Duration() <= 0 {
		c.add(r, at, Finding{Rule: "TIM001", Measured: c.cues[at].Duration().Seconds(), Unit: "s", Message: "ends before, or as, it starts"})
		return // every rule below needs a positive duration
	}
	for _, rule := range []cueRule{(*checker).duration, (*checker).speed, (*checker).neighbour, (*checker).shot} {
		rule(c, r, at)
	}
}

func (c *checker) add(r *report, at int, f Finding) {
	f.Index, f.Cue, f.Event = c.index[at], c.cues[at].ID, event(c.cues[at])
	r.add(f)
}

// blank reports whether a cue shows nothing.
func blank(cue timedtext.Cue) bool {
	return !slices.ContainsFunc(cue.Lines, func(line string) bool {
		return strings.ContainsFunc(line, func(r rune) bool { return !strings.ContainsRune(" \t\n\u00a0\u200b\u200e\u200f\u202f\u2060\ufeff", r) })
	})
}

func (c *checker) text(r *report, at int) {
	if blank(c.cues[at]) {
		c.add(r, at, Finding{Rule: "TXT021", Limit: 1, Unit: "characters", Message: "shows no text"})
	}
}

// layout holds lines to their length and number.
func (c *checker) layout(r *report, at int) {
	cue, l := c.cues[at], c.ctx.Limits
	longest, total := 0.0, 0.0
	for _, line := range cue.Lines {
		n := timedtext.Length(line, c.language)
		longest, total = max(longest, n), total+n
	}
	if limit := l.MaxLineChars.Value; limit > 0 && longest > limit {
		c.add(r, at, Finding{
			Rule: "TXT001", Measured: longest, Limit: limit, Unit: "characters", Source: l.MaxLineChars.Source, Fix: c.rebreak(at),
			Message: fmt.Sprintf("a line of %g characters, the limit is %g", longest, limit),
		})
	}
	if limit := l.MaxLines.Value; limit > 0 && len(cue.Lines) > limit {
		c.add(r, at, Finding{
			Rule: "TXT002", Measured: float64(len(cue.Lines)), Limit: float64(limit), Unit: "lines", Source: l.MaxLines.Source, Fix: c.rebreak(at),
			Message: fmt.Sprintf("%d lines, the limit is %d", len(cue.Lines), limit),
		})
	}
	if limit := l.MaxLineChars.Value; limit > 0 && len(cue.Lines) > 1 && total <= limit && !blank(cue) && !slices.ContainsFunc(cue.Lines, timedtext.Dashed) {
		if joined := timedtext.Length(cue.Text(c.language), c.language); joined <= limit {
			c.add(r, at, Finding{
				Rule: "TXT003", Measured: float64(len(cue.Lines)), Limit: 1, Unit: "lines", Fix: c.rebreak(at),
				Message: fmt.Sprintf("its %g characters fit on one line", joined),
			})
		}
	}
}

// rebreak lays the text of a cue out anew; nil where it cannot be made to fit or
// where each line is another speaker's.
func (c *checker) rebreak(at int) *Fix {
	cue, l := c.cues[at], c.ctx.Limits
	if l.MaxLineChars.Value <= 0 || l.MaxLines.Value <= 0 || slices.ContainsFunc(cue.Lines, timedtext.Dashed) {
		return nil
	}
	lines, ok := timedtext.Break(cue.Text(c.language), c.language, l.MaxLineChars.Value, l.MaxLines.Value)
	if !ok || slices.Equal(lines, cue.Lines) {
		return nil
	}
	return &Fix{cue.Start, cue.End, lines}
}

func (c *checker) programme(r *report, at int) {
	cue := c.cues[at]
	if cue.Start < -timedtext.Tolerance {
		c.add(r, at, Finding{Rule: "FMT010", Measured: cue.Start.Seconds(), Unit: "s", Message: "starts before the programme"})
	}
	if end := c.ctx.Duration; end > 0 && cue.End > end+timedtext.Tolerance {
		c.add(r, at, Finding{Rule: "FMT010", Measured: cue.End.Seconds(), Limit: end.Seconds(), Unit: "s", Message: "ends after the programme"})
	}
}

func (c *checker) duration(r *report, at int) {
	cue, l := c.cues[at], c.ctx.Limits
	stands := cue.Duration()
	if limit := l.MinDuration; limit.Value > 0 && stands < limit.Value-timedtext.Tolerance {
		c.add(r, at, Finding{
			Rule: "TIM002", Measured: stands.Seconds(), Limit: limit.Value.Seconds(), Unit: "s", Source: limit.Source, Fix: c.extend(at, limit.Value),
			Message: fmt.Sprintf("stands for %.3f s, the least is %.3f s", stands.Seconds(), limit.Value.Seconds()),
		})
	}
	if limit := l.MaxDuration; limit.Value > 0 && stands > limit.Value+timedtext.Tolerance {
		c.add(r, at, Finding{
			Rule: "TIM003", Measured: stands.Seconds(), Limit: limit.Value.Seconds(), Unit: "s", Source: limit.Source, Fix: c.trim(at, limit.Value),
			Message: fmt.Sprintf("stands for %.3f s, the most is %.3f s", stands.Seconds(), limit.Value.Seconds()),
		})
	}
}

func (c *checker) speed(r *report, at int) {
	cue, limit := c.cues[at], c.ctx.Limits.MaxSpeed
	length := cue.Length(c.language)
	if limit.Value <= 0 || length <= limit.Value*(cue.Duration()+timedtext.Tolerance).Seconds() {
		return
	}
	cps, _ := cue.Speed(c.language)
	need := time.Duration(math.Ceil(length / limit.Value * float64(time.Second)))
	c.add(r, at, Finding{
		Rule: "TIM008", Measured: round(cps), Limit: limit.Value, Unit: "cps", Source: limit.Source, Fix: c.extend(at, need),
		Message: fmt.Sprintf("reads at %.1f characters per second, the limit is %g", cps, limit.Value),
	})
}

// neighbour compares a cue with the next one.
func (c *checker) neighbour(r *report, at int) {
	if at+1 >= len(c.cues) {
		return
	}
	cue, next := c.cues[at], c.cues[at+1]
	gap := next.Start - cue.End
	least := c.gap()
	switch {
	case gap < -timedtext.Tolerance:
		c.add(r, at, Finding{
			Rule: "TIM004", Measured: -gap.Seconds(), Unit: "s", Fix: c.until(at, next.Start-least),
			Message: fmt.Sprintf("still stands for %.3f s after cue %s comes in", -gap.Seconds(), next.ID),
		})
	case c.rated && gap < least-timedtext.Tolerance:
		frames := max(0, round(gap.Seconds()*c.rate.Float()))
		c.add(r, at, Finding{
			Rule: "TIM005", Measured: frames, Limit: float64(c.ctx.Limits.MinGap.Value), Unit: "frames", Source: c.ctx.Limits.MinGap.Source,
			Fix:     c.until(at, next.Start-least),
			Message: fmt.Sprintf("leaves %g frames before cue %s, the least is %d", frames, next.ID, c.ctx.Limits.MinGap.Value),
		})
	}
}

// shot holds out times away from the cuts just after them.
func (c *checker) shot(r *report, at int) {
	if !c.rated || len(c.cuts) == 0 || c.ctx.Limits.ShotZone.Value <= 0 {
		return
	}
	cue, l := c.cues[at], c.ctx.Limits
	i, _ := slices.BinarySearch(c.cuts, cue.End-timedtext.Tolerance)
	if i == len(c.cuts) || c.cuts[i] <= cue.Start {
		return
	}
	before := c.rate.FrameAt(c.cuts[i]) - c.rate.FrameAt(cue.End)
	f := Finding{
		Measured: float64(before), Limit: float64(l.MinGap.Value), Unit: "frames", Source: l.ShotZone.Source, Fix: c.until(at, c.cuts[i]-c.gap()),
		Message: fmt.Sprintf("goes out %d frames before a cut; it should be %d, or half a second", before, l.MinGap.Value),
	}
	switch {
	case before < 2:
		f.Rule = "SHT004"
	case before != int64(l.MinGap.Value) && before < c.rate.FrameAt(l.ShotZone.Value):
		f.Rule = "SHT003"
	default:
		return
	}
	c.add(r, at, f)
}

// round keeps three decimals, so that reports read well and compare exactly.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
