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
	if g.State == gate.Waiting {
		fmt.Fprintf(&b, "\n\n**To approve** this revision, %s\n\n%s", how, paste(g, gate.Approve, ""))
		how = "send:"
	}
	if g.Subject.Criticals > 0 {
		b.WriteString("\n\nA critical finding forbids that, until a change mends it or a person answers for it: " +
			"add `\"waive\":[{\"finding\":\"...\",\"reason\":\"...\"}]` with its id.")
	}
	if l.editable(g.Name) {
		fmt.Fprintf(&b, "\n\n**To change** lines, and then decide on the new revision, %s\n\n%s", how,
			paste(g, gate.Change, `"edits":[{"op":"replace","id":"e001","text":"..."}]`))
		return b.String()
	}
	for i := range l.state.Gates {
		if other := &l.state.Gates[i]; other.State == gate.Approved && l.editable(other.Name) {
			fmt.Fprintf(&b, "\n\n**To go back** to %s and change it there, %s\n\n%s", other.Name, how, paste(other, gate.Reopen, `"comment":"..."`))
		}
	}
	return b.String()
}

// paste is the JSON of a verdict on what g shows, in lines that a narrow page
// does not cut off.
func paste(g *gate.Gate, verdict gate.Verdict, more string) string {
	if more != "" {
		more = ",\n " + more
	}
	return fmt.Sprintf("```json\n{\"gate\":%q,\"revision\":%q,\n \"verdict\":%q,\"by\":\"you@example.com\"%s}\n```",
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
