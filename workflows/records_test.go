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

// A decision is kept until it is on record, however long that takes, and
// nothing follows from it before.
func TestRecordsAreOut(t *testing.T) {
	s := newStudio(t)
	tries := 0
	s.fault(contract.RecordDecision.Name, func(in any) error {
		tries++
		left := day - s.age()
		if d := in.(contract.DecisionIn).Decision; d.Gate != gate.Translation || left <= 0 {
			return nil
		}
		err := fault.New(fault.Broken, "records", "connection refused")
		err.After = 5 * time.Hour
		return err
	})
	s.people = func(id string, status contract.Status) {
		if id == germanID && s.age() < day && s.looks > 2 {
			g := find(status, gate.Translation)
			require.Equal(t, gate.Recording, g.State)
			require.Equal(t, "ana@example.com", g.Pending.By)
			require.Equal(t, contract.StageAtGate, stage(status, contract.StageTranslate).State)
			require.Equal(t, contract.StageWaits, stage(status, contract.StageSubtitles).State)
			if s.looks == 5 {
				s.send(id, contract.UpdateDecide, contract.Decide{Gate: gate.Translation, Revision: g.Subject.Revision, Verdict: gate.Reject, By: "bea", Comment: "no"})
			}
		}
		s.approveAll(id, status)
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, []string{"gate translation: approve by ana@example.com is being recorded"}, s.refused)
	require.Equal(t, []string{"dialogue approve ana@example.com", "translation approve ana@example.com", "subtitles approve ana@example.com"}, s.said())
	require.Greater(t, tries, 6)
	require.Greater(t, s.age(), day)
}

// Records that refuse a decision park it: it is neither lost nor in force, and
// a retry writes it.
func TestRecordsRefuse(t *testing.T) {
	s := newStudio(t)
	s.fault(contract.RecordDecision.Name, func(in any) error {
		if d := in.(contract.DecisionIn).Decision; d.Gate == gate.Subtitles && s.age() < 9*time.Hour {
			return fault.New(fault.Denied, "records", "read-only")
		}
		return nil
	})
	seen := false
	s.people = func(id string, status contract.Status) {
		if len(status.Blocked) > 0 {
			seen = true
			require.Equal(t, "records: read-only", status.Blocked[0].Reason)
			require.Equal(t, contract.StageName("subtitles-decision"), status.Blocked[0].Stage)
			require.Equal(t, gate.Recording, find(status, gate.Subtitles).State)
			if s.age() > 10*time.Hour {
				s.send(id, contract.UpdateRetry, contract.Retry{Stage: status.Blocked[0].Stage, By: "bea"})
			}
		}
		s.approveAll(id, status)
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.True(t, seen)
	require.Contains(t, s.said(), "subtitles approve ana@example.com")
	require.Equal(t, 1, s.tally()[contract.AuthorSubtitles.Name], "the document was not made again for it")
	require.Empty(t, s.refused)
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
