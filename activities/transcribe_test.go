package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

const english = "Good morning to you all."

// scene is a recording of eight seconds in which two people speak: from second 1
// and from second 5 on.
func (s *studio) scene() contract.Ingested {
	s.t.Helper()
	path := s.recording(8*time.Second,
		simengine.Line{At: time.Second, Text: english, Language: "en", Voice: "en-f1"},
		simengine.Line{At: 5 * time.Second, Text: "Bonjour les amis.", Language: "en", Voice: "en-m1"})
	return contract.Ingested{Cut: cut(8), Speech: s.file(path)}
}

// heard is the work order to transcribe a scene of a language with the given
// regions.
func (s *studio) heard(in contract.Ingested, language string, regions ...contract.SpeechRegion) contract.Work {
	return contract.Work{Job: "film-7", Model: model(engine.CanTranscribe), Inputs: []contract.StageDoc{
		s.stage(contract.StageIngest, in), s.stage(contract.StageSpeech, contract.SpeechRegions{Language: language, Regions: regions}),
	}}
}

// region is a stretch of speech, from and to in seconds.
func region(from, to float64, language string, probability float64) contract.SpeechRegion {
	at := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return contract.SpeechRegion{Start: at(from), End: at(to), Language: language, Probability: probability}
}

// transcribed runs Transcribe and reads what it made.
func (s *studio) transcribed(w contract.Work) (script.DialogueList, qa.Report, contract.Made) {
	s.t.Helper()
	made, err := do(contract.Transcribe, s.Transcribe, w)
	require.NoError(s.t, err)
	return document[script.DialogueList](s, made.Doc), document[qa.Report](s, made.Report), made
}

func TestFindSpeech(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := contract.Work{Job: "film-7", Model: model(engine.CanFindSpeech), Inputs: []contract.StageDoc{s.stage(contract.StageIngest, s.scene())}}

	made, err := do(contract.FindSpeech, s.FindSpeech, work)
	require.NoError(t, err)
	work.From = "en-GB"
	ordered, err := do(contract.FindSpeech, s.FindSpeech, work)
	require.NoError(t, err)

	got := document[contract.SpeechRegions](s, made.Doc)
	require.Equal(t, []any{2, "en", "en"}, []any{made.Items, made.Language, got.Language})
	require.InDelta(t, 1, got.Regions[0].Start.Seconds(), 0.15)
	require.InDelta(t, 5, got.Regions[1].Start.Seconds(), 0.15)
	require.Equal(t, "en-GB", ordered.Language, "what the order says counts")
	require.Equal(t, 1, s.asked(engine.CanFindSpeech), "a repeat pays nothing")
}

// listener is an engine that finds given regions of speech.
type listener struct {
	engine.Engine
	regions []engine.Region
}

func (l listener) FindSpeech(context.Context, string, string) ([]engine.Region, error) {
	return l.regions, nil
}

// The programme's language is what is heard longest, as far as it is certain.
func TestFindSpeechSettlesTheLanguage(t *testing.T) {
	heard := func(from, to time.Duration, language string, probability float64) engine.Region {
		return engine.Region{Start: from * time.Second, End: to * time.Second, Language: language, Probability: probability}
	}
	tests := map[string]struct {
		regions []engine.Region
		want    string
	}{
		"nobody speaks":                  {nil, ""},
		"heard longest":                  {[]engine.Region{heard(0, 1, "en", 0.9), heard(1, 4, "fr", 0.9), heard(4, 6, "en", 0.9), heard(6, 7, "fr", 0.8)}, "fr"},
		"uncertain regions do not count": {[]engine.Region{heard(0, 5, "nn", 0.79), heard(5, 6, "en", 0.8)}, "en"},
		"unless there are no others":     {[]engine.Region{heard(0, 1, "en", 0.4), heard(1, 3, "fr", 0.3)}, "fr"},
		"too short to tell":              {[]engine.Region{heard(0, 1, "", 0)}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{})
			s.Engines = engine.Pool{listener{s.Engines[0], tt.regions}}
			work := contract.Work{Model: model(engine.CanFindSpeech), Inputs: []contract.StageDoc{s.stage(contract.StageIngest, s.scene())}}

			made, err := do(contract.FindSpeech, s.FindSpeech, work)

			require.NoError(t, err)
			require.Equal(t, tt.want, made.Language)
			require.Equal(t, len(tt.regions), made.Items)
		})
	}
}

