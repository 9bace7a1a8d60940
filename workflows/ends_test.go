package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// A job that can no longer be done ends its languages with it.
func TestUnfitWhileLanguagesRun(t *testing.T) {
	tests := map[string]struct {
		upset func(s *studio, status contract.Status)
		kind  fault.Kind
		out   contract.Outcome
	}{
		"the master is gone": {
			func(s *studio, _ contract.Status) {
				s.fault(contract.Ingest.Name, func(any) error { return fault.New(fault.Missing, "ingest", "no such file") })
				s.send(titleID, contract.UpdateRetry, contract.Retry{Stage: contract.StageIngest, By: "ana"})
			},
			fault.Missing, "",
		},
		"the list was emptied": {
			func(s *studio, status contract.Status) {
				s.lines = 0
				s.decide(titleID, find(status, gate.Dialogue), gate.Reopen, "all of it is song")
			},
			"", contract.OutcomeNoDialogue,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			s.people = func(id string, status contract.Status) {
				list := find(status, gate.Dialogue)
				switch {
				case id == titleID && s.looks == 3:
					tt.upset(s, status)
				case list.State == gate.Waiting && s.looks == 4:
					s.decide(id, list, gate.Change, "", script.Edit{Op: script.Mark, ID: "e001", Treatment: script.KeepOriginal})
				case id == titleID:
					s.approveAll(id, status)
				}
			}

			out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

			require.Equal(t, tt.kind, contract.KindOf(err))
			require.Equal(t, tt.out, out.Outcome)
			require.True(t, temporal.IsCanceledError(s.env.GetWorkflowErrorByID(germanID)), "the language let go")
			require.Less(t, s.age(), 10*time.Hour)
		})
	}
}

func TestCancel(t *testing.T) {
	tests := map[string]struct {
		set  func(*studio)
		when time.Duration
	}{
		"at the first gate":               {func(s *studio) { s.people = func(string, contract.Status) {} }, 3 * time.Hour},
		"while a language waits":          {func(s *studio) { s.people = func(id string, st contract.Status) { s.approveBut(id, st, gate.Final) } }, 9 * time.Hour},
		"while the master is looked at":   {func(s *studio) { s.slow(contract.Ingest.Name, day) }, 9 * time.Hour},
		"while voices are made":           {func(s *studio) { s.slow(contract.Synthesize.Name, day) }, 9 * time.Hour},
		"while a decision goes on record": {func(s *studio) { s.slow(contract.RecordDecision.Name, day) }, 9 * time.Hour},
		"while a stage is parked": {func(s *studio) {
			s.fault(contract.Translate.Name, func(any) error { return fault.New(fault.Denied, "mt", "no credit") })
		}, 9 * time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			tt.set(s)
			s.env.RegisterDelayedCallback(s.env.CancelWorkflow, tt.when)

			_, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

			require.True(t, temporal.IsCanceledError(err), "%v", err)
			require.Zero(t, s.tally()[contract.Package.Name])
			require.Less(t, s.age(), 10*time.Hour, "it let go at once")
			if s.tally()[contract.PlanLanguage.Name] > 0 {
				require.True(t, temporal.IsCanceledError(s.env.GetWorkflowErrorByID(germanID)), "and so did the language")
			}
		})
	}
}
