package cli

import (
	"context"
	"time"

	"github.com/babelreel/babelreel/contract"
)

// service is what the commands ask of Temporal. Its errors have exit codes.
type service interface {
	// Start starts a job and returns the id of its run. A job that runs, or that
	// ended well, is refused.
	Start(ctx context.Context, in contract.TitleIn) (run string, err error)
	// Look describes a workflow without asking its workers.
	Look(ctx context.Context, workflowID string) (execution, error)
	// Status asks the workflow itself, which takes a worker.
	Status(ctx context.Context, workflowID string) (contract.Status, error)
	// Outcome is how a title that has ended ended.
	Outcome(ctx context.Context, workflowID string) (contract.TitleOut, error)
	// Find lists the workflows that match a visibility query.
	Find(ctx context.Context, query string) ([]execution, error)
	// Update sends an update and waits for its receipt. A refusal has exitRefused
	// and the words of the validator alone.
	Update(ctx context.Context, workflowID, name string, in any) (contract.Receipt, error)
	// Cancel asks a workflow to end.
	Cancel(ctx context.Context, workflowID string) error
	// Pollers counts the workers that lately asked for tasks of a queue.
	Pollers(ctx context.Context, queue string) (int, error)
	// Link is the page of a workflow in the web UI, "" where there is none.
	Link(workflowID string) string
	Close()
}

// The states of an execution.
const (
	stateRunning    = "running"
	stateCompleted  = "completed"
	stateFailed     = "failed"
	stateCancelled  = "cancelled"
	stateTerminated = "terminated"
	stateTimedOut   = "timed-out"
)

// execution is one workflow as the server sees it.
type execution struct {
	WorkflowID string
	Job        string
	Title      string
	Language   string // "" for the title itself
	State      string
	Started    time.Time
	Closed     time.Time // zero while it runs
	Activities []pending
	Events     int64 // of its history, in this run
	Bytes      int64 // of its history, as the server stores it
}

// pending is one activity at work, or about to be.
type pending struct {
	Name    string
	Started bool // false: no worker has taken it yet
	Attempt int
	Done    int64 // of Total, both 0 where it does not say
	Total   int64
	Failure string    // of the attempt before
	Next    time.Time // of the next attempt, zero where none is due
}

// stageAdmission is shown before a title has stages.
const stageAdmission contract.StageName = "admission"

// stageOf is the stage that an activity works for, "" for those that belong to
// gates.
var stageOf = map[string]contract.StageName{
	contract.Admit.Name:               stageAdmission,
	contract.Ingest.Name:              contract.StageIngest,
	contract.FindShots.Name:           contract.StageShots,
	contract.FindSpeech.Name:          contract.StageSpeech,
	contract.Transcribe.Name:          contract.StageDialogue,
	contract.PlanLanguage.Name:        contract.StagePlan,
	contract.Translate.Name:           contract.StageTranslate,
	contract.AssembleTranslation.Name: contract.StageTranslate,
	contract.AuthorSubtitles.Name:     contract.StageSubtitles,
	contract.PrepareDub.Name:          contract.StageDubScript,
	contract.Synthesize.Name:          contract.StageTakes,
	contract.AssembleTakes.Name:       contract.StageTakes,
	contract.BuildPremix.Name:         contract.StagePremix,
	contract.MixDub.Name:              contract.StageMix,
	contract.HearDub.Name:             contract.StageHear,
	contract.SyncLips.Name:            contract.StagePicture,
	contract.AssemblePicture.Name:     contract.StagePicture,
	contract.AssembleMaster.Name:      contract.StageMaster,
	contract.Package.Name:             contract.StagePackage,
	contract.BuildBrief.Name:          "",
	contract.RecordDecision.Name:      "",
}