func TestTranscribe(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := s.heard(s.scene(), "en", region(1, 3, "en", 0.99), region(5, 6.5, "en", 0.99))

	list, report, made := s.transcribed(work)
	_, _, again := s.transcribed(work)

	require.Len(t, list.Events, 2)
	first, second := list.Events[0], list.Events[1]
	require.Equal(t, []string{"e001", english, "S1", "e002", "Bonjour les amis.", "S2"}, []string{first.ID, first.Text, first.Character, second.ID, second.Text, second.Character})
	require.InDelta(t, 1, first.Start.Seconds(), 0.15)
	require.InDelta(t, 5, second.Start.Seconds(), 0.15)
	require.Len(t, first.Words, 5)
	require.Equal(t, model(engine.CanTranscribe).Fingerprint, list.Engine)
	require.Empty(t, list.Doubts)
	require.Empty(t, report.Findings)
	require.Equal(t, []any{2, "en"}, []any{made.Items, made.Language})
	require.Equal(t, made, again)
	require.Equal(t, 1, s.asked(engine.CanTranscribe), "a repeat pays nothing")
}

// What is certainly spoken in another language keeps its original; what may be
// is left to a person. A region of the programme's language is not another one.
func TestTranscribeKeepsOtherLanguages(t *testing.T) {
	tests := map[string]struct {
		programme string
		second    contract.SpeechRegion
		kind      script.Kind
		language  string
		doubt     string
	}{
		"another language":              {"en", region(5, 6.5, "fr", 0.95), script.OtherLanguage, "fr", ""},
		"perhaps another":               {"en", region(5, 6.5, "fr", 0.79), script.Dialogue, "en", "may be spoken in fr (probability 0.79); mark it other-language if so"},
		"the same, hardly certain":      {"en", region(5, 6.5, "en", 0.3), script.Dialogue, "en", ""},
		"nobody can tell":               {"en", region(5, 6.5, "", 0), script.Dialogue, "en", ""},
		"the programme names a region":  {"en-GB", region(5, 6.5, "en", 0.99), script.Dialogue, "en-GB", ""},
		"hardly certain, with a region": {"en-GB", region(5, 6.5, "en", 0.5), script.Dialogue, "en-GB", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{})

			list, report, made := s.transcribed(s.heard(s.scene(), tt.programme, region(1, 3, "en", 0.99), tt.second))

			event := list.Events[1]
			require.Equal(t, []string{string(tt.kind), tt.language}, []string{string(event.Kind), event.Language})
			require.Equal(t, tt.kind == script.Dialogue, event.Localized())
			require.Len(t, list.Localized(), made.Items)
			require.Equal(t, script.Dialogue, list.Events[0].Kind)
			var found []string
			for _, f := range report.Findings {
				found = append(found, f.ID()+" "+f.Message)
			}
			if tt.doubt == "" {
				require.Empty(t, found)
			} else {
				require.Equal(t, []string{"DLG001:e002 " + tt.doubt}, found)
			}
		})
	}
}

// unscripted is a scene that the simulator understands as t says.
func (s *studio) unscripted(t engine.Transcript) contract.Ingested {
	in := s.scene()
	s.sim.SetTranscript(in.Speech.SHA256, t)
	return in
}

func TestTranscribeWithoutWordTimes(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	in := s.unscripted(engine.Transcript{Language: "en", Segments: []engine.Segment{
		{Start: time.Second, End: 3 * time.Second, Text: "Good day."}, {Start: 5 * time.Second, End: 6 * time.Second, Text: "Yes."},
	}})

	list, report, _ := s.transcribed(s.heard(in, "en", region(1, 3, "en", 0.99)))

	require.Len(t, list.Events, 2)
	require.Equal(t, []any{"Good day.", time.Second, 3 * time.Second}, []any{list.Events[0].Text, list.Events[0].Start, list.Events[0].End})
	require.Equal(t, []any{"Yes.", 5 * time.Second, 6 * time.Second}, []any{list.Events[1].Text, list.Events[1].Start, list.Events[1].End})
	require.Equal(t, []script.Doubt{{Reason: "the recogniser gave no word times; they are estimated from its segments"}}, list.Doubts)
	require.Equal(t, 1, report.Counts.Major)
}

