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
	s.fault(contract.Synthesize.Name, func(any) error {
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
