package script_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/script"
)

// The encoding of keys is fixed from the first day: a change would make every
// stored result look new, and be paid for again.
func TestKeyIsFixed(t *testing.T) {
	require.Equal(t, "k1", script.KeyVersion)
	require.Equal(t, "k1-tts-abea9756ff11015c7313025d3f443562e90f55776443793acea6f6a20daa3c56", script.Key("tts", "voice", "Olá"))
	require.Equal(t, "k1-stage-", script.Key("stage")[:9], "a key tells its version and kind")
}

func TestKeyPartsDoNotRunTogether(t *testing.T) {
	keys := map[string]string{
		"ab, c":         script.Key("tts", "ab", "c"),
		"a, bc":         script.Key("tts", "a", "bc"),
		"abc":           script.Key("tts", "abc"),
		"ab, c, empty":  script.Key("tts", "ab", "c", ""),
		"empty, ab, c":  script.Key("tts", "", "ab", "c"),
		"c, ab":         script.Key("tts", "c", "ab"),
		"another kind":  script.Key("mt", "ab", "c"),
		"kind and part": script.Key("ttsab", "c"),
	}
	seen := map[string]string{}
	for name, key := range keys {
		require.Empty(t, seen[key], "%s has the key of another", name)
		seen[key] = name
	}
}

// Keys are equal exactly where their parts are.
func TestKeyTellsPartsApart(t *testing.T) {
	parts := rapid.SliceOfN(rapid.StringMatching(`[ab]{0,3}`), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")

		equal := len(a) == len(b)
		for i := range min(len(a), len(b)) {
			equal = equal && a[i] == b[i]
		}

		require.Equal(t, equal, script.Key("k", a...) == script.Key("k", b...))
	})
}
