package timedtext_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/timedtext"
)

func TestBreak(t *testing.T) {
	tests := map[string]struct {
		language string
		text     string
		want     []string
	}{
		"one line if it fits":             {"en", "I never said that.", []string{"I never said that."}},
		"exactly one line":                {"en", strings.Repeat("ab ", 13) + "abc", []string{strings.Repeat("ab ", 13) + "abc"}},
		"after a sentence":                {"en", "I know what you did. And I will not forget it.", []string{"I know what you did.", "And I will not forget it."}},
		"after a comma":                   {"en", "When the rain finally stopped, we all went back home.", []string{"When the rain finally stopped,", "we all went back home."}},
		"before a conjunction":            {"en", "We waited for the train all night and nobody ever came", []string{"We waited for the train all night", "and nobody ever came"}},
		"never after an article":          {"pt-BR", "Ele comprou aquele carro vermelho com a herança da avó", []string{"Ele comprou aquele carro vermelho", "com a herança da avó"}},
		"a name stays whole":              {"en", "They gave the old house keys to Maria Silva yesterday", []string{"They gave the old house keys", "to Maria Silva yesterday"}},
		"a name with a particle":          {"pt-BR", "Quem mandou a carta foi Ana da Silva ontem à noite", []string{"Quem mandou a carta", "foi Ana da Silva ontem à noite"}},
		"digits stay together":            {"pt-BR", "Eles pagaram por tudo isso cerca de R$ 30 000 ontem", []string{"Eles pagaram por tudo isso", "cerca de R$ 30 000 ontem"}},
		"number words stay together":      {"pt-BR", "Faz exatamente trinta e cinco anos que eu moro aqui", []string{"Faz exatamente trinta e cinco anos", "que eu moro aqui"}},
		"speakers keep their lines":       {"pt-BR", "- Oi.\n- Olá.", []string{"- Oi.", "- Olá."}},
		"other line breaks are spaces":    {"en", "Come\nin.", []string{"Come in."}},
		"bottom-heavy":                    {"en", "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee", []string{"aaaaaaaaa bbbbbbbbb", "ccccccccc ddddddddd eeeeeeeee"}},
		"a no-break space holds":          {"fr", "Personne ne sait ce que tu fais à cette heure\u00a0?", []string{"Personne ne sait ce que tu fais", "à cette heure\u00a0?"}},
		"french punctuation never leads":  {"fr", "Tu crois vraiment que tout le monde le sait ?", []string{"Tu crois vraiment", "que tout le monde le sait ?"}},
		"japanese breaks without a space": {"ja", "昨日の夜は雨が降っていました。", []string{"昨日の夜は雨が", "降っていました。"}},
		"no text":                         {"en", "  \n ", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			limits, err := timedtext.LimitsFor(timedtext.Netflix, tt.language, timedtext.Adult)
			require.NoError(t, err)

			lines, ok := timedtext.Break(tt.text, tt.language, limits.MaxLineChars.Value, 2)

			require.True(t, ok)
			require.Equal(t, tt.want, lines)
		})
	}
}

func TestBreakSaysWhenItCannot(t *testing.T) {
	text := strings.Repeat("long ", 30)

	lines, ok := timedtext.Break(text, "en", 42, 2)

	require.False(t, ok)
	require.Equal(t, []string{strings.TrimSpace(text)}, lines)
}

// Whatever the text, breaking it changes no word and a text that is said to fit
// does.
func TestBreakKeepsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		language := rapid.SampledFrom([]string{"en", "pt-BR", "de", "ja", "ko", ""}).Draw(t, "language")
		text := rapid.StringOf(rapid.RuneFrom([]rune("aàÉ漢 \n-,.?0€🇧🇷e\u0301\u00a0"))).Draw(t, "text")

		lines, ok := timedtext.Break(text, language, 20, 2)

		require.Equal(t, squeeze(text), squeeze(strings.Join(lines, "")))
		if ok {
			require.LessOrEqual(t, len(lines), 2)
			for _, line := range lines {
				require.LessOrEqual(t, timedtext.Length(line, language), 20.0)
			}
		}
	})
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func TestLength(t *testing.T) {
	require.InDelta(t, 4, timedtext.Length("Olá!", "pt-BR"), 0)
	require.InDelta(t, 1, timedtext.Length("e\u0301", "fr"), 0, "a combining accent is no character")
	require.InDelta(t, 1, timedtext.Length("👩‍👩‍👧", "en"), 0)
	require.InDelta(t, 3, timedtext.Length("漢字ab", "ja"), 0, "narrow characters count half")
	require.InDelta(t, 2.5, timedtext.Length("안녕!", "ko"), 0)
}
