package workflows_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// order is a film into German, with what is ordered.
func order(services ...contract.Service) contract.Order {
	return contract.Order{
		Job: "film", Customer: "acme", Series: "birds", Title: "crow", Source: "/in/crow.mov",
		Languages: []string{"de"}, Services: services, Gates: map[gate.Name]gate.Policy{},
	}
}

// localize runs a title to its end.
func (s *studio) localize(in contract.TitleIn) (contract.TitleOut, error) {
	s.env.ExecuteWorkflow(contract.LocalizeTitle, in)
	require.True(s.t, s.env.IsWorkflowCompleted())
	if err := s.env.GetWorkflowError(); err != nil {
		return contract.TitleOut{}, err
	}
	var out contract.TitleOut
	require.NoError(s.t, s.env.GetWorkflowResult(&out))
	return out, nil
}

func languages(out contract.TitleOut) (all []string) {
	for _, l := range out.Languages {
		all = append(all, l.Language)
	}
	return all
}

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

// Lines are made in batches of 25, shots in batches of 24, so that one that
// cannot be made costs little.
func TestBatches(t *testing.T) {
	s := newStudio(t)
	s.lines, s.shots = 51, 30

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
	require.ElementsMatch(t, [][2]int{{0, 24}, {24, 6}}, parts(inputs(s, contract.SyncLips)))
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
