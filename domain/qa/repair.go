package qa

import (
	"cmp"
	"slices"

	"github.com/babelreel/babelreel/domain/timedtext"
)

// Change is one repair that was made.
type Change struct {
	Rule string `json:"rule"` // what it repairs
	Cue  string `json:"cue"`  // id, "" for the order of all cues
	From Fix    `json:"from"`
	To   Fix    `json:"to"`
}

// Repair applies the fixes of findings, one at a time. A fix stays only if the
// weighted score of the cue and its neighbours falls and nothing new of Major
// or worse appears among them. It changes out times, line breaks and the order
// of cues: no word, no in time, and nothing in doc itself. The report is of the
// repaired document.
//
// It works until no fix helps, so repairing twice is repairing once. Each change
// lowers the score, a whole number, so it ends.
func Repair(doc timedtext.Document, ctx Context) (timedtext.Document, []Change, Report) {
	var changes []Change
	doc.Cues = slices.Clone(doc.Cues)
	byStart := func(a, b timedtext.Cue) int { return cmp.Compare(a.Start, b.Start) }
	if !slices.IsSortedFunc(doc.Cues, byStart) {
		slices.SortStableFunc(doc.Cues, byStart)
		changes = append(changes, Change{Rule: "FMT009"})
	}

	c := newChecker(doc, ctx)
	waiting := make([]int, len(c.cues)) // positions to look at, the next one last
	for i := range waiting {
		waiting[i] = len(waiting) - 1 - i
	}
	for len(waiting) > 0 {
		at := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if change, ok := c.repair(at); ok {
			changes = append(changes, change)
			waiting = append(waiting, at)
			if at > 0 {
				waiting = append(waiting, at-1)
			}
		}
	}
	doc.Cues = c.cues
	return doc, changes, CheckSubtitles(doc, ctx)
}

// repair makes the first fix of the cue at a position that helps.
func (c *checker) repair(at int) (Change, bool) {
	own := newReport("", c.language)
	c.cue(own, at)
	fixes := slices.DeleteFunc(own.finish().Findings, func(f Finding) bool { return f.Fix == nil })
	if len(fixes) == 0 {
		return Change{}, false
	}
	before, was := c.around(at), c.cues[at]
	for _, f := range fixes {
		c.cues[at].Start, c.cues[at].End, c.cues[at].Lines = f.Fix.Start, f.Fix.End, f.Fix.Lines
		if after := c.around(at); after.Score < before.Score && !worse(before, after) {
			return Change{f.Rule, was.ID, Fix{was.Start, was.End, was.Lines}, *f.Fix}, true
		}
		c.cues[at] = was
	}
	return Change{}, false
}

// around is the report of a cue and its neighbours.
func (c *checker) around(at int) Report {
	r := newReport("", c.language)
	for i := max(0, at-1); i <= min(len(c.cues)-1, at+1); i++ {
		c.cue(r, i)
	}
	return r.finish()
}

// worse reports whether after has a finding of Major or worse that before has not.
func worse(before, after Report) bool {
	type key struct {
		rule  string
		index int
	}
	known := map[key]bool{}
	for _, f := range before.Findings {
		known[key{f.Rule, f.Index}] = true
	}
	return slices.ContainsFunc(after.Findings, func(f Finding) bool {
		return f.Severity != Minor && !known[key{f.Rule, f.Index}]
	})
}
