//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"
	history "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/workflows"
)

// The budget of one language of a 60-minute title: DESIGN.
const (
	budgetEvents = 1500
	budgetBytes  = 2 << 20
)

// events is the history of the last run of a workflow.
func (s *stack) events(id string) *history.History {
	s.t.Helper()
	h := new(history.History)
	for it := s.Client.GetWorkflowHistory(s.t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		require.NoError(s.t, err)
		h.Events = append(h.Events, e)
	}
	return h
}

// record writes the history of a workflow for the replay tests, where
// RECORD_HISTORIES names the folder: `make histories`.
func (s *stack) record(name, id string) {
	s.t.Helper()
	dir := os.Getenv("RECORD_HISTORIES")
	if dir == "" {
		return
	}
	data, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(s.events(id))
	require.NoError(s.t, err)
	require.NoError(s.t, os.WriteFile(filepath.Join(dir, name+".json"), append(data, '\n'), 0o600))
}

// A 60-minute title: as many lines as a dense drama has, and a cut every five
// seconds. The activities answer at once; workflows and server are the real ones.
func TestHistoryBudgetOfAnHour(t *testing.T) {
	const lines, shots = 1000, 720
	s := &stack{t: t, Data: t.TempDir()}
	s.startServer()
	s.serveInstantly(lines, shots)
	in := allServices("hour.mp4")
	job, run := s.start(in)
	language := contract.LanguageID(job, "pt-BR")
	s.approve(contract.TitleID(job), gate.Dialogue)
	s.approve(language, gate.Translation, gate.Subtitles, gate.Premix, gate.Final)
	require.NoError(t, run.Get(t.Context(), nil))

	h := s.events(language)
	bytes := h.Size()
	t.Logf("one language of an hour, %d lines, %d shots: %d events, %d bytes", lines, shots, len(h.Events), bytes)
	require.LessOrEqual(t, len(h.Events), budgetEvents)
	require.LessOrEqual(t, bytes, budgetBytes)
}

// serveInstantly serves all queues with activities that make nothing.
func (s *stack) serveInstantly(lines, shots int) {
	var n atomic.Int64
	blob := func() script.Blob {
		return script.Blob{SHA256: fmt.Sprintf("%064x", n.Add(1)), Bytes: 1 << 20, Type: "application/json"}
	}
	items := map[string]int{contract.FindShots.Name: shots, contract.Transcribe.Name: lines, contract.PrepareDub.Name: lines}
	for _, queue := range contract.Queues() {
		w := worker.New(s.Client, queue, worker.Options{MaxConcurrentActivityExecutionSize: 1})
		w.RegisterWorkflowWithOptions(workflows.LocalizeTitle, workflow.RegisterOptions{Name: contract.LocalizeTitle})
		w.RegisterWorkflowWithOptions(workflows.LocalizeLanguage, workflow.RegisterOptions{Name: contract.LocalizeLanguage})
		model := contract.Model{ID: "instant", Fingerprint: "instant@1#" + blob().SHA256, Grade: "production"}
		contract.Admit.Register(w, func(context.Context, contract.Order) (contract.Admission, error) {
			return contract.Admission{FindSpeech: model, Transcribe: model}, nil
		})
		contract.Ingest.Register(w, func(context.Context, contract.IngestIn) (contract.Made, error) {
			return contract.Made{Doc: blob(), Items: 1}, nil
		})
		contract.PlanLanguage.Register(w, func(context.Context, contract.Work) (contract.Planned, error) {
			plan := contract.LanguagePlan{From: "en", To: "pt-BR", Translate: model, Speak: model, Hear: model, LipSync: model}
			return contract.Planned{Made: contract.Made{Doc: blob()}, Plan: plan}, nil
		})
		contract.Package.Register(w, func(context.Context, contract.PackageIn) (contract.Made, error) {
			return contract.Made{Doc: blob()}, nil
		})
		contract.RecordDecision.Register(w, func(context.Context, contract.DecisionIn) (contract.DecisionOut, error) {
			return contract.DecisionOut{}, nil
		})
		contract.BuildBrief.Register(w, func(_ context.Context, in contract.BriefIn) (gate.Subject, error) {
			return gate.Subject{Revision: in.Doc.SHA256, Rules: "1", Brief: string(make([]rune, 2000))}, nil
		})
		for _, a := range []contract.Activity[contract.Work, contract.Made]{
			contract.FindShots, contract.FindSpeech, contract.Transcribe, contract.AssembleTranslation, contract.AuthorSubtitles, contract.PrepareDub,
			contract.AssembleTakes, contract.BuildPremix, contract.MixDub, contract.HearDub, contract.AssemblePicture, contract.AssembleMaster,
		} {
			a.Register(w, func(context.Context, contract.Work) (contract.Made, error) {
				return contract.Made{Doc: blob(), Report: blob(), Items: max(1, items[a.Name]), Language: "en"}, nil
			})
		}
		for _, a := range []contract.Activity[contract.Work, contract.Batch]{contract.Translate, contract.Synthesize, contract.SyncLips} {
			a.Register(w, func(_ context.Context, in contract.Work) (contract.Batch, error) {
				return contract.Batch{Made: in.Count}, nil
			})
		}
		require.NoError(s.t, w.Start())
		s.t.Cleanup(w.Stop)
	}
}
