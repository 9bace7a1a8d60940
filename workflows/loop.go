// Package workflows holds the orchestration of localization jobs.
//
// A job is a reconcile loop over a small contract.State: each turn runs every
// stage whose key (inputs and parameters) has no result, and opens every gate
// whose document has no valid approval. An edit, a reopened gate, a change
// upstream or a continue-as-new only changes the State.
//
// Code here is replayed, possibly years later and by a newer release, and must
// make the same calls in the same order every time. It therefore touches no
// clock, file, environment or random source of its own, starts no goroutine,
// ranges over no map, and reads no configuration: what a workflow needs to know
// is in its input.
package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
)

// loop is one running reconcile loop.
type loop struct {
	order    contract.Order
	language string // "" for the title itself
	stages   []stage
	source   []contract.StageDoc // documents made elsewhere
	given    []string            // labels from elsewhere
	state    *contract.State
	children func() []contract.ChildStatus // nil where there are none

	waiting  func() bool                   // something came in; nil where nothing can
	intake   func()                        // takes in what came
	running  map[contract.StageName]string // key of what is being made; only looked up
	writing  map[gate.Name]bool            // decisions being recorded; only looked up
	made     int                           // results of this run
	draining bool                          // start nothing more: a continue-as-new is due, or there is nothing to make
	changed  bool                          // something happened since the last turn
	fatal    error                         // ends the job
	shown    display
}

func newLoop(order contract.Order, language string, state *contract.State) *loop {
	return &loop{
		order: order, language: language, state: state,
		running: map[contract.StageName]string{}, writing: map[gate.Name]bool{},
	}
}

// run turns until turn says that the job is done. It returns early when the job
// cannot go on at all, and when it is cancelled.
func (l *loop) run(ctx workflow.Context, turn func(workflow.Context) (done bool)) error {
	for {
		l.changed = false
		if l.intake != nil {
			l.intake()
		}
		l.reconcile(ctx)
		done := turn(ctx)
		if err := l.publish(ctx); err != nil {
			return err
		}
		if l.fatal != nil {
			return l.fatal
		}
		if done && l.quiet(ctx) {
			return nil
		}
		if err := workflow.Await(ctx, func() bool { return l.changed || l.heard() }); err != nil {
			l.finishWriting(ctx)
			return err
		}
	}
}

// lastWords is how long a cancelled job waits for decisions to be on record: two
// attempts of RecordDecision.
const lastWords = 2 * time.Minute

// finishWriting lets decisions that were taken get on record before a cancelled
// job ends: whoever decided has a receipt.
func (l *loop) finishWriting(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if ok, err := workflow.AwaitWithTimeout(ctx, lastWords, func() bool { return len(l.writing) == 0 }); err != nil || !ok {
		workflow.GetLogger(ctx).Error("Cancelled before a decision was on record.", "job", l.order.Job)
	}
}

func (l *loop) heard() bool { return l.waiting != nil && l.waiting() }

// quiet reports whether nothing is in the air that ending this run would lose.
func (l *loop) quiet(ctx workflow.Context) bool {
	return len(l.writing) == 0 && !l.heard() && workflow.AllHandlersFinished(ctx)
}

// pending reports whether a decision is not on record. The state carries it over
// a continue-as-new; a job does not end before.
func (l *loop) pending() bool {
	return slices.ContainsFunc(l.state.Gates, func(g gate.Gate) bool { return g.Pending != nil })
}

// reconcile starts whatever can be started: stages whose key has no result,
// gates whose document has none of the decisions it needs, decisions that are
// not on record.
func (l *loop) reconcile(ctx workflow.Context) {
	for _, s := range l.stages {
		key, _ := l.key(s)
		r, made := l.result(s.name)
		switch {
		case made && key == r.Key:
			l.show(ctx, s, r)
		case s.gate != "":
			l.gate(s.gate).Update()
		}
		_, busy := l.running[s.name]
		if key == "" || busy || l.draining || (made && key == r.Key) || l.blocked(s.name, key) {
			continue
		}
		l.unblock(s.name)
		l.start(ctx, s, key)
	}
	for i := range l.state.Gates {
		if g := &l.state.Gates[i]; g.Pending != nil && !l.writing[g.Name] && !l.blocked(recording(g.Name), g.Pending.ID) {
			l.record(ctx, g)
		}
	}
}

// start makes the document of s in a coroutine of its own, so that branches do
// not wait for each other.
func (l *loop) start(ctx workflow.Context, s stage, key string) {
	l.running[s.name] = key
	work := l.work(s)
	workflow.Go(ctx, func(ctx workflow.Context) {
		defer func() { delete(l.running, s.name); l.changed = true }()
		made, err := s.run(ctx, work)
		var subject gate.Subject
		if err == nil && s.gate != "" {
			subject, err = l.brief(ctx, s, made)
		}
		if err != nil {
			l.failed(ctx, s, key, err)
			return
		}
		l.made++
		l.put(contract.StageResult{Stage: s.name, Key: key, Made: made, Subject: subject})
	})
}

// work is the input of the activities of s.
func (l *loop) work(s stage) contract.Work {
	w := contract.Work{
		Job: l.order.Job, Title: l.order.Title, To: l.language, Profile: l.order.Profile, Edits: l.editsOf(s.name),
	}
	for _, need := range s.needs {
		doc, _ := l.document(need)
		w.Inputs = append(w.Inputs, doc)
	}
	return w
}

// failed parks s until a person acts, or an input changes. Nothing is dropped:
// what was made stays in the store, and a retry pays only for the rest.
func (l *loop) failed(ctx workflow.Context, s stage, key string, err error) {
	if ctx.Err() != nil {
		return // cancelled: the loop ends
	}
	kind := contract.KindOf(err)
	if s.name == contract.StageIngest && !kind.Retryable() {
		l.fatal = contract.Stage(string(s.name), err) // the client's file itself is unfit
		return
	}
	l.block(ctx, s.name, key, kind, err)
}

func (l *loop) block(ctx workflow.Context, name contract.StageName, key string, kind fault.Kind, err error) {
	l.unblock(name)
	l.state.Blocked = append(l.state.Blocked, contract.Blocked{
		Stage: name, Key: key, Kind: string(kind), Reason: reason(err), Since: workflow.Now(ctx).UTC(),
	})
	workflow.GetLogger(ctx).Warn("Stage blocked.", "stage", name, "kind", kind)
}
