package script_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/script"
)

// word is a heard word from start to end, in milliseconds.
func word(text string, start, end int, speaker, language string) script.Heard {
	return script.Heard{
		Word:    script.Word{Text: text, Start: time.Duration(start) * time.Millisecond, End: time.Duration(end) * time.Millisecond},
		Speaker: speaker, Language: language,
	}
}

// steady is n words of half a second each without a pause, the last letter of
// every word as given by ends, over and over.
func steady(n int, ends ...string) []script.Heard {
	words := make([]script.Heard, n)
	for i := range words {
		words[i] = word(fmt.Sprintf("w%d%s", i, ends[i%len(ends)]), i*500, i*500+500, "S1", "en")
	}
	return words
}

func TestUtterances(t *testing.T) {
	tests := map[string]struct {
		words []script.Heard
		want  []string // "id kind character language: text"
	}{
		"nothing heard": {nil, nil},
		"one word":      {[]script.Heard{word("Hi", 0, 300, "S1", "en")}, []string{"e001 dialogue S1 en: Hi"}},
		"speaker changes": {
			[]script.Heard{word("Hi", 0, 300, "S1", "en"), word("Ho", 300, 500, "S2", "en"), word("Hi", 500, 600, "S1", "en")},
			[]string{"e001 dialogue S1 en: Hi", "e002 dialogue S2 en: Ho", "e003 dialogue S1 en: Hi"},
		},
		"a pause of 0.7 s ends it": {
			[]script.Heard{word("so", 0, 300, "S1", "en"), word("then", 1000, 1200, "S1", "en")},
			[]string{"e001 dialogue S1 en: so", "e002 dialogue S1 en: then"},
		},
		"a shorter one does not": {
			[]script.Heard{word("so", 0, 300, "S1", "en"), word("then", 999, 1200, "S1", "en")},
			[]string{"e001 dialogue S1 en: so then"},
		},
		"after a sentence 0.2 s is enough": {
			[]script.Heard{word("Go.", 0, 300, "S1", "en"), word("Now", 500, 700, "S1", "en")},
			[]string{"e001 dialogue S1 en: Go.", "e002 dialogue S1 en: Now"},
		},
		"closing quotes hide no sentence end": {
			[]script.Heard{word("go?”)", 0, 300, "S1", "en"), word("Now", 500, 700, "S1", "en")},
			[]string{"e001 dialogue S1 en: go?”)", "e002 dialogue S1 en: Now"},
		},
		"a breathless sentence end does not": {
			[]script.Heard{word("Mr.", 0, 300, "S1", "en"), word("Ed", 499, 700, "S1", "en")},
			[]string{"e001 dialogue S1 en: Mr. Ed"},
		},
		"speech in another language stands apart": {
			[]script.Heard{word("He", 0, 300, "S1", "en"), word("said", 300, 600, "S1", "en"), word("bonjour", 600, 900, "S1", "fr")},
			[]string{"e001 dialogue S1 en: He said", "e002 other-language S1 fr: bonjour"},
		},
		"an unknown language is the programme's": {
			[]script.Heard{word("Hm", 0, 300, "", "")},
			[]string{"e001 dialogue  en: Hm"},
		},
		"a song is a song in any language": {
			[]script.Heard{word("♪", 0, 100, "S1", "fr"), word("la", 100, 300, "S1", "fr")},
			[]string{"e001 song S1 fr: ♪ la"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range script.Utterances(tt.words, "en") {
				got = append(got, fmt.Sprintf("%s %s %s %s: %s", e.ID, e.Kind, e.Character, e.Language, e.Text))
			}

			require.Equal(t, tt.want, got)
		})
	}
}

func TestUtterancesCutLongRuns(t *testing.T) {
	tests := map[string]struct {
		words []script.Heard
		want  []int // words of each utterance
	}{
		"ten seconds stay whole":                    {steady(20, ",", "."), []int{20}},
		"at the next comma":                         {steady(30, "", "", "", "", ","), []int{20, 10}},
		"at the next sentence, though without stop": {steady(30, "", "", "", "", "", "", "."), []int{21, 9}},
		"without marks only a pause ends it":        {steady(30, ""), []int{30}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, e := range script.Utterances(tt.words, "en") {
				got = append(got, len(e.Words))
			}

			require.Equal(t, tt.want, got)
		})
	}
}

// Whatever is heard, every word ends up in one utterance, in order, and no
// utterance has two speakers or two languages.
func TestUtterancesKeepEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var words []script.Heard
		at := 0
		for range rapid.IntRange(0, 60).Draw(t, "words") {
			at += rapid.SampledFrom([]int{0, 0, 50, 199, 200, 699, 700, 3000}).Draw(t, "pause")
			length := rapid.IntRange(20, 900).Draw(t, "length")
			text := rapid.SampledFrom([]string{"a", "b,", "c.", "d?”", "é…", "♪", "", "."}).Draw(t, "text")
			speaker := rapid.SampledFrom([]string{"S1", "S1", "S1", "S2"}).Draw(t, "speaker")
			language := rapid.SampledFrom([]string{"en", "en", "en", "fr", ""}).Draw(t, "language")
			words = append(words, word(text, at, at+length, speaker, language))
			at += length
		}

		events := script.Utterances(words, "en")

		i := 0
		for n, e := range events {
			require.Equal(t, fmt.Sprintf("e%03d", n+1), e.ID)
			require.NotEmpty(t, e.Words)
			require.Equal(t, e.Words[0].Start, e.Start)
			require.Equal(t, e.Words[len(e.Words)-1].End, e.End)
			var text []string
			for _, w := range e.Words {
				require.Equal(t, words[i].Word, w)
				require.Equal(t, words[i].Speaker, e.Character)
				require.Contains(t, []string{words[i].Language, "en"}, e.Language)
				text = append(text, w.Text)
				i++
			}
			require.Equal(t, strings.Join(text, " "), e.Text)
		}
		require.Len(t, words, i)
	})
}
