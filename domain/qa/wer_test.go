package qa_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/qa"
)

func TestWER(t *testing.T) {
	tests := map[string]struct {
		language, reference, hypothesis string
		want                            float64
	}{
		"equal":                    {"en", "Good morning.", "good morning", 0},
		"one word of four wrong":   {"en", "I saw a dog", "I saw a cat", 0.25},
		"one word left out":        {"en", "I saw a dog", "I saw dog", 0.25},
		"one word added":           {"en", "I saw a dog", "I saw a big dog", 0.25},
		"nothing heard":            {"en", "I saw a dog", "", 1},
		"nothing said":             {"en", "", "boo", 1},
		"silence for silence":      {"en", "...", "", 0},
		"english contractions":     {"en", "I can't believe it's not him, they're gone", "I cannot believe it is not him they are gone", 0},
		"english numbers":          {"en", "Twenty-one of one hundred and five", "21 of 105", 0},
		"english percent":          {"en", "50% off", "fifty percent off", 0},
		"portuguese numbers":       {"pt-BR", "Tenho trinta e cinco anos", "Tenho 35 anos", 0},
		"portuguese article is 1":  {"pt-BR", "um homem e duas mulheres", "1 homem e 2 mulheres", 0},
		"portuguese contractions":  {"pt-BR", "Tá bom, vou pra casa", "Está bom, vou para casa", 0},
		"grouping and decimals":    {"pt-BR", "1.500 reais e 3,5", "1500 reais e 3,50", 0},
		"hyphens part words":       {"pt-BR", "guarda-chuva", "guarda chuva", 0},
		"curly apostrophes":        {"en", "Don’t go", "do not go", 0},
		"accents count":            {"pt-BR", "está aqui", "esta aqui", 0.5},
		"composed and decomposed":  {"fr", "\u00e9t\u00e9", "e\u0301te\u0301", 0},
		"more wrong than was said": {"en", "no", "yes indeed sir", 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.InDelta(t, tt.want, qa.WER(tt.reference, tt.hypothesis, tt.language), 1e-9)
		})
	}
}

// A text has no errors against itself and the rate never leaves its range.
func TestWERBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		language := rapid.SampledFrom([]string{"en", "pt-BR", "es", "de", ""}).Draw(t, "language")
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")

		require.Zero(t, qa.WER(a, a, language))
		rate := qa.WER(a, b, language)
		require.GreaterOrEqual(t, rate, 0.0)
		longest := max(len(qa.Words(a, language)), len(qa.Words(b, language)))
		require.LessOrEqual(t, rate, float64(longest))
	})
}

func FuzzWords(f *testing.F) {
	f.Add("I can't 1.500,00 vinte e um % ’", "pt-BR")
	f.Add("1,2,3.4.5", "en")
	f.Fuzz(func(t *testing.T, text, language string) {
		for _, word := range qa.Words(text, language) {
			require.NotEmpty(t, word)
		}
	})
}
