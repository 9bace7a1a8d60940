package qa

import (
	"cmp"
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// Event is one event of the dialogue list that must be shown.
type Event struct {
	ID    string        `json:"id"`
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`
}

// Context is what subtitles are judged against. A rule whose fact is missing is
// reported as not checked.
type Context struct {
	Limits   timedtext.Limits `json:"limits"`
	Language string           `json:"language"` // BCP 47; "" as the document
	Rate     script.Rate      `json:"rate"`     // of the cut; zero as the document
	Duration time.Duration    `json:"duration"` // of the cut, 0 where unknown
	Shots    []time.Duration  `json:"shots"`    // first frame of every shot but the first; nil where unknown
	Events   []Event          `json:"events"`   // what must be shown; nil where unknown
}

// CheckSubtitles judges doc by the FMT, TIM, SHT, SYN and TXT rules. Cues are
// compared in order of time, whatever their order in the document.
func CheckSubtitles(doc timedtext.Document, ctx Context) Report {
	c := newChecker(doc, ctx)
	r := newReport(ctx.Limits.Profile, c.language)
	c.skipped(r)
	c.whole(r, doc)
	for at := range c.cues {
		c.cue(r, at)
	}
	return r.finish()
}

// checker holds a document ready to be judged cue by cue.
type checker struct {
	ctx      Context
	language string
	rate     script.Rate // always valid
	rated    bool        // rate is known, not assumed
	cues     []timedtext.Cue
	index    []int // of each cue in the document
	cuts     []time.Duration
	events   []Event // in order of Start
	speech   map[string]time.Duration
}

// assumedRate serves to propose fixes where no rate is known.
var assumedRate = script.Rate{Num: 24, Den: 1}

func newChecker(doc timedtext.Document, ctx Context) *checker {
	c := &checker{
		ctx: ctx, language: cmp.Or(ctx.Language, doc.Language), rate: cmp.Or(ctx.Rate, doc.Rate),
		index: make([]int, len(doc.Cues)), cues: make([]timedtext.Cue, len(doc.Cues)),
		cuts: slices.Sorted(slices.Values(ctx.Shots)), events: slices.Clone(ctx.Events), speech: map[string]time.Duration{},
	}
	if c.rated = c.rate.Valid(); !c.rated {
		c.rate = assumedRate
	}
	for i := range c.index {
		c.index[i] = i
	}
	slices.SortStableFunc(c.index, func(a, b int) int { return cmp.Compare(doc.Cues[a].Start, doc.Cues[b].Start) })
	for at, i := range c.index {
		c.cues[at] = doc.Cues[i]
	}
	slices.SortStableFunc(c.events, func(a, b Event) int { return cmp.Compare(a.Start, b.Start) })
	for _, e := range c.events {
		c.speech[e.ID] = e.End
	}
	return c
}

func (c *checker) skipped(r *report) {
	if c.ctx.Events == nil {
		r.skip("the dialogue list is not known", "SYN005")
	}
	if c.ctx.Duration <= 0 {
		r.skip("the length of the programme is not known; only the start was checked", "FMT010")
	}
	if !c.rated {
		r.skip("the frame rate is not known", "TIM005", "SHT003", "SHT004")
	} else if c.ctx.Shots == nil {
		r.skip("the shot changes are not known", "SHT003", "SHT004")
	}
}

// whole applies the rules that look at the document as one.
func (c *checker) whole(r *report, doc timedtext.Document) {
	if len(c.cues) == 0 && (c.ctx.Events == nil || len(c.events) > 0) {
		r.add(Finding{Rule: "FMT003", Index: -1, Limit: 1, Unit: "cues", Message: "there is no cue"})
	}
	for i := 1; i < len(doc.Cues); i++ {
		a, b := doc.Cues[i-1], doc.Cues[i]
		if b.Start < a.Start {
			r.add(Finding{
				Rule: "FMT009", Event: event(b), Cue: b.ID, Index: i, Unit: "s",
				Measured: b.Start.Seconds(), Limit: a.Start.Seconds(), Message: "starts before the cue that stands before it in the file",
			})
		}
	}
	for _, e := range c.missing() {
		r.add(Finding{Rule: "SYN005", Event: e.ID, Index: -1, Limit: 1, Unit: "cues", Message: "no cue shows this line of dialogue"})
	}
}

// linked reports whether cues say which events they show, as those that were
// authored here do and imported ones do not.
func (c *checker) linked() bool {
	return slices.ContainsFunc(c.cues, func(cue timedtext.Cue) bool { return len(cue.Events) > 0 })
}

// missing is the events that no cue shows: that no cue names or, where cues name
// none, during which no cue with text is on the screen.
func (c *checker) missing() []Event {
	var missing []Event
	if c.linked() {
		shown := map[string]bool{}
		for _, cue := range c.cues {
			for _, id := range cue.Events {
				shown[id] = shown[id] || !blank(cue)
			}
		}
		for _, e := range c.events {
			if !shown[e.ID] {
				missing = append(missing, e)
			}
		}
		return missing
	}
	next, until := 0, time.Duration(-1<<63) // cues before next started; the last of them ends at until
	for _, e := range c.events {
		for ; next < len(c.cues) && c.cues[next].Start < max(e.End, e.Start+1); next++ {
			if !blank(c.cues[next]) {
				until = max(until, c.cues[next].End)
			}
		}
		if until <= e.Start {
			missing = append(missing, e)
		}
	}
	return missing
}
