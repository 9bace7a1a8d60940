package workflows_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// Neither branch waits for the other: what one is held up by does not keep
// people from the gates of the other.
func TestBranchesDoNotWait(t *testing.T) {
	tests := map[string]struct {
		slow  string
		gates []gate.Name
	}{
		"voices are late":    {contract.Synthesize.Name, []gate.Name{gate.Subtitles}},
		"subtitles are late": {contract.AuthorSubtitles.Name, []gate.Name{gate.Premix, gate.Final}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			s.slow(tt.slow, 20*time.Hour)

			out, err := s.localize(contract.TitleIn{Order: order(contract.Services()...)})

			require.NoError(t, err)
			require.Equal(t, contract.OutcomeDelivered, out.Outcome)
			require.Greater(t, s.age(), 20*time.Hour)
			for _, d := range s.records {
				for _, gate := range tt.gates {
					if d.Gate == gate {
						require.Less(t, d.At.Sub(s.began), 10*time.Hour, "%s was decided long before", gate)
					}
				}
			}
		})
	}
}

// A stage that cannot go on is parked and says why; the other branch goes on,
// and a retry takes it up again.
func TestParkedStage(t *testing.T) {
	s := newStudio(t)
	s.fault(contract.AuthorSubtitles.Name, func(any) error {
		if s.age() < day {
			return fault.New(fault.Invalid, "subtitles", "profile %q is unknown", "netlfix")
		}
		return nil
	})
	asked := 0
	s.people = func(id string, status contract.Status) {
		if id == germanID && len(status.Blocked) > 0 {
			asked++
			require.Equal(t, contract.StageBlocked, stage(status, contract.StageSubtitles).State)
			require.Equal(t, contract.StageSubtitles, status.Blocked[0].Stage)
			require.Equal(t, string(fault.Invalid), status.Blocked[0].Kind)
			require.Equal(t, `subtitles: profile "netlfix" is unknown`, status.Blocked[0].Reason)
			require.Contains(t, s.details(id), `{"stage":"subtitles","by":"you@example.com"}`)
			if asked == 1 {
				s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StageSubtitles})
				s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StagePackage, By: "ana"})
				s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StageSubtitles, By: "ana"}) // too early
			}
			if s.age() > day {
				require.Equal(t, gate.Approved, find(status, gate.Final).State, "the dub did not wait")
				s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StageSubtitles, By: "ana"})
			}
		}
		s.approveAll(id, status)
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, []string{"by: name who asks for it", "stage package is not blocked and has made nothing yet"}, s.refused)
	require.Equal(t, 2, s.tally()[contract.Synthesize.Name], "nothing else was paid for again")
	require.Greater(t, asked, 20)
}

// A stage that is parked is taken up again when what it is made from changes.
func TestParkedUntilTheSourceChanges(t *testing.T) {
	s := newStudio(t)
	s.fault(contract.Synthesize.Name, func(in any) error {
		if len(inputs(s, contract.PrepareDub)) < 2 {
			return fault.New(fault.Missing, "tts", "no voice for S1")
		}
		return nil
	})
	changed := false
	s.people = func(id string, status contract.Status) {
		if id == germanID && len(status.Blocked) > 0 && !changed {
			changed = true
			require.Equal(t, contract.StageTakes, status.Blocked[0].Stage)
			s.decide(id, find(status, gate.Translation), gate.Reopen, "too long to be spoken")
			return
		}
		if g := find(status, gate.Translation); changed && g.State == gate.Waiting && len(inputs(s, contract.AssembleTranslation)) == 1 {
			s.decide(id, g, gate.Change, "", script.Edit{Op: script.Replace, ID: "e001", Text: "Kurz."})
			return
		}
		s.approveAll(id, status)
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Dub)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.True(t, changed)
}

// A retry of a stage that had made something makes it anew. Until then nobody
// can decide on what it had made; made alike, it is still approved.
func TestRetryOfWhatIsMade(t *testing.T) {
	s := newStudio(t)
	step := 0
	s.people = func(id string, status contract.Status) {
		g := find(status, gate.Subtitles)
		switch {
		case id == germanID && step == 0 && g.State == gate.Approved:
			step++
			s.slow(contract.AuthorSubtitles.Name, day)
			s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StageSubtitles, By: "bea"})
		case id == germanID && step == 1:
			step++
			require.Equal(t, gate.Updating, g.State)
			require.Equal(t, contract.StageRunning, stage(status, contract.StageSubtitles).State)
			s.decide(id, g, gate.Reopen, "no")
			s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StageSubtitles, By: "bea"})
		case id == titleID || step < 2:
			s.approveBut(id, status, gate.Final)
		default:
			s.approveAll(id, status)
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, []string{
		"gate subtitles: the document is being made anew; decide on the new revision when it is shown", "stage subtitles is running",
	}, s.refused)
	require.Len(t, s.said(), len(gate.Names()), "nobody was asked twice about the same bytes")
	require.Equal(t, 2, s.tally()[contract.AuthorSubtitles.Name])
}

