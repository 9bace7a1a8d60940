package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

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
	require.Contains(t, s.refused[0], "was rejected by ana@example.com (the names are wrong); change it")
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

// A change of the dialogue list reaches a language that is at work: it redoes
// what is made from the list and nothing else.
func TestSourceRevised(t *testing.T) {
	s := newStudio(t)
	edits := []script.Edit{{Op: script.Replace, ID: "e001", Text: "Caw."}}
	var before map[string]int
	var first string
	s.people = func(id string, status contract.Status) {
		switch list := find(status, gate.Dialogue); {
		case id == germanID && len(inputs(s, contract.AssembleTranslation)) == 1:
			s.approveBut(id, status, gate.Subtitles)
		case id == germanID:
			s.approveAll(id, status)
		case list.State == gate.Approved && before == nil && s.looks == 5:
			before, first = s.tally(), list.Subject.Revision
			s.decide(id, list, gate.Reopen, "the crow does not sing")
		case list.State == gate.Waiting && list.Subject.Revision == first && before != nil:
			s.decide(id, list, gate.Change, "", edits...)
		case list.State == gate.Waiting:
			s.decide(id, list, gate.Approve, "")
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles, contract.Dub)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, []string{
		"AssembleMaster", "AssembleTakes", "AssembleTranslation", "AuthorSubtitles", "BuildPremix", "HearDub", "MixDub", "Package",
		"PrepareDub", "Synthesize", "Transcribe", "Translate",
	}, s.since(before), "not the picture, not the speech, not the plan")
	lists := inputs(s, contract.Transcribe)
	require.Equal(t, []script.Blob{document("edits", edits)}, lists[len(lists)-1].Edits)
	delivered := inputs(s, contract.Package)
	require.Len(t, delivered, 1, "nothing of the old list was delivered")
	require.Equal(t, inputs(s, contract.Translate)[2].Doc(contract.StageDialogue), delivered[0].Work.Doc(contract.StageDialogue))
	require.NotEqual(t, first, delivered[0].Work.Doc(contract.StageDialogue).SHA256)
}

// A list that is approved again as it was changes nothing for anybody.
func TestReopenedInVain(t *testing.T) {
	s := newStudio(t)
	reopened := false
	s.people = func(id string, status contract.Status) {
		list := find(status, gate.Dialogue)
		if id == titleID && list.State == gate.Approved && !reopened {
			reopened = true
			s.decide(id, list, gate.Reopen, "let me look again")
			return
		}
		s.approveAll(id, status)
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.True(t, reopened)
	require.Equal(t, 2, s.tally()[contract.Translate.Name], "two batches, once")
	require.Equal(t, 1, s.tally()[contract.Transcribe.Name])
}
