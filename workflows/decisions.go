package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
)

// handle registers the updates and the query that both workflow types answer.
// Call it before the first yield, so that nothing can arrive before its handler.
func (l *loop) handle(ctx workflow.Context) error {
	err := workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateDecide, l.decide, workflow.UpdateHandlerOptions{
		Validator: l.checkDecide,
		Description: `Answer a gate. Copy the JSON from Current Details (tab User Metadata) and put your name in, e.g. ` +
			`{"gate":"translation","revision":"0a09be407809","verdict":"approve","by":"you@example.com"}. ` +
			`Verdicts: approve; change, with "edits"; reject and reopen, with "comment".`,
	})
	if err != nil {
		return err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateRetry, l.retry, workflow.UpdateHandlerOptions{
		Validator:   l.checkRetry,
		Description: `Run a stage again for what it could not make, e.g. {"stage":"takes","by":"you@example.com"}. What was made is not paid again.`,
	})
	if err != nil {
		return err
	}
	return workflow.SetQueryHandlerWithOptions(ctx, contract.QueryStatus, func() (contract.Status, error) {
		return l.status(), nil
	}, workflow.QueryHandlerOptions{Description: "Stages, gates and what each waits for."})
}

// checkDecide turns away a decision before it enters the history. It only reads.
func (l *loop) checkDecide(_ workflow.Context, in contract.Decide) error {
	g := l.findGate(in.Gate)
	if g == nil {
		return reject(fmt.Sprintf("gate: this job has no gate %q; it has %s", in.Gate, l.gateNames()))
	}
	if in.Verdict == gate.Change && !slices.ContainsFunc(l.stages, func(s stage) bool { return s.edits == in.Gate }) {
		return reject("gate " + string(in.Gate) + `: nothing can be edited there; send verdict "reopen" to the gate where the fault lies, then change it`)
	}
	if err := g.Check(l.decision(g, in)); err != nil {
		return reject(err.Error())
	}
	return nil
}

// decide takes the decision that checkDecide let through. Nothing can run
// between the two, and it takes effect only once it is on record.
func (l *loop) decide(ctx workflow.Context, in contract.Decide) (contract.Receipt, error) {
	g := l.gate(in.Gate)
	l.take(ctx, g, l.decision(g, in))
	return contract.Receipt{ID: g.Pending.ID, Say: fmt.Sprintf("%s of %s %.12s by %s taken", in.Verdict, in.Gate, g.Pending.Revision, in.By)}, nil
}

// decision is what in says, with a revision that was shortened to 12 letters
// or more made whole.
func (l *loop) decision(g *gate.Gate, in contract.Decide) gate.Decision {
	revision := strings.TrimSpace(in.Revision)
	if len(revision) >= 12 && strings.HasPrefix(g.Subject.Revision, revision) {
		revision = g.Subject.Revision
	}
	return gate.Decision{
		Gate: in.Gate, Revision: revision, Verdict: in.Verdict, Edits: in.Edits, Waive: in.Waive,
		Comment: in.Comment, By: strings.TrimSpace(in.By), Identity: gate.Unverified,
	}
}

func (l *loop) take(ctx workflow.Context, g *gate.Gate, d gate.Decision) {
	l.state.Taken++
	d.ID = fmt.Sprintf("%s/%d", workflow.GetInfo(ctx).WorkflowExecution.ID, l.state.Taken)
	d.At = workflow.Now(ctx).UTC()
	g.Take(d)
	l.changed = true
	workflow.GetLogger(ctx).Info("Decision taken.", "gate", d.Gate, "verdict", d.Verdict, "id", d.ID)
}

// record writes the pending decision of g to the records and then lets it take
// effect. A decision that cannot be written stays pending.
func (l *loop) record(ctx workflow.Context, g *gate.Gate) {
	name := g.Name
	l.writing[name] = true
	in := contract.DecisionIn{
		Job: l.order.Job, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, Language: l.language,
		Rules: g.Subject.Rules, Decision: *g.Pending,
	}
	ctx, cancel := workflow.NewDisconnectedContext(ctx) // a decision outlives a cancellation
	workflow.Go(ctx, func(ctx workflow.Context) {
		defer func() { delete(l.writing, name); l.changed = true; cancel() }()
		summary := string(in.Decision.Verdict) + " at " + string(name)
		out, err := contract.RecordDecision.Call(with(ctx, contract.RecordDecision.Name, l.order.Customer, summary), in)
		if err != nil {
			l.block(ctx, recording(name), in.Decision.ID, contract.KindOf(err), err)
			return
		}
		if d := l.gate(name).Recorded(); d.Verdict == gate.Change {
			for _, s := range l.stages {
				if s.edits == name {
					l.addEdits(s.name, out.EditSet)
				}
			}
		}
	})
}

// recording names the writing of a gate's decision among the blocked stages; no
// stage of a job has that name.
func recording(name gate.Name) contract.StageName { return contract.StageName(name) + "-decision" }

// show puts the result of s before its gate, and lets the gate's policy decide
// where it may.
func (l *loop) show(ctx workflow.Context, s stage, r contract.StageResult) {
	if s.gate == "" {
		return
	}
	g := l.gate(s.gate)
	if g.State == gate.Closed || g.State == gate.Updating || g.Subject.Revision != r.Subject.Revision {
		g.Show(r.Subject, workflow.Now(ctx).UTC())
	}
	if d, ok := g.Policies(); ok {
		l.take(ctx, g, d)
	}
}

func (l *loop) checkRetry(_ workflow.Context, in contract.Retry) error {
	if strings.TrimSpace(in.By) == "" {
		return reject("by: name who asks for it")
	}
	if _, busy := l.running[in.Stage]; busy {
		return reject(fmt.Sprintf("stage %s is running", in.Stage))
	}
	if _, made := l.result(in.Stage); made {
		return nil
	}
	if !slices.ContainsFunc(l.state.Blocked, func(b contract.Blocked) bool { return b.Stage == in.Stage }) {
		return reject(fmt.Sprintf("stage %s is not blocked and has made nothing yet", in.Stage))
	}
	return nil
}

func (l *loop) retry(_ workflow.Context, in contract.Retry) (contract.Receipt, error) {
	l.unblock(in.Stage)
	l.state.Results = slices.DeleteFunc(l.state.Results, func(r contract.StageResult) bool { return r.Stage == in.Stage })
	l.changed = true
	return contract.Receipt{ID: string(in.Stage), Say: "running again; what is in the store is used"}, nil
}

func (l *loop) gateNames() string {
	var names []string
	for _, g := range l.state.Gates {
		names = append(names, string(g.Name))
	}
	return strings.Join(names, ", ")
}

func reject(message string) error {
	return temporal.NewNonRetryableApplicationError(message, string(fault.Refused), nil)
}

// reason is what a person reads of a failure: the message of the innermost
// cause that has a fault kind, without the names of the stages around it.
func reason(err error) string {
	message := err.Error()
	for cause := err; cause != nil; {
		app, ok := errors.AsType[*temporal.ApplicationError](cause)
		if !ok {
			break
		}
		if slices.Contains(fault.Kinds(), fault.Kind(app.Type())) {
			message = app.Message()
		}
		cause = app.Unwrap()
	}
	return message
}
