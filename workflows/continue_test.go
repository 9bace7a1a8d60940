package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// A continue-as-new after every stage changes nothing: the same delivery, the
// same decisions, and nothing made or asked twice.
func TestContinueAsNew(t *testing.T) {
	in := contract.LanguageIn{
		Order: order(contract.Services()...), Language: "de", From: "en", Labels: []string{"a label"},
		Source: []contract.StageDoc{
			{Stage: contract.StageIngest, Doc: document("ingest", 1), Items: 1},
			{Stage: contract.StageShots, Doc: document("shots", 1), Items: 6},
			{Stage: contract.StageSpeech, Doc: document("speech", 1), Items: 3},
			{Stage: contract.StageDialogue, Doc: document("dialogue", 1), Items: 30},
		},
	}
	tests := map[string]func(*studio){
		"approved": func(*studio) {},
		"changed": func(s *studio) {
			s.people = func(id string, status contract.Status) {
				g := find(status, gate.Premix)
				if g.State == gate.Waiting && len(inputs(s, contract.PrepareDub)) == 1 {
					s.decide(id, g, gate.Change, "", script.Edit{Op: script.Replace, ID: "e001", Text: "Kurz."})
					return
				}
				s.approveAll(id, status)
			}
		},
		"records are late": func(s *studio) { s.slow(contract.RecordDecision.Name, day) },
		"voices are late":  func(s *studio) { s.slow(contract.Synthesize.Name, 20*time.Hour) },
		"records refuse": func(s *studio) {
			s.fault(contract.RecordDecision.Name, func(in any) error {
				if d := in.(contract.DecisionIn).Decision; d.Gate == gate.Subtitles && s.looks < 12 {
					return fault.New(fault.Denied, "records", "read-only")
				}
				return nil
			})
			s.people = func(id string, status contract.Status) {
				if len(status.Blocked) > 0 && s.looks > 12 {
					require.Equal(s.t, gate.Approved, find(status, gate.Final).State, "the other branch went on")
					s.send(id, contract.UpdateRetry, contract.Retry{Stage: status.Blocked[0].Stage, By: "bea"})
				}
				s.approveAll(id, status)
			}
		},
	}
	for name, set := range tests {
		t.Run(name, func(t *testing.T) {
			whole, cut := newStudio(t), newStudio(t)
			set(whole)
			set(cut)
			every := in
			every.ContinueEvery = 1

			want, runs := whole.language(in)
			got, cuts := cut.language(every)

			require.Equal(t, 1, runs)
			require.Greater(t, cuts, 4)
			require.Equal(t, want, got)
			require.Equal(t, whole.tally(), cut.tally())
			require.ElementsMatch(t, whole.said(), cut.said())
			require.Empty(t, cut.refused)
		})
	}
}

// So it is under a title, which never continues as new itself.
func TestContinueAsNewUnderATitle(t *testing.T) {
	whole, cut := newStudio(t), newStudio(t)

	want, err := whole.localize(contract.TitleIn{Order: order(contract.Services()...)})
	require.NoError(t, err)
	got, err := cut.localize(contract.TitleIn{Order: order(contract.Services()...), ContinueEvery: 1})

	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, whole.tally(), cut.tally())
}

// language runs one language alone to its end, over every continue-as-new.
func (s *studio) language(in contract.LanguageIn) (out contract.LanguageOut, runs int) {
	for {
		runs++
		s.newEnv(germanID)
		s.env.ExecuteWorkflow(contract.LocalizeLanguage, in)
		require.True(s.t, s.env.IsWorkflowCompleted())
		err := s.env.GetWorkflowError()
		if again := new(workflow.ContinueAsNewError); errors.As(err, &again) {
			in = contract.LanguageIn{}
			require.NoError(s.t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
			continue
		}
		require.NoError(s.t, err)
		require.NoError(s.t, s.env.GetWorkflowResult(&out))
		return out, runs
	}
}
