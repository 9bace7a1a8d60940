package workflows_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

const (
	day   = 24 * time.Hour
	month = 30 * day
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

// A change runs what depends on it again, and nothing else; the edits reach
// whoever puts the document together.
func TestChange(t *testing.T) {
	edits := []script.Edit{{Op: script.Replace, ID: "e002", Text: "Krähe."}}
	tests := map[gate.Name]struct {
		again []string // up to the gate
		made  func(*studio) []contract.Work
	}{
		gate.Dialogue:    {[]string{"Transcribe"}, func(s *studio) []contract.Work { return inputs(s, contract.Transcribe) }},
		gate.Translation: {[]string{"AssembleTranslation", "Translate"}, func(s *studio) []contract.Work { return inputs(s, contract.AssembleTranslation) }},
		gate.Subtitles:   {[]string{"AuthorSubtitles"}, func(s *studio) []contract.Work { return inputs(s, contract.AuthorSubtitles) }},
		gate.Premix:      {[]string{"AssembleTakes", "BuildPremix", "PrepareDub", "Synthesize"}, func(s *studio) []contract.Work { return inputs(s, contract.PrepareDub) }},
	}
	for name, tt := range tests {
		t.Run(string(name), func(t *testing.T) {
			s := newStudio(t)
			var before map[string]int
			var again []string
			var old gate.Gate
			s.people = func(id string, status contract.Status) {
				for _, g := range status.Gates {
					switch {
					case g.State != gate.Waiting:
					case g.Name != name:
						if before == nil || again != nil { // hold the others still, to see what the change does
							s.decide(id, g, gate.Approve, "")
						}
					case before == nil && len(s.said()) == held(name):
						before, old = s.tally(), g
						s.decide(id, g, gate.Change, "", edits...)
					case before != nil:
						again = s.since(before)
						s.decide(id, old, gate.Approve, "")
						s.decide(id, g, gate.Approve, "")
					}
				}
			}

			out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

			require.NoError(t, err)
			require.Equal(t, contract.OutcomeDelivered, out.Outcome)
			require.Equal(t, tt.again, again)
			made := tt.made(s)
			require.Len(t, made, 2)
			require.Empty(t, made[0].Edits)
			require.Equal(t, []script.Blob{document("edits", edits)}, made[1].Edits)
			require.Len(t, s.refused, 1, "the old revision can no longer be approved")
			require.Contains(t, s.refused[0], "is stale")
			for _, w := range inputs(s, contract.Translate) {
				require.Empty(t, w.Edits, "machines translate; edits go over what they made")
			}
		})
	}
}

// held is how many decisions go on record before the gate is changed: the other
// branch, where there is one, has come to its end by then.
func held(name gate.Name) int {
	return map[gate.Name]int{gate.Dialogue: 0, gate.Translation: 1, gate.Subtitles: 4, gate.Premix: 3}[name]
}

func TestReject(t *testing.T) {
	s := newStudio(t)
	said := 0
	s.people = func(id string, status contract.Status) {
		if id != germanID {
			s.approveAll(id, status)
			return
		}
		g := find(status, gate.Translation)
		switch {
		case g.State == gate.Waiting && said == 0:
			said++
			s.decide(id, g, gate.Reject, "the names are wrong")
		case g.State == gate.Changes && said == 1:
			said++
			require.Equal(t, "the names are wrong", g.Rejected.Comment)
			s.decide(id, g, gate.Approve, "")
			s.decide(id, g, gate.Change, "", script.Edit{Op: script.Replace, ID: "e002", Text: "Krähe."})
		default:
			s.approveAll(id, status)
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Len(t, s.refused, 1)
	require.Contains(t, s.refused[0], "was rejected by ana@example.com (the names are wrong); change it first")
	require.Equal(t, []string{
		"dialogue approve ana@example.com", "translation reject ana@example.com", "translation change ana@example.com",
		"translation approve ana@example.com", "subtitles approve ana@example.com",
	}, s.said())
}

// A reopened approval redoes what depends on what is then changed, and asks
// again only where the bytes are others.
func TestReopen(t *testing.T) {
	tests := map[string]struct {
		gate   gate.Name
		change bool
		again  []string
		asked  []string // what goes on record after the reopening, without the last gate
	}{
		"the translation, changed": {
			gate.Translation, true,
			[]string{"AssembleMaster", "AssembleTakes", "AssembleTranslation", "AuthorSubtitles", "BuildPremix", "HearDub", "MixDub", "Package", "PrepareDub", "Synthesize", "Translate"},
			[]string{"translation change", "translation approve", "subtitles approve", "premix approve", "final approve"},
		},
		"the translation, as it was": {gate.Translation, false, []string{"Package"}, []string{"translation approve", "final approve"}},
		"the subtitles, changed":     {gate.Subtitles, true, []string{"AuthorSubtitles", "Package"}, []string{"subtitles change", "subtitles approve", "final approve"}},
		"the premix, changed": {
			gate.Premix, true,
			[]string{"AssembleMaster", "AssembleTakes", "BuildPremix", "HearDub", "MixDub", "Package", "PrepareDub", "Synthesize"},
			[]string{"premix change", "premix approve", "final approve"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			var before map[string]int
			asked, changed := 0, false
			s.people = func(id string, status contract.Status) {
				if id == titleID {
					s.approveAll(id, status)
					return
				}
				final, g := find(status, gate.Final), find(status, tt.gate)
				switch {
				case before == nil && final.State == gate.Waiting && g.State == gate.Approved:
					before, asked = s.tally(), len(s.said())+1
					s.decide(id, g, gate.Reopen, "a name is wrong")
				case before != nil && tt.change && !changed && g.State == gate.Waiting:
					changed = true
					s.decide(id, g, gate.Change, "", script.Edit{Op: script.Replace, ID: "e002", Text: "Krähe."})
				case before == nil:
					s.approveBut(id, status, gate.Final)
				default:
					s.approveAll(id, status)
				}
			}

			out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

			require.NoError(t, err)
			require.Equal(t, contract.OutcomeDelivered, out.Outcome)
			require.Equal(t, tt.again, s.since(before))
			said := s.said()[asked:]
			for i := range said {
				said[i] = strings.TrimSuffix(said[i], " ana@example.com")
			}
			require.ElementsMatch(t, tt.asked, said)
			require.Empty(t, s.refused)
		})
	}
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

// What a gate shows can be pasted back as it stands.
func TestDetailsCanBePasted(t *testing.T) {
	s := newStudio(t)
	approval := regexp.MustCompile("```json\n(.*\"approve\".*)\n```")
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
