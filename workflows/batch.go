package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

const (
	batchLines = 25 // DESIGN: about 25 lines, so that one bad line or a lost worker costs little
	batchShots = 24 // DESIGN: about 2 minutes of picture, at a cut every 5 s
	parallel   = 4  // batches of one stage at a time: enough to keep workers busy, little to redo
)

// batches runs act over items in batches of size, a few at a time, and returns
// what could not be made, in order. One batch that fails as a whole fails the
// stage; what the others made stays in the store.
func (l *loop) batches(ctx workflow.Context, act contract.Activity[contract.Work, contract.Batch], w contract.Work, items, size int) ([]script.Failure, error) {
	count := (items + size - 1) / size
	failures := make([][]script.Failure, count)
	var failed error
	slots := workflow.NewSemaphore(ctx, parallel)
	wait := workflow.NewWaitGroup(ctx)
	for i := range count {
		if err := slots.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		part := w
		part.First, part.Count = i*size, min(size, items-i*size)
		wait.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer wait.Done()
			defer slots.Release(1)
			summary := fmt.Sprintf("%s %d-%d of %d", l.language, part.First+1, part.First+part.Count, items)
			out, err := act.Call(with(ctx, act.Name, l.order.Customer, summary), part)
			if err != nil {
				failed = err
				return
			}
			failures[i] = out.Failures
		})
	}
	wait.Wait(ctx)
	if failed != nil {
		return nil, failed
	}
	var all []script.Failure
	for _, f := range failures {
		all = append(all, f...)
	}
	return all, nil
}

// simple is the run of a stage that is one activity over w, changed by prepare.
func (l *loop) simple(act contract.Activity[contract.Work, contract.Made], prepare func(*contract.Work)) func(workflow.Context, contract.Work) (contract.Made, error) {
	return func(ctx workflow.Context, w contract.Work) (contract.Made, error) {
		if prepare != nil {
			prepare(&w)
		}
		return act.Call(with(ctx, act.Name, l.order.Customer, l.language), w)
	}
}

// brief asks for what the gate of s shows of what was made.
func (l *loop) brief(ctx workflow.Context, s stage, made contract.Made) (gate.Subject, error) {
	in := contract.BriefIn{Job: l.order.Job, Gate: s.gate, Doc: made.Doc, Report: made.Report, To: l.language, Labels: made.Labels}
	for _, name := range s.beside {
		if doc, ok := l.document(name); ok {
			in.Context = append(in.Context, doc)
		}
	}
	return contract.BuildBrief.Call(with(ctx, contract.BuildBrief.Name, l.order.Customer, string(s.gate)), in)
}
