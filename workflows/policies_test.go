package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

func TestPolicies(t *testing.T) {
	major := gate.Subject{Majors: 1}
	critical := gate.Subject{Critical: []string{"f1"}, Criticals: 1}
	tests := map[string]struct {
		policy gate.Policy
		found  gate.Subject
		by     string // who approved the translation
	}{
		"required":            {gate.Required, gate.Subject{}, "ana@example.com"},
		"not named":           {"", gate.Subject{}, "ana@example.com"},
		"automatic, clean":    {gate.Automatic, gate.Subject{Minors: 9}, "policy:automatic-when-clean"},
		"automatic, major":    {gate.Automatic, major, "ana@example.com"},
		"off, major":          {gate.Off, major, "policy:off"},
		"off, yet a critical": {gate.Off, critical, "ana@example.com"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			s.found[gate.Translation] = tt.found
			s.people = func(id string, status contract.Status) {
				for _, g := range status.Gates {
					if g.State == gate.Waiting {
						d := contract.Decide{Gate: g.Name, Revision: g.Subject.Revision, Verdict: gate.Approve, By: "ana@example.com"}
						for _, finding := range g.Subject.Critical {
							d.Waive = append(d.Waive, gate.Waiver{Finding: finding, Reason: "a name"})
						}
						s.send(id, contract.UpdateDecide, d)
					}
				}
			}
			in := order(contract.Subtitles)
			in.Gates[gate.Translation] = tt.policy

			out, err := s.localize(contract.TitleIn{Order: in})

			require.NoError(t, err)
			require.Equal(t, contract.OutcomeDelivered, out.Outcome)
			require.Equal(t, []string{"dialogue approve ana@example.com", "translation approve " + tt.by, "subtitles approve ana@example.com"}, s.said())
		})
	}
}

// With every gate off and nothing critical, nobody is asked, and the records say so.
func TestNobodyIsAsked(t *testing.T) {
	s := newStudio(t)
	s.people = func(string, contract.Status) {}
	in := order(contract.Services()...)
	for _, name := range gate.Names() {
		in.Gates[name] = gate.Off
	}

	out, err := s.localize(contract.TitleIn{Order: in})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Len(t, s.said(), len(gate.Names()))
	for _, said := range s.said() {
		require.Contains(t, said, "approve policy:off")
	}
	require.Less(t, s.age(), look)
}

// A gate that asks nobody does not take back what a person said.
func TestPolicyNeverOverrulesAPerson(t *testing.T) {
	s := newStudio(t)
	step := 0
	s.people = func(id string, status contract.Status) {
		g := find(status, gate.Translation)
		switch {
		case id == germanID && step == 0 && g.State == gate.Approved:
			step++
			s.decide(id, g, gate.Reopen, "a name is wrong")
		case id == titleID && step == 1 && s.looks == 5:
			step++
			s.send(germanID, contract.UpdateRetry, contract.Retry{Stage: contract.StageTranslate, By: "bea"})
		case id == germanID && step == 2 && s.looks == 9:
			step++
			require.Equal(t, gate.Waiting, g.State, "a person was asked, though the gate is off")
			s.decide(id, g, gate.Approve, "")
		case id == titleID || step == 3:
			s.approveAll(id, status)
		}
	}
	in := order(contract.Subtitles)
	in.Gates[gate.Translation] = gate.Off

	out, err := s.localize(contract.TitleIn{Order: in})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, []string{
		"dialogue approve ana@example.com", "translation approve policy:off", "translation reopen ana@example.com",
		"translation approve ana@example.com", "subtitles approve ana@example.com",
	}, s.said())
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
