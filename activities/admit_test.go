package activities_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

// order is an order that can be admitted.
func order(change func(*contract.Order)) contract.Order {
	o := contract.Order{
		Job: "film-7", Title: "FILM", Source: "film.mp4", SourceLanguage: "en", Languages: []string{"pt-BR"},
		Services: []contract.Service{contract.Subtitles, contract.Dub, contract.LipSync},
	}
	change(&o)
	return o
}

// models are the simulator's, with one of them changed.
func models(can engine.Capability, change func(*engine.Model)) []engine.Model {
	all := simengine.Models()
	change(&all[slices.IndexFunc(all, func(m engine.Model) bool { return m.Capability == can })])
	return all
}

func TestAdmitTakesAnOrder(t *testing.T) {
	s := newStudio(t, simengine.Options{})

	got, err := do(contract.Admit, s.Admit, order(func(*contract.Order) {}))

	require.NoError(t, err)
	require.Equal(t, contract.Admission{FindSpeech: model(engine.CanFindSpeech), Transcribe: model(engine.CanTranscribe)}, got)
	job, ok, err := s.Records.Job(t.Context(), "film-7")
	require.NoError(t, err)
	require.True(t, ok, "the order is on record")
	require.Contains(t, string(job.Order), `"film.mp4"`)
}

// All that is wrong with an order is said at once, and such an order leaves no trace.
func TestAdmitSaysEveryFaultAtOnce(t *testing.T) {
	tests := map[string]struct {
		order contract.Order
		want  []string
	}{
		"an empty order": {contract.Order{}, []string{
			"job: letters, digits", "source: name the master file", "languages: name at least one", "services: order at least one",
		}},
		"everything wrong": {
			contract.Order{
				Job: "film:7", SourceLanguage: "en", Languages: []string{"de", "DE", "not a tag", "en-GB"}, Profile: "cinema",
				Services: []contract.Service{contract.LipSync, "karaoke"},
				Gates:    map[gate.Name]gate.Policy{gate.Dialogue: "sometimes", "cutting": gate.Off},
			},
			[]string{
				"job: letters, digits", "source: name the master file", "languages: DE stands there twice", "languages: not a tag is no BCP 47 tag",
				"languages: en-GB is the language of the programme", "services: unknown service karaoke", "services: lipsync needs dub",
				"gates: unknown policy sometimes of dialogue", "gates: unknown gate cutting", `profile: `,
			},
		},
		"a source language that is none": {order(func(o *contract.Order) { o.SourceLanguage = "plain english" }), []string{"sourceLanguage: plain english is no BCP 47 tag"}},
		"a job id of 101 letters":        {order(func(o *contract.Order) { o.Job = strings.Repeat("a", 101) }), []string{"job: letters, digits"}},
		"a job id with a line end":       {order(func(o *contract.Order) { o.Job = "film-7\n" }), []string{"job: letters, digits"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{})

			_, err := do(contract.Admit, s.Admit, tt.order)

			require.Equal(t, fault.Invalid, contract.KindOf(err))
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
			var failure *temporal.ApplicationError
			require.ErrorAs(t, err, &failure)
			said := strings.ReplaceAll(failure.Message(), "; there are", "")
			require.Len(t, strings.Split(strings.ReplaceAll(said, "; the known one", ""), "; "), len(tt.want), "and nothing else: %s", said)
			jobs, err := s.Records.Jobs(t.Context())
			require.NoError(t, err)
			require.Empty(t, jobs)
		})
	}
}

// What no engine offers is refused before anything is spent, and the refusal
// says what is offered.
func TestAdmitNamesWhatIsOffered(t *testing.T) {
	without := func(can engine.Capability) []engine.Model {
		return slices.DeleteFunc(simengine.Models(), func(m engine.Model) bool { return m.Capability == can })
	}
	knows := func(can engine.Capability, languages ...string) []engine.Model {
		return models(can, func(m *engine.Model) { m.Languages = languages })
	}
	tests := map[string]struct {
		models []engine.Model
		to     string
		want   []string
	}{
		"no pair of languages":                {nil, "tlh", []string{"translation for en>tlh", "en>pt-BR", "en>ja"}},
		"the programme is not understood":     {knows(engine.CanTranscribe, "de", "fr"), "pt-BR", []string{"transcription for en", "de, fr"}},
		"no voice":                            {knows(engine.CanSpeak, "de", "fr"), "pt-BR", []string{"speech for pt-BR", "de, fr"}},
		"nobody can listen to the dub":        {knows(engine.CanTranscribe, "en", "fr"), "pt-BR", []string{"transcription for pt-BR", "en, fr"}},
		"no lip-sync":                         {without(engine.CanLipSync), "pt-BR", []string{"lipsync for pt-BR", "offered: nothing"}},
		"no engine that finds speech, either": {without(engine.CanFindSpeech), "pt-BR", []string{"speech-regions for any language", "offered: nothing"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{Models: tt.models})

			_, err := do(contract.Admit, s.Admit, order(func(o *contract.Order) { o.Languages = []string{tt.to} }))

			require.Equal(t, fault.Missing, contract.KindOf(err))
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
			jobs, err := s.Records.Jobs(t.Context())
			require.NoError(t, err)
			require.Empty(t, jobs)
		})
	}
}

