package workflows

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// maxDetails is how much markdown the server keeps for a workflow's details.
const maxDetails = 20_000

// display is what people were last shown of a workflow.
type display struct {
	details     string
	review      string
	gate        string
	criticals   int64
	gatesOpened int64
}

// publish shows where the job stands, in the workflow's details and in its
// search attributes. It writes only what changed.
func (l *loop) publish(ctx workflow.Context) error {
	now := display{review: contract.ReviewNone}
	var details []string
	for i := range l.state.Gates {
		g := &l.state.Gates[i]
		if g.State != gate.Waiting && g.State != gate.Changes {
			continue
		}
		now.gatesOpened++
		now.criticals += int64(g.Subject.Criticals)
		if now.gate == "" {
			now.gate, now.review = string(g.Name), contract.ReviewLinguist
		}
		details = append(details, l.waits(g))
	}
	for _, b := range l.state.Blocked {
		now.review = contract.ReviewBlocked
		details = append(details, blocked(b))
	}
	if len(l.stages) > 0 && !slices.ContainsFunc(l.stages, func(s stage) bool { return !l.settled(s) }) && l.language != "" {
		now.review = contract.ReviewDelivered
	}
	details = append(details, l.progress(ctx))
	now.details = clip(strings.Join(details, "\n\n---\n\n"), maxDetails)
	if now.details != l.shown.details {
		workflow.SetCurrentDetails(ctx, now.details)
	}
	then := l.shown
	l.shown = now
	then.details = now.details
	if then == now {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx,
		contract.AttrReviewState.ValueSet(now.review),
		contract.AttrReviewGate.ValueSet(now.gate),
		contract.AttrCriticals.ValueSet(now.criticals),
		contract.AttrWaiting.ValueSet(now.gatesOpened),
	)
}

// clip is s, cut to at most n bytes at the end of a letter.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// identity is the part of the search attributes that never changes.
func identity(order contract.Order, language string) []temporal.SearchAttributeUpdate {
	attrs := []temporal.SearchAttributeUpdate{
		contract.AttrJob.ValueSet(order.Job),
		contract.AttrCustomer.ValueSet(order.Customer),
		contract.AttrSeries.ValueSet(order.Series),
		contract.AttrTitle.ValueSet(order.Title),
		contract.AttrLanguage.ValueSet(language),
		contract.AttrReviewState.ValueSet(contract.ReviewNone),
	}
	if !order.Due.IsZero() {
		attrs = append(attrs, contract.AttrDue.ValueSet(order.Due))
	}
	return attrs
}

// status answers QueryStatus.
func (l *loop) status() contract.Status {
	s := contract.Status{
		Job: l.order.Job, Title: l.order.Title, Language: l.language, Gates: l.state.Gates,
		Blocked: l.state.Blocked, Labels: l.labels(), Decisions: l.state.Taken,
	}
	for _, row := range l.stages {
		s.Stages = append(s.Stages, l.stageStatus(row))
	}
	if l.children != nil {
		s.Children = l.children()
	}
	return s
}

func (l *loop) stageStatus(s stage) contract.StageStatus {
	key, why := l.key(s)
	r, made := l.result(s.name)
	out := contract.StageStatus{Stage: s.name, Key: key, Doc: r.Made.Doc, Items: r.Made.Items}
	_, busy := l.running[s.name]
	switch {
	case busy:
		out.State = contract.StageRunning
	case key == "":
		out.State, out.Why = contract.StageWaits, "for "+string(why)
	case l.blocked(s.name, key):
		out.State = contract.StageBlocked
	case l.settled(s):
		out.State = contract.StageDone
	case made && r.Key == key:
		out.State, out.Why = contract.StageAtGate, "for a decision at "+string(s.gate)
	case made:
		out.State, out.Why = contract.StageStale, "an input or an edit changed"
	default:
		out.State = contract.StageWaits
	}
	return out
}

// keys are the keys of m in no order: sort them before anything follows from it.
func keys[V any](m map[string]V) iter.Seq[string] {
	return maps.Keys(m) //workflowcheck:ignore
}
