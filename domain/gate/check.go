package gate

import (
	"fmt"
	"slices"
	"strings"
)

// Check says in words that a reviewer can act on why d cannot be taken now, or
// nil. It changes nothing, so it serves as an Update validator.
func (g *Gate) Check(d Decision) error {
	if strings.TrimSpace(d.By) == "" {
		return refuse("by: name the reviewer, for example an e-mail address")
	}
	if !slices.Contains([]Verdict{Approve, Change, Reject, Reopen}, d.Verdict) {
		return refuse(`verdict: want "approve", "change", "reject" or "reopen", got %q`, d.Verdict)
	}
	if g.State == Closed {
		return refuse("gate %s: nothing waits there yet; it opens when its document is made", g.Name)
	}
	if d.Revision != g.Subject.Revision {
		return refuse("gate %s: revision %s is stale; the one on show is %s. Look at it and decide again",
			g.Name, short(d.Revision), short(g.Subject.Revision))
	}
	if g.Pending != nil {
		return refuse("gate %s: %s by %s is being recorded", g.Name, g.Pending.Verdict, g.Pending.By)
	}
	if g.State == Updating {
		return refuse("gate %s: the document is being made anew; decide on the new revision when it is shown", g.Name)
	}
	if d.Verdict == Reopen {
		return g.checkReopen(d)
	}
	if g.State == Approved {
		return refuse(`gate %s: already approved by %s; to change it, send verdict "reopen" with a comment first`, g.Name, g.Approval.By)
	}
	switch d.Verdict {
	case Reject:
		if strings.TrimSpace(d.Comment) == "" {
			return refuse("comment: say what must change; a rejection without a reason helps nobody")
		}
	case Change:
		return checkEdits(d)
	case Approve:
		return g.checkApprove(d)
	case Reopen: // checked above
	}
	return nil
}

func (g *Gate) checkReopen(d Decision) error {
	if g.State != Approved && g.State != Changes {
		return refuse("gate %s: is neither approved nor rejected, so there is nothing to reopen", g.Name)
	}
	if strings.TrimSpace(d.Comment) == "" {
		return refuse("comment: say why the decision no longer holds")
	}
	return nil
}

func (g *Gate) checkApprove(d Decision) error {
	if len(d.Edits) > 0 {
		return refuse(`edits: an approval is of the exact bytes on show; send the edits with verdict "change", then approve what they make`)
	}
	if g.State == Changes {
		return refuse("gate %s: revision %s was rejected by %s (%s); change it, or withdraw the rejection with verdict \"reopen\" and a comment", g.Name, short(d.Revision), g.Rejected.By, g.Rejected.Comment)
	}
	for _, w := range d.Waive {
		if !slices.Contains(g.Subject.Critical, w.Finding) {
			return refuse("waive: no open critical finding has the id %q", w.Finding)
		}
		if strings.TrimSpace(w.Reason) == "" {
			return refuse("waive %s: give a reason", w.Finding)
		}
	}
	for _, finding := range g.Subject.Critical {
		if !slices.ContainsFunc(d.Waive, func(w Waiver) bool { return w.Finding == finding }) {
			return refuse(`critical finding %s stands (%d in all); mend it with verdict "change", or waive it: "waive":[{"finding":%q,"reason":"..."}]`,
				finding, g.Subject.Criticals, finding)
		}
	}
	if g.Subject.Criticals > len(g.Subject.Critical) {
		return refuse("%d critical findings stand, more than can be waived at once; mend some first", g.Subject.Criticals)
	}
	return nil
}

func checkEdits(d Decision) error {
	switch {
	case len(d.Edits) == 0:
		return refuse(`edits: give at least one, such as {"op":"replace","id":"e001","text":"..."}`)
	case len(d.Edits) > MaxEdits:
		return refuse("edits: %d are too many for one decision; send at most %d at a time", len(d.Edits), MaxEdits)
	}
	for i, edit := range d.Edits {
		if err := edit.Validate(); err != nil {
			return refuse("edits[%d]: %w", i, err)
		}
	}
	return nil
}

func refuse(format string, args ...any) error { return fmt.Errorf(format, args...) }

// short is a revision as people read it.
func short(revision string) string {
	if revision == "" {
		return "(none)"
	}
	return revision[:min(12, len(revision))]
}
