package numeral_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/timedtext/numeral"
)

func TestValue(t *testing.T) {
	tests := map[string]struct {
		language string
		words    string
		value    int64
		used     int
	}{
		"zero":                      {"en", "zero", 0, 1},
		"tens and units":            {"en", "twenty one", 21, 2},
		"one hundred and five":      {"en", "one hundred and five", 105, 4},
		"two thousand twenty six":   {"en", "two thousand twenty six", 2026, 4},
		"a list is not one number":  {"en", "two three", 2, 1},
		"and between two numbers":   {"en", "two and three", 2, 1},
		"units do not follow teens": {"en", "twelve five", 12, 1},
		"a plain word":              {"en", "house", 0, 0},
		"portuguese tens":           {"pt-BR", "noventa e nove", 99, 3},
		"portuguese feminine":       {"pt-BR", "duas casas", 2, 1},
		"portuguese year":           {"pt-BR", "mil novecentos e oitenta e quatro", 1984, 6},
		"portuguese hundred":        {"pt-BR", "cento e um", 101, 3},
		"portuguese thousands":      {"pt", "duzentos mil", 200_000, 2},
		"portuguese list":           {"pt-BR", "dois e três", 2, 1},
		"spanish tens":              {"es-419", "treinta y dos", 32, 3},
		"spanish millions":          {"es", "tres millones", 3_000_000, 2},
		"unknown language":          {"fi", "two", 0, 0},
		"a connective at the end":   {"pt-BR", "vinte e", 20, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			value, used := numeral.Value(strings.Fields(tt.words), tt.language)
			require.Equal(t, tt.used, used)
			require.Equal(t, tt.value, value)
		})
	}
}

func TestIs(t *testing.T) {
	require.True(t, numeral.Is("Vinte", "pt-BR"))
	require.True(t, numeral.Is("thousand", "en"))
	require.False(t, numeral.Is("casa", "pt-BR"))
	require.False(t, numeral.Is("two", "fr"))
	require.True(t, numeral.Knows("es-419"))
	require.False(t, numeral.Knows("fr"))
}
