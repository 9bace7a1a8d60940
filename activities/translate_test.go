package activities_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

// six are the lines that the tests of batches work on.
var six = []string{"One small step.", "Nobody knows why.", "We leave at dawn.", "Bring the lantern.", "It was raining.", "Close the door."}

// translation is the work order for count lines from first on.
func (s *studio) translation(list script.DialogueList, first, count int) contract.Work {
	return contract.Work{
		Job: "film-7", From: "en", To: "pt-BR", Model: model(engine.CanTranslate), First: first, Count: count,
		Inputs: []contract.StageDoc{s.stage(contract.StageDialogue, list)},
	}
}

func TestTranslatePaysForEveryLineOnce(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	list := wordy(append(six, six[0])...)
	list.Events[1].Kind = script.Song // keeps its original

	first, err := do(contract.Translate, s.Translate, s.translation(list, 0, 2))
	require.NoError(t, err)
	all, err := do(contract.Translate, s.Translate, s.translation(list, 0, 25))
	require.NoError(t, err)
	beyond, err := do(contract.Translate, s.Translate, s.translation(list, 25, 25))
	require.NoError(t, err)

	require.Equal(t, contract.Batch{Made: 2}, first)
	require.Equal(t, contract.Batch{Made: 3, Reused: 3}, all, "the last line says what the first one says")
	require.Equal(t, contract.Batch{}, beyond)
	require.Equal(t, 5, s.asked(engine.CanTranslate))
	require.NotContains(t, s.sim.Calls().Texts, "translation pt-BR "+six[1], "a song is not translated unasked")
	usage, err := s.Records.Usage(t.Context(), "film-7")
	require.NoError(t, err)
	require.Len(t, usage, 1)
	require.InDelta(t, len(six[0]+six[2]+six[3]+six[4]+six[5]), usage[0].Units, 0)
}

// A line that the engine declines does not stop the others.
func TestTranslateCountsARefusalAsAnOutcome(t *testing.T) {
	s := newStudio(t, simengine.Options{Refuse: regexp.MustCompile("lantern")})

	got, err := do(contract.Translate, s.Translate, s.translation(wordy(six...), 0, 6))

	require.NoError(t, err)
	require.Equal(t, 5, got.Made)
	require.Len(t, got.Failures, 1)
	require.Equal(t, "e004", got.Failures[0].Event)
	require.Equal(t, string(fault.Refused), got.Failures[0].Kind)
	require.Contains(t, got.Failures[0].Reason, "simulated refusal")
}

// A busy engine fails the batch when all lines were tried, and the next attempt
// asks for the missing one alone, after the wait that the engine named.
func TestTranslateAsksAgainForWhatIsMissing(t *testing.T) {
	s := newStudio(t, simengine.Options{Faults: []simengine.Fault{{Mode: simengine.RateLimited, Calls: []int{2}, RetryAfter: 7}}})
	work := s.translation(wordy(six...), 0, 6)

	_, busy := do(contract.Translate, s.Translate, work)
	again, err := do(contract.Translate, s.Translate, work)

	require.Equal(t, fault.Busy, contract.KindOf(busy))
	var failure *temporal.ApplicationError
	require.ErrorAs(t, busy, &failure)
	require.Equal(t, 7*time.Second, failure.NextRetryDelay())
	require.NoError(t, err)
	require.Equal(t, contract.Batch{Made: 1, Reused: 5}, again)
	require.Equal(t, 7, s.asked(engine.CanTranslate))
}

func TestTranslateStopsEarly(t *testing.T) {
	tests := map[string]struct {
		fault simengine.Fault
		kind  fault.Kind
		asked int
	}{
		"an engine that breaks three times in a row is not asked for the rest": {simengine.Fault{Mode: simengine.Error, Rate: 1}, fault.Broken, 3},
		"one that works in between is asked for all":                           {simengine.Fault{Mode: simengine.Error, Calls: []int{1, 3, 5}}, fault.Broken, 6},
		"an answer that is cut off counts as broken":                           {simengine.Fault{Mode: simengine.BrokenJSON, Rate: 1}, fault.Broken, 3},
		"an answer without the line counts as broken":                          {simengine.Fault{Mode: simengine.WrongIDs, Rate: 1}, fault.Broken, 3},
		"a busy engine is asked for all":                                       {simengine.Fault{Mode: simengine.Unavailable, Rate: 1}, fault.Busy, 6},
		"a denial stops at once":                                               {simengine.Fault{Mode: simengine.Denied, Calls: []int{2}}, fault.Denied, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{Faults: []simengine.Fault{tt.fault}})

			_, err := do(contract.Translate, s.Translate, s.translation(wordy(six...), 0, 6))

			require.Equal(t, tt.kind, contract.KindOf(err))
			require.Equal(t, tt.asked, s.asked(engine.CanTranslate))
		})
	}
}

