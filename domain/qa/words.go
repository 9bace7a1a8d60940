package qa

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/domain/timedtext/numeral"
)

// contractions are what a recogniser and a script may write in two ways, by
// language; the left side is in lower case with a straight apostrophe.
var contractions = map[string]map[string]string{
	"en": {
		"can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "let's": "let us", "ain't": "is not",
		"it's": "it is", "that's": "that is", "he's": "he is", "she's": "she is", "what's": "what is", "there's": "there is", "who's": "who is",
		"where's": "where is", "here's": "here is", "how's": "how is", "gonna": "going to", "wanna": "want to", "gotta": "got to", "ok": "okay",
	},
	"pt": {
		"pra": "para", "pro": "para o", "pras": "para as", "pros": "para os", "tá": "está", "tô": "estou", "tava": "estava", "cê": "você", "cês": "vocês",
		"né": "não é", "num": "em um", "numa": "em uma", "nuns": "em uns", "numas": "em umas", "ok": "okay",
	},
	"es": {"pa": "para", "ok": "okay"},
}

// endings are contracted endings of English words.
var endings = []struct{ short, long string }{
	{"n't", " not"}, {"'re", " are"}, {"'ve", " have"}, {"'ll", " will"}, {"'m", " am"}, {"'d", " would"},
}

// Words are the words of text in the form in which two texts are compared: in
// lower case, without punctuation, contractions written out (English,
// Portuguese, Spanish), numbers as digits however they were written. Accents stay.
func Words(text, language string) []string {
	text = strings.NewReplacer("’", "'", "ʼ", "'", "%", percent(language)).Replace(strings.ToLower(norm.NFKC.String(text)))
	var words []string
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return !wordRune(r) }) {
		if field = strings.Trim(field, "'.,"); field != "" {
			words = append(words, expand(field, language)...)
		}
	}
	return digitize(words, language)
}

func percent(language string) string {
	switch timedtext.Base(language) {
	case "pt":
		return " por cento "
	case "es":
		return " por ciento "
	case "en":
		return " percent "
	default:
		return " "
	}
}

// wordRune reports whether r may stand within a word or a number.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '\'' || r == '.' || r == ','
}

// expand writes out a contraction, and parts what a dot or comma joins.
func expand(field, language string) []string {
	if n := parseNumbers(field, language); len(n) == 1 && n[0].text == field {
		return []string{n[0].value}
	}
	base := timedtext.Base(language)
	var words []string
	for _, word := range strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == ',' }) {
		if long, ok := contractions[base][word]; ok {
			words = append(words, strings.Fields(long)...)
			continue
		}
		if base == "en" {
			for _, e := range endings {
				if stem, ok := strings.CutSuffix(word, e.short); ok && stem != "" {
					word = stem + e.long
					break
				}
			}
		}
		words = append(words, strings.Fields(strings.ReplaceAll(word, "'", ""))...)
	}
	return words
}

// digitize replaces numbers in words by digits.
func digitize(words []string, language string) []string {
	var out []string
	for i := 0; i < len(words); {
		if value, used := numeral.Value(words[i:], language); used > 0 {
			out = append(out, strconv.FormatInt(value, 10))
			i += used
			continue
		}
		out = append(out, words[i])
		i++
	}
	return out
}

// figure is a number that a text writes in digits.
type figure struct {
	value string // canonical: no grouping, a dot before decimals
	text  string // as written
}

var figures = regexp.MustCompile(`\d+(?:[.,\x{00a0}\x{202f}]\d+)*`)

// parseNumbers finds the numbers that a text writes in digits. What parts three
// digits is taken for grouping unless it is the decimal sign of the language; a
// date such as 12.05.2026 is three numbers.
func parseNumbers(text, language string) []figure {
	decimal := decimalSign(language)
	var found []figure
	for _, s := range figures.FindAllString(text, -1) {
		parts := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
		if len(parts) > 2 && slices.ContainsFunc(parts[1:len(parts)-1], func(p string) bool { return len(p) != 3 }) {
			for _, part := range parts {
				found = append(found, figure{canonical(part, decimal), part})
			}
			continue
		}
		found = append(found, figure{canonical(s, decimal), s})
	}
	return found
}

func decimalSign(language string) rune {
	switch timedtext.Base(language) {
	case "en", "ja", "ko", "zh", "th", "he", "hi", "ms":
		return '.'
	default:
		return ','
	}
}

func canonical(s string, decimal rune) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case unicode.IsDigit(r):
			b.WriteRune(r)
		case r == decimal || !grouping(s[i+len(string(r)):]):
			b.WriteByte('.')
		}
	}
	whole, fraction, _ := strings.Cut(b.String(), ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// grouping reports whether rest starts with exactly three digits.
func grouping(rest string) bool {
	n := 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	return n == 3
}
