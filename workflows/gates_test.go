package workflows_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

const (
	day   = 24 * time.Hour
	month = 30 * day
)

func TestRefusals(t *testing.T) {
	edit := script.Edit{Op: script.Replace, ID: "e001", Text: "x"}
	tests := map[string]struct {
		send func(s *studio, g gate.Gate)
		want string // part of the refusal, "" where the decision is taken
	}{
		"a stale revision": {func(s *studio, g gate.Gate) {
			g.Subject.Revision = strings.Repeat("0", 64)
			s.decide(germanID, g, gate.Approve, "")
		}, "revision 000000000000 is stale"},
		"no revision": {func(s *studio, g gate.Gate) { g.Subject.Revision = ""; s.decide(germanID, g, gate.Approve, "") }, "revision (none) is stale"},
		"too short a revision": {func(s *studio, g gate.Gate) {
			g.Subject.Revision = g.Subject.Revision[:11]
			s.decide(germanID, g, gate.Approve, "")
		}, "is stale"},
		"a shortened revision": {func(s *studio, g gate.Gate) {
			g.Subject.Revision = " " + g.Subject.Revision[:12]
			s.decide(germanID, g, gate.Approve, "")
		}, ""},
		"a bare rejection":        {func(s *studio, g gate.Gate) { s.decide(germanID, g, gate.Reject, "") }, "comment: say what must change"},
		"nobody":                  {func(s *studio, g gate.Gate) { s.send(germanID, contract.UpdateDecide, contract.Decide{Gate: g.Name}) }, "by: name the reviewer"},
		"a change of nothing":     {func(s *studio, g gate.Gate) { s.decide(germanID, g, gate.Change, "") }, "edits: give at least one"},
		"a gate that is not open": {func(s *studio, g gate.Gate) { g.Name = gate.Final; s.decide(germanID, g, gate.Approve, "") }, "gate final: nothing waits there yet"},
		"a gate of the title": {
			func(s *studio, g gate.Gate) { g.Name = gate.Dialogue; s.decide(germanID, g, gate.Approve, "") },
			`this job has no gate "dialogue"; it has translation, subtitles, premix, final`,
		},
		"a gate without edits": {
			func(s *studio, g gate.Gate) { g.Name = gate.Final; s.decide(germanID, g, gate.Change, "", edit) },
			`gate final: nothing can be edited there; send verdict "reopen" to the gate where the fault lies`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			sent := false
			s.people = func(id string, status contract.Status) {
				if id == germanID && !sent && find(status, gate.Translation).State == gate.Waiting {
					sent = true
					tt.send(s, find(status, gate.Translation))
					return
				}
				s.approveAll(id, status)
			}

			out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

			require.NoError(t, err)
			require.Equal(t, contract.OutcomeDelivered, out.Outcome)
			if tt.want == "" {
				require.Empty(t, s.refused)
			} else {
				require.Len(t, s.refused, 1)
				require.Contains(t, s.refused[0], tt.want)
			}
			require.Len(t, s.said(), len(gate.Names()), "what is refused is not recorded")
		})
	}
}

func TestSilentForAMonth(t *testing.T) {
	s := newStudio(t)
	s.people = func(id string, status contract.Status) {
		if s.age() > month {
			s.approveAll(id, status)
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Services()...)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Greater(t, s.age(), month)
	for name, n := range s.tally() {
		require.LessOrEqual(t, n, len(gate.Names()), "%s ran while nobody looked", name)
	}
}

// What a gate shows can be pasted back as it stands.
func TestDetailsCanBePasted(t *testing.T) {
	s := newStudio(t)
	approval := regexp.MustCompile("```json\n([^`]*\"approve\"[^`]*)\n```")
	s.people = func(id string, _ contract.Status) {
		details := s.details(id)
		if found := approval.FindStringSubmatch(details); found != nil {
			require.Contains(t, details, "Look at it.", "the brief is there")
			s.send(id, contract.UpdateDecide, json.RawMessage(found[1]))
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Empty(t, s.refused)
	require.Equal(t, []string{"dialogue approve you@example.com", "translation approve you@example.com", "subtitles approve you@example.com"}, s.said())
}

// The state of a review is where lists of workflows are filtered by.
func TestReviewState(t *testing.T) {
	s := newStudio(t)
	var states []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Run(func(args mock.Arguments) {
		attributes := args.Get(0).(temporal.SearchAttributes)
		state, _ := attributes.GetKeyword(contract.AttrReviewState)
		if where, _ := attributes.GetKeyword(contract.AttrReviewGate); where != "" {
			state += " " + where
		}
		states = append(states, state)
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
	require.Equal(t, []string{
		"none", "none", "awaiting_linguist dialogue", "none", "none", "awaiting_linguist translation", "none",
		"blocked", "none", "awaiting_linguist subtitles", "none", "delivered",
	}, states, "of the title until its list is approved, then of the language")
}
