package qa

import (
	"fmt"
	"slices"

	"github.com/babelreel/babelreel/domain/script"
)

// ID names the finding within its report: its rule and what it is about. A
// waiver names it, and it stays the same as long as the fault does.
func (f Finding) ID() string {
	about := f.Cue
	if about == "" {
		about = f.Event
	}
	if about == "" {
		return f.Rule
	}
	return f.Rule + ":" + about
}

// With is r with more findings, counted and in order.
func (r Report) With(findings ...Finding) Report {
	all := &report{Report{RulesVersion: r.RulesVersion, Profile: r.Profile, Language: r.Language, NotChecked: r.NotChecked}}
	all.Findings = slices.Clone(r.Findings)
	for _, f := range findings {
		all.add(f)
	}
	return all.finish()
}

// Conflicts are findings for edits that no longer fit what they were made for.
func Conflicts(conflicts []script.Conflict) []Finding {
	var found []Finding
	for _, c := range conflicts {
		found = append(found, Finding{
			Rule: "EDT001", Event: c.Edit.ID, Index: -1,
			Message: fmt.Sprintf("the edit %q by %s was not applied: %s", c.Edit.Op, c.By, c.Reason),
		})
	}
	return found
}

// Missing are findings for lines that could not be translated.
func Missing(failures []script.Failure) []Finding {
	var found []Finding
	for _, f := range failures {
		found = append(found, Finding{
			Rule: "TRN001", Event: f.Event, Index: -1,
			Message: "the line has no translation: " + f.Reason,
		})
	}
	return found
}

// CheckDialogue judges a dialogue list: every doubt of the machines that made it
// is a finding for a person, and so is every edit that did not fit.
func CheckDialogue(d script.DialogueList) Report {
	r := newReport("", d.Language)
	for i, e := range d.Events {
		if e.End > d.Cut.Duration() || e.Start < 0 || e.Start >= e.End {
			r.add(Finding{
				Rule: "FMT010", Event: e.ID, Index: i, Measured: e.End.Seconds(), Limit: d.Cut.Duration().Seconds(), Unit: "s",
				Message: "the event does not lie within the picture",
			})
		}
	}
	for _, doubt := range d.Doubts {
		i := slices.IndexFunc(d.Events, func(e script.Event) bool { return e.ID == doubt.Event })
		if doubt.Event != "" && (i < 0 || seenTo(d.Events[i])) {
			continue
		}
		r.add(Finding{Rule: "DLG001", Event: doubt.Event, Index: i, Message: doubt.Reason})
	}
	for _, f := range Conflicts(d.Conflicts) {
		r.add(f)
	}
	return r.finish()
}

// seenTo reports whether a person changed the event, or decided what it is.
func seenTo(e script.Event) bool {
	return e.Words == nil || e.Treatment != "" || e.Kind != script.Dialogue
}

// PictureFacts is what is known of a lip-synced picture.
type PictureFacts struct {
	Missing          []script.Failure // shots that should have been moved and were not
	OutsideIdentical bool
	Closures         int
	ClosuresHit      int
}

// closureMin is the share of lip closures below which a lip-sync is called off:
// most of them, as a viewer sees a missed /p b m/ first.
const closureMin = 0.5

// CheckPicture judges a lip-synced picture by DUB012 and PIC rules.
func CheckPicture(p PictureFacts) []Finding {
	var found []Finding
	for _, m := range p.Missing {
		found = append(found, Finding{Rule: "PIC001", Event: m.Event, Index: -1, Message: "the shot could not be lip-synced: " + m.Reason})
	}
	if !p.OutsideIdentical {
		found = append(found, Finding{Rule: "PIC002", Index: -1, Message: "the engine changed picture outside of the mouth region"})
	}
	if p.Closures > 0 {
		if share := float64(p.ClosuresHit) / float64(p.Closures); share < closureMin {
			found = append(found, Finding{
				Rule: "DUB012", Index: -1, Measured: share, Limit: closureMin, Unit: "share",
				Message: fmt.Sprintf("%d of %d lip closures are hit", p.ClosuresHit, p.Closures),
			})
		}
	}
	return found
}
