package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// sending is how a person sends an update in the Temporal UI. A click on Submit
// is lost there while the cursor stands in the box.
const sending = "choose *More Actions*, *Send an Update*, `%s`; paste this with your name in it, click beside the box, then *Submit*:"

// maxWaived is how many critical findings stand in the JSON that waives them: a
// person who has more to answer for changes the document.
const maxWaived = 5

// waits is what a person reads of a gate that waits: its brief, and the JSON to
// paste for every answer that the gate would take now.
func (l *loop) waits(g *gate.Gate) string {
	var b strings.Builder
	if g.Rejected == nil {
		fmt.Fprintf(&b, "### Waiting for a decision: %s\n\n", g.Name)
	} else {
		fmt.Fprintf(&b, "### Waiting for a change: %s\n\n**Rejected** by %s: %s\n\n", g.Name, plain(g.Rejected.By), plain(g.Rejected.Comment))
	}
	b.WriteString(g.Subject.Brief)
	how := fmt.Sprintf(sending, contract.UpdateDecide)
	for _, a := range l.answers(g) {
		fmt.Fprintf(&b, "\n\n**To %s, %s\n\n```json\n%s\n```", a.to, how, a.json)
		how = "send:"
	}
	if g.State == gate.Waiting {
		b.WriteString("\n\n**To reject** it, for somebody else to change, send verdict `reject` with a `comment` that says what is wrong.")
	}
	return b.String()
}

// answer is one decision that a gate would take.
type answer struct{ to, json string }

// answers lists what can be decided at g, the likeliest first. What a person
// must fill in is empty, so that it is refused as it stands.
func (l *loop) answers(g *gate.Gate) []answer {
	var mend []answer
	if l.editable(g.Name) {
		mend = append(mend, answer{"change** lines, and then decide on the new revision", paste(g, gate.Change, edit(g))})
	} else {
		for i := range l.state.Gates {
			if other := &l.state.Gates[i]; other.State == gate.Approved && l.editable(other.Name) {
				mend = append(mend, answer{"go back** to " + string(other.Name) + " and change it there", paste(other, gate.Reopen, `"comment":""`)})
			}
		}
	}
	switch {
	case g.State != gate.Waiting:
		return mend
	case g.Subject.Criticals == 0:
		return slices.Concat([]answer{{"approve** this revision", paste(g, gate.Approve, "")}}, mend)
	default:
		return append(mend, answer{"approve** it as it is, with your reason for each critical finding", paste(g, gate.Approve, waivers(g))})
	}
}

// edit is an example of an edit, of the line that most needs one.
func edit(g *gate.Gate) string {
	id := "e001"
	for _, finding := range g.Subject.Critical {
		if _, about, ok := strings.Cut(finding, ":"); ok {
			id = about
			break
		}
	}
	return fmt.Sprintf(`"edits":[{"op":"replace","id":%q,"text":""}]`, id)
}

func waivers(g *gate.Gate) string {
	var all []string
	for _, finding := range g.Subject.Critical[:min(maxWaived, len(g.Subject.Critical))] {
		all = append(all, fmt.Sprintf(`{"finding":%q,"reason":""}`, finding))
	}
	return `"waive":[` + strings.Join(all, ",\n  ") + "]"
}

// paste is the JSON of a verdict on what g shows, in lines that a narrow page
// does not cut off.
func paste(g *gate.Gate, verdict gate.Verdict, more string) string {
	if more != "" {
		more = ",\n " + more
	}
	return fmt.Sprintf("{\"gate\":%q,\"revision\":%q,\n \"verdict\":%q,\"by\":\"you@example.com\"%s}",
		g.Name, clip(g.Subject.Revision, 12), verdict, more)
}

// editable reports whether a gate takes edits.
func (l *loop) editable(name gate.Name) bool {
	return slices.ContainsFunc(l.stages, func(s stage) bool { return s.edits == name })
}

// blocked is what a person reads of a stage that cannot go on.
func blocked(b contract.Blocked) string {
	return fmt.Sprintf("### Blocked: %s\n\n%s (%s)\n\nWhen the cause is gone, %s\n\n```json\n{\"stage\":%q,\"by\":\"you@example.com\"}\n```",
		b.Stage, plain(b.Reason), b.Kind, fmt.Sprintf(sending, contract.UpdateRetry), b.Stage)
}

// progress says what is made, what is being made, what comes, and where the
// languages are.
func (l *loop) progress(ctx workflow.Context) string {
	stages := map[string][]string{}
	for _, s := range l.stages {
		when := "To come"
		switch l.stageStatus(s).State {
		case contract.StageDone:
			when = "Done"
		case contract.StageRunning:
			when = "Being made"
		case contract.StageAtGate:
			when = "At a gate"
		case contract.StageBlocked:
			when = "Blocked"
		}
		stages[when] = append(stages[when], string(s.name))
	}
	var parts []string
	for _, when := range []string{"Done", "Blocked", "At a gate", "Being made", "To come"} {
		if names := stages[when]; len(names) > 0 {
			parts = append(parts, when+": "+strings.Join(names, ", ")+".")
		}
	}
	lines := []string{strings.Join(parts, " "), ""}
	if l.children != nil {
		for _, c := range l.children() {
			lines = append(lines, fmt.Sprintf("- [%s](</namespaces/%s/workflows/%s>): %s", c.Language, workflow.GetInfo(ctx).Namespace, c.WorkflowID, c.State))
		}
	}
	return strings.Join(lines, "\n")
}

// plain is s as one line of text within markdown.
func plain(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "[", "\\[", "<", "&lt;", "&", "&amp;", "`", "'").Replace(strings.Join(strings.Fields(s), " "))
}