// A job goes on with the models it was planned with, or not at all.
func TestTranslateNeedsThePlannedModel(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := s.translation(wordy(six...), 0, 6)
	work.Model.Fingerprint = "sim-mt@0#replaced"

	_, err := do(contract.Translate, s.Translate, work)

	require.Equal(t, fault.Missing, contract.KindOf(err))
	require.ErrorContains(t, err, "no configured engine serves sim-mt@0#replaced; start the one this job was planned with")
	require.Zero(t, s.asked(engine.CanTranslate))
}

func TestTranslateNeedsItsInput(t *testing.T) {
	s := newStudio(t, simengine.Options{})

	_, err := do(contract.Translate, s.Translate, contract.Work{Model: model(engine.CanTranslate), Count: 6})

	require.Equal(t, fault.Broken, contract.KindOf(err))
	require.ErrorContains(t, err, "an input is missing from the work order")
}

// The translation holds a line or a failure for every localized event, in the
// order of the list, and what people changed.
func TestAssembleTranslation(t *testing.T) {
	s := newStudio(t, simengine.Options{Refuse: regexp.MustCompile("lantern|raining|door")})
	list := wordy(six...)
	work := s.translation(list, 0, 6)
	batch, err := do(contract.Translate, s.Translate, work)
	require.NoError(t, err)
	require.Len(t, batch.Failures, 3)
	work.Failures = batch.Failures[:2] // of the last one nobody said why
	work.Edits = []script.Blob{s.put(script.EditSet{By: "ana", Edits: []script.Edit{
		{Op: script.Replace, ID: "e004", Text: "Traga a lanterna."},
		{Op: script.Replace, ID: "e001", Text: "Um passo.", Was: "Two small steps."},
		{Op: script.Delete, ID: "e002"},
	}})}

	made, err := do(contract.AssembleTranslation, s.AssembleTranslation, work)
	require.NoError(t, err)
	again, err := do(contract.AssembleTranslation, s.AssembleTranslation, work)
	require.NoError(t, err)

	doc, report := document[script.Translation](s, made.Doc), document[qa.Report](s, made.Report)
	var events []string
	for _, l := range doc.Lines {
		events = append(events, l.Event)
	}
	require.Equal(t, []string{"e001", "e002", "e003", "e004"}, events)
	require.Equal(t, script.Line{Event: "e004", Source: six[3], Text: "Traga a lanterna.", Origin: "edit:ana"}, doc.Lines[3])
	require.Equal(t, model(engine.CanTranslate).Fingerprint, doc.Lines[0].Origin)
	require.Equal(t, []script.Failure{batch.Failures[1], {Event: "e006", Kind: string(fault.Broken), Reason: "no result is stored for this line"}}, doc.Failures)
	require.Len(t, doc.Conflicts, 2, "what could not be applied is kept")
	var ids []string
	for _, f := range report.Findings {
		ids = append(ids, f.ID())
	}
	require.Subset(t, ids, []string{"TRN001:e005", "TRN001:e006", "EDT001:e001", "EDT001:e002"})
	require.GreaterOrEqual(t, report.Counts.Critical, 2)
	require.Equal(t, 6, made.Items)
	require.Equal(t, made, again, "the same input gives the same document")
}

// What a model of a low grade makes is labelled with it.
func TestAssembleTranslationLabelsTheGrade(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := s.translation(wordy(six...), 0, 6)
	work.Model.Grade = string(engine.Draft)

	made, err := do(contract.AssembleTranslation, s.AssembleTranslation, work)

	require.NoError(t, err)
	require.Equal(t, []string{"draft grade: translation by sim-mt"}, made.Labels)
	require.Len(t, document[script.Translation](s, made.Doc).Failures, 6, "nothing was translated, and the document says so")
}
