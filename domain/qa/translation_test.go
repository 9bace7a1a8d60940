package qa_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
)

func TestCheckTranslation(t *testing.T) {
	const en, pt = "en", "pt-BR"
	tests := map[string]struct {
		from, to       string
		source, target string
		kind           script.Kind
		want           []string // rule and severity
	}{
		"good":                             {en, pt, "Who sent the letter?", "Quem mandou a carta?", "", nil},
		"missing":                          {en, pt, "Who sent the letter?", " ", "", []string{"TRN001 critical"}},
		"nothing to translate":             {en, pt, "", "", "", nil},
		"copied":                           {en, pt, "Who sent the letter?", "Who sent the letter?", "", []string{"TRN002 major"}},
		"four of five words copied":        {en, pt, "who sent the letter now", "who sent the letter agora", "", nil},
		"five of six words copied":         {en, pt, "who sent the letter now please", "who sent the letter now agora", "", []string{"TRN002 major"}},
		"two words may be the same":        {en, pt, "Taxi! Hotel!", "Taxi! Hotel!", "", nil},
		"names may be the same":            {en, pt, "Oh, Maria Silva Costa Lima", "Oh, Maria Silva Costa Lima", "", nil},
		"sounds may be the same":           {en, pt, "ha ha ha", "ha ha ha", script.Reaction, nil},
		"one language needs no other text": {"en-US", "en-GB", "Who sent the letter?", "Who sent the letter?", "", nil},
		"same digits":                      {en, pt, "Room 101", "Quarto 101", "", nil},
		"other digits":                     {en, pt, "Room 101", "Quarto 110", "", []string{"TRN004 critical"}},
		"digits in words":                  {en, pt, "35 years", "trinta e cinco anos", "", nil},
		"words in digits":                  {en, pt, "thirty-five years", "35 anos", "", nil},
		"a number lost":                    {en, pt, "Call 911 now", "Chame a polícia já", "", []string{"TRN004 major"}},
		"grouping differs by language":     {en, pt, "1,500 people, 2.5 miles of road", "1.500 pessoas, 2,5 milhas de estrada", "", nil},
		"a decimal point misread":          {en, pt, "2.5 tons of it", "25 toneladas disso", "", []string{"TRN004 critical"}},
		"a clock read another way":         {en, pt, "At 7:30 pm", "Às 19h30", "", []string{"TRN004 major"}},
		"a unit converted":                 {en, pt, "It is 60 miles away", "Fica a 96 quilômetros daqui", "", []string{"TRN004 major"}},
		"a decade":                         {en, pt, "In the 1990s", "Nos anos 90", "", nil},
		"a date":                           {en, pt, "On 12/05/2026", "Em 12.05.2026", "", nil},
		"spelled out in french":            {en, "fr", "3 men came here", "Trois hommes sont venus", "", nil},
		"a large number lost in french":    {en, "fr", "300 men came here", "Des hommes sont venus", "", []string{"TRN004 major"}},
		"a loop":                           {en, pt, "I know what you did then", "eu sei eu sei eu sei eu sei eu sei", "", []string{"TRN011 major"}},
		"a loop of the source":             {en, pt, "No, no, no, no, no!", "Não, não, não, não, não!", "", nil},
		"three more is a loop":             {en, pt, "Go away from here", "Vai vai vai vai embora", "", []string{"TRN011 major"}},
		"two more is not":                  {en, pt, "Go away from here", "Vai vai vai embora", "", nil},
		"2.5 times as long":                {en, pt, "twenty characters !!", "abcdefghi bcdefghij cdefghijk defghijkl efghijklmn", "", nil},
		"longer than that":                 {en, pt, "twenty characters !!", "abcdefghi bcdefghij cdefghijk defghijkl efghijklmno", "", []string{"TRN011 major"}},
		"far shorter":                      {en, pt, "I never wanted any of this to happen to you", "Nunca.", "", []string{"TRN011 major"}},
		"dense scripts are not measured":   {en, "ja", "I never wanted any of this to happen to you", "望んでない", "", nil},
		"an engine that talks":             {en, pt, "Hello there, my dear old friend", "Here is the translation: Olá, meu velho", "", []string{"TRN012 critical"}},
		"a placeholder":                    {en, pt, "Hello there", "Olá {{name}}", "", []string{"TRN012 critical"}},
		"a placeholder of the source":      {en, pt, "Hello {{name}}", "Olá {{name}}", "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			report := qa.CheckTranslation([]qa.TranslationLine{{EventID: "e1", Source: tt.source, Target: tt.target, Kind: tt.kind}}, tt.from, tt.to)

			var got []string
			for _, f := range report.Findings {
				got = append(got, f.Rule+" "+string(f.Severity))
				require.Equal(t, "e1", f.Event)
				require.Zero(t, f.Index)
				require.NotEmpty(t, f.Message)
			}
			require.Equal(t, tt.want, got, "%+v", report.Findings)
		})
	}
}

func TestCheckTranslationSaysWhatItDidNotCheck(t *testing.T) {
	report := qa.CheckTranslation(nil, "en", "pt-BR")

	require.Equal(t, "TRN003", report.NotChecked[0].Rule)
	require.NotNil(t, report.Findings, "no finding is an empty list in JSON")
}

func FuzzCheckTranslation(f *testing.F) {
	f.Add("At 7:30 pm, 1,500 miles", "Às 19h30, 1.500 {{x}}", "en", "pt-BR")
	f.Fuzz(func(t *testing.T, source, target, from, to string) {
		report := qa.CheckTranslation([]qa.TranslationLine{{Source: source, Target: target}}, from, to)
		require.GreaterOrEqual(t, report.Score, len(report.Findings))
	})
}