// A language serves a wish for the same tag, and for the other where one of
// them names no region.
func TestAdmitMatchesLanguages(t *testing.T) {
	tests := map[string]struct {
		pair, from, to string
		want           fault.Kind
	}{
		"the same tag":                       {"en>pt-BR", "en", "pt-BR", ""},
		"in other letters":                   {"EN>pt-br", "en", "pt-BR", ""},
		"a bare language serves a region":    {"en>pt", "en", "pt-BR", ""},
		"a region serves the bare language":  {"en>pt-BR", "en", "pt", ""},
		"a region does not serve another":    {"en>pt-BR", "en", "pt-PT", fault.Missing},
		"a script does not serve another":    {"en>zh-Hans", "en", "zh-Hant", fault.Missing},
		"a bare language serves any script":  {"en>zh", "en", "zh-Hant-TW", ""},
		"the programme has a region":         {"en>de", "en-GB", "de", ""},
		"the programme is of another region": {"en-US>de", "en-GB", "de", fault.Missing},
		"the programme is not known yet":     {"fr>de", "", "de", ""},
		"a language that begins alike":       {"en>fil", "en", "fi", fault.Missing},
		"the other way round":                {"de>en", "en", "de", fault.Missing},
		"a model without pairs":              {"de", "en", "de", fault.Missing},
		"from one region into another":       {"pt-PT>pt-BR", "pt-PT", "pt-BR", ""},
		"the programme's own language":       {"en>en", "en", "en", fault.Invalid},
		"its own language with a region":     {"en>en", "en", "en-GB", fault.Invalid},
		"its own language without one":       {"en>en", "en-GB", "en", fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all := models(engine.CanTranslate, func(m *engine.Model) { m.Languages = []string{tt.pair} })
			all[1].Languages = nil // it understands every language
			require.Equal(t, engine.CanTranscribe, all[1].Capability)
			s := newStudio(t, simengine.Options{Models: all})

			_, err := do(contract.Admit, s.Admit, order(func(o *contract.Order) {
				o.SourceLanguage, o.Languages, o.Services = tt.from, []string{tt.to}, []contract.Service{contract.Subtitles}
			}))

			require.Equal(t, tt.want, contract.KindOf(err), "%v", err)
		})
	}
}

func TestPlanLanguage(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	in := contract.Work{Job: "film-7", From: "en", To: "pt-BR", Services: []contract.Service{contract.Subtitles, contract.Dub, contract.LipSync}}

	all, err := do(contract.PlanLanguage, s.PlanLanguage, in)
	require.NoError(t, err)
	in.Services = []contract.Service{contract.Subtitles}
	subs, err := do(contract.PlanLanguage, s.PlanLanguage, in)
	require.NoError(t, err)
	in.To = "en-GB"
	_, same := do(contract.PlanLanguage, s.PlanLanguage, in)

	require.Equal(t, contract.LanguagePlan{
		From: "en", To: "pt-BR", Translate: model(engine.CanTranslate), Speak: model(engine.CanSpeak), Hear: model(engine.CanTranscribe), LipSync: model(engine.CanLipSync),
		Voices: []contract.Voice{{ID: "pt-BR-f1", Gender: "f"}, {ID: "pt-BR-f2", Gender: "f"}, {ID: "pt-BR-m1", Gender: "m"}, {ID: "pt-BR-m2", Gender: "m"}},
	}, all.Plan)
	require.Equal(t, all.Plan, document[contract.LanguagePlan](s, all.Made.Doc))
	require.Equal(t, contract.LanguagePlan{From: "en", To: "pt-BR", Translate: model(engine.CanTranslate)}, subs.Plan, "what was not ordered is not planned")
	require.Equal(t, fault.Invalid, contract.KindOf(same))
	require.ErrorContains(t, same, "the programme is in en already")
}
