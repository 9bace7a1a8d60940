// Package workers is the composition root: it knows which workflows and
// activities are served on which task queue, and builds them from their parts.
// Nothing imports it but cmd.
package workers

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/workflows"
)

// Options say how a worker process works.
type Options struct {
	Queues []string
	Drain  time.Duration // how long running activities may go on after a stop
}

// slots is how many activities of a queue a process works on at once. Engines
// and encoders use several cores each; records and documents none to speak of.
var slots = map[string]int{
	contract.QueueFlow:  16,
	contract.QueueMedia: 2,
	contract.QueueCPU:   2,
	contract.QueueGPU:   2,
	contract.QueueNet:   8,
}

// beatAtMost is how long the SDK may hold back heartbeats to send several as
// one. Its own choice, eight tenths of the timeout, leaves a busy machine 2 s of
// the 10 s after which a worker counts as dead.
const beatAtMost = 3 * time.Second

// Run serves the queues until ctx ends, then lets running activities finish for
// up to o.Drain. It returns the first error of any worker.
func Run(ctx context.Context, c client.Client, o Options, parts *activities.Parts) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, queue := range o.Queues {
		w := worker.New(c, queue, worker.Options{
			WorkerStopTimeout:                  o.Drain,
			MaxConcurrentActivityExecutionSize: slots[queue],
			MaxHeartbeatThrottleInterval:       beatAtMost,
			DisableWorkflowWorker:              queue != contract.QueueFlow,
			Identity:                           parts.Owner,
		})
		if err := Register(w, queue, parts); err != nil {
			return err
		}
		group.Go(func() error {
			if err := w.Run(until(ctx)); err != nil {
				return fmt.Errorf("worker %s: %w", queue, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Register says what is served where.
func Register(w worker.Registry, queue string, p *activities.Parts) error {
	switch queue {
	case contract.QueueFlow:
		w.RegisterWorkflowWithOptions(workflows.LocalizeTitle, workflow.RegisterOptions{Name: contract.LocalizeTitle})
		w.RegisterWorkflowWithOptions(workflows.LocalizeLanguage, workflow.RegisterOptions{Name: contract.LocalizeLanguage})
		contract.AssembleTranslation.Register(w, p.AssembleTranslation)
		contract.AuthorSubtitles.Register(w, p.AuthorSubtitles)
		contract.PrepareDub.Register(w, p.PrepareDub)
		contract.AssembleTakes.Register(w, p.AssembleTakes)
		contract.AssembleMaster.Register(w, p.AssembleMaster)
		contract.BuildBrief.Register(w, p.BuildBrief)
		contract.RecordDecision.Register(w, p.RecordDecision)
	case contract.QueueMedia:
		contract.Ingest.Register(w, p.Ingest)
		contract.FindShots.Register(w, p.FindShots)
		contract.BuildPremix.Register(w, p.BuildPremix)
		contract.MixDub.Register(w, p.MixDub)
		contract.AssemblePicture.Register(w, p.AssemblePicture)
		contract.Package.Register(w, p.Package)
	case contract.QueueCPU:
		contract.Admit.Register(w, p.Admit)
		contract.FindSpeech.Register(w, p.FindSpeech)
		contract.PlanLanguage.Register(w, p.PlanLanguage)
		contract.Translate.Register(w, p.Translate)
	case contract.QueueGPU:
		contract.Transcribe.Register(w, p.Transcribe)
		contract.Synthesize.Register(w, p.Synthesize)
		contract.HearDub.Register(w, p.HearDub)
		contract.SyncLips.Register(w, p.SyncLips)
	case contract.QueueNet: // paid services come here with their adapters
	default:
		return fmt.Errorf("worker %s: unknown task queue; there are %v", queue, contract.Queues())
	}
	return nil
}

// until is ctx in the form that worker.Run takes: a channel closed at the end.
func until(ctx context.Context) <-chan any {
	stop := make(chan any)
	context.AfterFunc(ctx, func() { close(stop) })
	return stop
}