// When a decision of the policy is recorded after the document was made anew,
// the policy decides on the new one too: off asks nobody.
func TestPolicyAfterLateRecord(t *testing.T) {
	s := newStudio(t)
	s.fault(contract.RecordDecision.Name, func(in any) error {
		left := 9*time.Hour - s.age()
		if in.(contract.DecisionIn).Decision.Gate != gate.Subtitles || left <= 0 {
			return nil
		}
		err := fault.New(fault.Busy, "records", "slow")
		err.After = left
		return err
	})
	reopened := false
	s.people = func(id string, status contract.Status) {
		g := find(status, gate.Translation)
		switch {
		case id == germanID && s.looks == 4:
			reopened = true
			s.decide(id, g, gate.Reopen, "a name")
		case id == germanID && reopened && g.State == gate.Waiting && len(inputs(s, contract.AssembleTranslation)) == 1:
			s.decide(id, g, gate.Change, "", script.Edit{Op: script.Replace, ID: "e001", Text: "Kurz."})
		default:
			s.approveBut(id, status, gate.Subtitles)
		}
	}
	in := order(contract.Subtitles)
	in.Gates[gate.Subtitles] = gate.Off

	out, err := s.localize(contract.TitleIn{Order: in})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.True(t, reopened)
	require.Equal(t, 2, s.tally()[contract.AuthorSubtitles.Name])
	require.Equal(t, "subtitles approve policy:off", s.said()[len(s.said())-1])
}

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

// A stage and a decision parked at the same gate leave each other alone.
func TestParkedTwiceAtOneGate(t *testing.T) {
	s := newStudio(t)
	tries := 0
	s.fault(contract.RecordDecision.Name, func(in any) error {
		if in.(contract.DecisionIn).Decision.Gate == gate.Premix && s.looks < 12 {
			tries++
			return fault.New(fault.Denied, "records", "read-only")
		}
		return nil
	})
	s.fault(contract.BuildPremix.Name, func(any) error {
		if len(inputs(s, contract.PrepareDub)) > 1 && s.looks < 12 {
			tries++
			return fault.New(fault.Invalid, "premix", "no bed")
		}
		return nil
	})
	s.people = func(id string, status contract.Status) {
		g := find(status, gate.Translation)
		switch {
		case s.looks == 6 && id == germanID:
			s.decide(id, g, gate.Reopen, "a name")
		case s.looks == 7 && id == germanID:
			s.decide(id, g, gate.Change, "", script.Edit{Op: script.Replace, ID: "e001", Text: "Kurz."})
		case s.looks == 13 && id == germanID:
			require.Len(s.t, status.Blocked, 2)
			for _, b := range status.Blocked {
				s.send(id, contract.UpdateRetry, contract.Retry{Stage: b.Stage, By: "bea"})
			}
		default:
			s.approveAll(id, status)
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Dub)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, 2, tries, "each was tried once, then left until somebody acted")
	require.Equal(t, []string{"premix approve ana@example.com", "premix approve ana@example.com", "final approve ana@example.com"}, s.said()[5:])
}

// The state of a review is where lists of workflows are filtered by.
func TestReviewState(t *testing.T) {
	s := newStudio(t)
	var states []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(func(attributes temporal.SearchAttributes) error {
		state, _ := attributes.GetKeyword(contract.AttrReviewState)
		if where, _ := attributes.GetKeyword(contract.AttrReviewGate); where != "" {
			state += " " + where
		}
		states = append(states, state)
		return nil
	})
	s.fault(contract.AuthorSubtitles.Name, func(any) error {
		if s.looks < 3 {
			return fault.New(fault.Invalid, "subtitles", "no profile")
		}
		return nil
	})
	s.people = func(id string, status contract.Status) {
		if len(status.Blocked) > 0 {
			s.send(id, contract.UpdateRetry, contract.Retry{Stage: contract.StageSubtitles, By: "ana"})
		}
		s.approveAll(id, status)
	}

	_, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, []string{}, states)
}
