package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

func TestServices(t *testing.T) {
	subtitles := []string{"AuthorSubtitles"}
	dub := []string{"AssembleMaster", "AssembleTakes", "BuildPremix", "HearDub", "MixDub", "PrepareDub", "Synthesize"}
	lips := []string{"AssemblePicture", "SyncLips"}
	always := []string{"Admit", "AssembleTranslation", "FindShots", "FindSpeech", "Ingest", "Package", "PlanLanguage", "Transcribe", "Translate"}
	tests := map[string]struct {
		services []contract.Service
		work     []string
		gates    []gate.Name
	}{
		"subtitles":           {[]contract.Service{contract.Subtitles}, subtitles, []gate.Name{gate.Dialogue, gate.Translation, gate.Subtitles}},
		"a dub":               {[]contract.Service{contract.Dub}, dub, []gate.Name{gate.Dialogue, gate.Translation, gate.Premix, gate.Final}},
		"subtitles and a dub": {[]contract.Service{contract.Subtitles, contract.Dub}, slices.Concat(subtitles, dub), gate.Names()},
		"everything":          {contract.Services(), slices.Concat(subtitles, dub, lips), gate.Names()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)

			out, err := s.localize(contract.TitleIn{Order: order(tt.services...)})

			require.NoError(t, err)
			require.Equal(t, contract.OutcomeDelivered, out.Outcome)
			require.Equal(t, []string{"de"}, languages(out))
			require.ElementsMatch(t, slices.Concat(always, tt.work), s.since(nil))
			for _, name := range tt.gates {
				require.Contains(t, s.said(), string(name)+" approve ana@example.com")
			}
			require.Len(t, s.said(), len(tt.gates), "every gate asks once")
			require.Empty(t, s.refused)
		})
	}
}

// Lines are made in batches of 25, shots in batches of 4, so that one that
// cannot be made costs little.
func TestBatches(t *testing.T) {
	s := newStudio(t)
	s.lines = 51

	_, err := s.localize(contract.TitleIn{Order: order(contract.Services()...)})

	require.NoError(t, err)
	parts := func(all []contract.Work) (parts [][2]int) {
		for _, w := range all {
			parts = append(parts, [2]int{w.First, w.Count})
		}
		return parts
	}
	require.ElementsMatch(t, [][2]int{{0, 25}, {25, 25}, {50, 1}}, parts(inputs(s, contract.Translate)))
	require.ElementsMatch(t, [][2]int{{0, 25}, {25, 25}, {50, 1}}, parts(inputs(s, contract.Synthesize)))
	require.ElementsMatch(t, [][2]int{{0, 4}, {4, 2}}, parts(inputs(s, contract.SyncLips)))
}

// A line that could not be made is told to whoever puts the document together:
// it reaches the gate, never the delivery in silence.
func TestFailuresReachTheGate(t *testing.T) {
	s := newStudio(t)
	s.failures = map[int]script.Failure{3: {Event: "e004", Kind: "Refused", Reason: "declined"}, 25: {Event: "e026", Kind: "Broken", Reason: "noise"}}

	_, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, []script.Failure{s.failures[3], s.failures[25]}, inputs(s, contract.AssembleTranslation)[0].Failures)
}

func TestNoSpeech(t *testing.T) {
	tests := map[string]func(*studio){
		"nobody speaks":       func(s *studio) { s.regions = 0; s.lines = 0 },
		"nothing to localize": func(s *studio) { s.lines = 0 },
	}
	for name, set := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			set(s)

			out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

			require.NoError(t, err)
			require.Equal(t, contract.TitleOut{Outcome: contract.OutcomeNoDialogue}, out)
			require.Zero(t, s.tally()[contract.PlanLanguage.Name], "no language was started")
			if s.regions == 0 {
				require.Zero(t, s.tally()[contract.Transcribe.Name], "silence is not paid for")
				require.Empty(t, s.said(), "nobody is asked about nothing")
			}
		})
	}
}

func TestOneLanguageFails(t *testing.T) {
	s := newStudio(t)
	s.fault(contract.PlanLanguage.Name, func(in any) error {
		if in.(contract.Work).To == "xx" {
			return fault.New(fault.Missing, "plan", "no model translates en to xx")
		}
		return nil
	})
	in := order(contract.Subtitles)
	in.Languages = []string{"xx", "de", "fr"}

	out, err := s.localize(contract.TitleIn{Order: in})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomePartial, out.Outcome)
	require.Equal(t, []string{"de", "fr"}, languages(out))
	require.Equal(t, []contract.FailedLanguage{{Language: "xx", Kind: "Missing", Reason: "plan: no model translates en to xx"}}, out.Failed)
}

func TestNothingStartsUnfit(t *testing.T) {
	tests := map[string]string{
		"an order that cannot be met":         contract.Admit.Name,
		"a master that cannot be worked upon": contract.Ingest.Name,
	}
	for name, act := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t)
			s.fault(act, func(any) error { return fault.New(fault.Invalid, "look", "no picture") })

			_, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

			require.Equal(t, fault.Invalid, contract.KindOf(err))
			require.ErrorContains(t, err, "look: no picture")
			require.Zero(t, s.tally()[contract.Transcribe.Name])
		})
	}
}

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

func TestJobIsNamedAfterItsWorkflow(t *testing.T) {
	s := newStudio(t)
	in := order(contract.Subtitles)
	in.Job = ""

	_, err := s.localize(contract.TitleIn{Order: in})

	require.NoError(t, err)
	require.Equal(t, "film", inputs(s, contract.Ingest)[0].Job)
	require.Equal(t, titleID, inputs(s, contract.Package)[0].TitleID)
}

func TestAddLanguage(t *testing.T) {
	s := newStudio(t)
	s.people = func(id string, status contract.Status) {
		if id == titleID && s.looks == 2 {
			s.send(id, contract.UpdateAddLanguage, contract.AddLanguage{Language: "fr"})
			s.send(id, contract.UpdateAddLanguage, contract.AddLanguage{By: "ana"})
			s.send(id, contract.UpdateAddLanguage, contract.AddLanguage{Language: "de", By: "ana"})
			s.send(id, contract.UpdateAddLanguage, contract.AddLanguage{Language: "fr", By: "ana"})
		}
		if s.looks > 2 || id == titleID {
			s.approveAll(id, status)
		}
	}

	out, err := s.localize(contract.TitleIn{Order: order(contract.Subtitles)})

	require.NoError(t, err)
	require.Equal(t, contract.OutcomeDelivered, out.Outcome)
	require.Equal(t, []string{"de", "fr"}, languages(out))
	require.Equal(t, []string{
		"by: name who orders it", `language: give a BCP 47 tag such as "pt-BR"`, "language: de is ordered already",
	}, s.refused)
	require.Equal(t, 1, s.tally()[contract.Transcribe.Name], "the programme is heard once")
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

func languages(out contract.TitleOut) (all []string) {
	for _, l := range out.Languages {
		all = append(all, l.Language)
	}
	return all
}
