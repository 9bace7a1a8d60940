package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
)

// budget is how long one activity may take and how often it may try.
type budget struct {
	queue string
	try   time.Duration // one attempt, start to close
	total time.Duration // all attempts and the waits between them, queueing included
	beat  time.Duration // longest silence of a healthy attempt; 0: too short to heartbeat
	why   string        // where the numbers come from
}

const (
	heartbeat = 10 * time.Second // DESIGN: a dead worker is noticed within 10 s
	day       = 24 * time.Hour   // outlives an outage of half a day
	patience  = 90 * day         // what a person decided is never dropped: as long as history is kept
)

// budgets holds one row per activity. Changing a number is safe for workflows
// in flight: on replay Temporal compares an activity's id and type, not its
// timeouts. Renaming or reordering activities is not safe.
var budgets = map[string]budget{
	contract.Admit.Name:               {contract.QueueCPU, 20 * time.Second, time.Hour, 0, "a probe and a list of models; a host that is starting takes seconds"},
	contract.Ingest.Name:              {contract.QueueMedia, 4 * time.Hour, day, heartbeat, "hash, full decode and audio of 6 h of media at 2x real time"},
	contract.FindShots.Name:           {contract.QueueMedia, 4 * time.Hour, day, heartbeat, "decodes the picture once"},
	contract.FindSpeech.Name:          {contract.QueueCPU, 2 * time.Hour, day, heartbeat, "voice activity is 0.02x real time, language per region 1 s each"},
	contract.Transcribe.Name:          {contract.QueueGPU, 6 * time.Hour, day, heartbeat, "6 h of media at 1x real time, plus model load"},
	contract.PlanLanguage.Name:        {contract.QueueCPU, 20 * time.Second, time.Hour, 0, "a list of models"},
	contract.Translate.Name:           {contract.QueueCPU, 15 * time.Minute, day, heartbeat, "25 lines, one at a time in the worst case, 30 s each"},
	contract.AssembleTranslation.Name: {contract.QueueFlow, 30 * time.Second, day, 0, "2,000 look-ups in the records"},
	contract.AuthorSubtitles.Name:     {contract.QueueFlow, 30 * time.Second, day, 0, "2,000 cues authored, checked and repaired in half a second; a try that is lost with its worker costs this wait"},
	contract.PrepareDub.Name:          {contract.QueueFlow, 30 * time.Second, day, 0, "one document of 2,000 lines"},
	contract.Synthesize.Name:          {contract.QueueGPU, time.Hour, day, heartbeat, "25 lines of 10 s at 10x real time on a slow laptop"},
	contract.AssembleTakes.Name:       {contract.QueueFlow, 30 * time.Second, day, 0, "2,000 look-ups in the records"},
	contract.BuildPremix.Name:         {contract.QueueMedia, 2 * time.Hour, day, heartbeat, "6 h of audio, three passes"},
	contract.MixDub.Name:              {contract.QueueMedia, 2 * time.Hour, day, heartbeat, "6 h of audio, four passes"},
	contract.HearDub.Name:             {contract.QueueGPU, 6 * time.Hour, day, heartbeat, "as Transcribe"},
	contract.SyncLips.Name:            {contract.QueueGPU, 2 * time.Hour, day, heartbeat, "24 shots, 2 minutes of picture, at 60x real time"},
	contract.AssemblePicture.Name:     {contract.QueueMedia, 12 * time.Hour, day, heartbeat, "encodes the picture once, 6 h at 2x"},
	contract.AssembleMaster.Name:      {contract.QueueFlow, 15 * time.Second, day, 0, "one small document"},
	contract.Package.Name:             {contract.QueueMedia, 4 * time.Hour, day, heartbeat, "copies the picture, encodes the audio"},
	contract.BuildBrief.Name:          {contract.QueueFlow, 15 * time.Second, day, 0, "reads two documents"},
	contract.RecordDecision.Name:      {contract.QueueFlow, 15 * time.Second, patience, 0, "one row; a try that is lost with its worker costs this wait, a decision outlives any outage of the records"},
}

// retries is the policy of every activity. The number of attempts is left open:
// the total of the budget ends the retries, and a fault that cannot pass ends
// them at once by being non-retryable.
var retries = temporal.RetryPolicy{
	InitialInterval:    time.Second,
	BackoffCoefficient: 2,
	MaximumInterval:    time.Minute,
}

// with gives ctx the options of the named activity. The summary is what people
// read beside the activity in the Temporal UI. Work of one customer shares a
// fairness key (at most 64 bytes). An activity without a budget is a programming
// error that TestBudgets catches, so it panics.
func with(ctx workflow.Context, activity, customer, summary string) workflow.Context {
	b, ok := budgets[activity]
	if !ok {
		panic("workflows: no budget for activity " + activity)
	}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              b.queue,
		StartToCloseTimeout:    b.try,
		ScheduleToCloseTimeout: b.total,
		HeartbeatTimeout:       b.beat,
		RetryPolicy:            &retries,
		WaitForCancellation:    b.beat > 0,
		Summary:                summary,
		Priority:               temporal.Priority{FairnessKey: customer[:min(64, len(customer))]},
	})
}