// What a recogniser is unsure of, or missed, is a finding for a person.
func TestTranscribeDoubts(t *testing.T) {
	word := func(probability float64) engine.Transcript {
		return engine.Transcript{
			Language: "en", Words: []engine.Word{{Text: "Perhaps.", Start: time.Second, End: 2 * time.Second, Probability: probability}},
			Segments: []engine.Segment{{Start: time.Second, End: 2 * time.Second, Text: "Perhaps.", NoSpeech: 0.6}},
		}
	}
	noise := word(0.9)
	noise.Segments[0].NoSpeech = 0.61
	tests := map[string]struct {
		heard  engine.Transcript
		region contract.SpeechRegion
		want   string
	}{
		"sure enough":            {word(0.35), region(1, 3.5, "en", 0.9), ""},
		"hardly understood":      {word(0.34), region(1, 2, "en", 0.9), "hardly understood; listen to it"},
		"probably no speech":     {noise, region(1, 2, "en", 0.9), "the recogniser doubts that this is speech; delete it if nobody speaks"},
		"speech without a line":  {word(0.9), region(1, 3.6, "en", 0.9), "1.6 s of speech at 1.0 s have no line: insert one if something is said there"},
		"nothing was understood": {engine.Transcript{Language: "en"}, region(4, 8, "en", 0.9), "4.0 s of speech at 4.0 s have no line: insert one if something is said there"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{})

			list, report, _ := s.transcribed(s.heard(s.unscripted(tt.heard), "en", tt.region))

			var reasons []string
			for _, d := range list.Doubts {
				reasons = append(reasons, d.Reason)
			}
			if tt.want == "" {
				require.Empty(t, reasons)
			} else {
				require.Equal(t, []string{tt.want}, reasons)
			}
			require.Len(t, report.Findings, len(reasons))
		})
	}
}

func TestTranscribeAppliesEdits(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := s.heard(s.scene(), "en", region(1, 3, "en", 0.99), region(5, 6.5, "fr", 0.5))
	work.Edits = []script.Blob{
		s.put(script.EditSet{By: "ana", Edits: []script.Edit{{Op: script.Mark, ID: "e001", Character: "HOST"}, {Op: script.Delete, ID: "e009"}}}),
		s.put(script.EditSet{By: "bea", Edits: []script.Edit{{Op: script.Replace, ID: "e002", Text: "Hello, friends.", Was: "Bonjour les amis."}}}),
	}

	list, report, made := s.transcribed(work)

	require.Equal(t, []string{"HOST", english, "Hello, friends."}, []string{list.Events[0].Character, list.Events[0].Text, list.Events[1].Text})
	require.Nil(t, list.Events[1].Words)
	require.Len(t, list.Conflicts, 1)
	require.Equal(t, "ana", list.Conflicts[0].By)
	ids := make([]string, len(report.Findings))
	for i, f := range report.Findings {
		ids[i] = f.ID()
	}
	require.Equal(t, []string{"EDT001:e009"}, ids, "the doubt about the changed line is settled")
	require.Equal(t, 2, made.Items)
}

// A call that failed leaves no result behind.
func TestTranscribeKeepsNoFailure(t *testing.T) {
	s := newStudio(t, simengine.Options{Faults: []simengine.Fault{{Mode: simengine.OutOfMemory, Calls: []int{1}}}})
	work := s.heard(s.scene(), "en", region(1, 3, "en", 0.99))

	_, first := do(contract.Transcribe, s.Transcribe, work)
	list, _, _ := s.transcribed(work)

	require.Error(t, first)
	require.Equal(t, english, list.Events[0].Text)
	require.Equal(t, 2, s.asked(engine.CanTranscribe))
}
