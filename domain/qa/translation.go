package qa

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/domain/timedtext/numeral"
)

// TranslationLine is one line that is to be translated, and what became of it.
type TranslationLine struct {
	EventID string      `json:"eventId"`
	Source  string      `json:"source"`
	Target  string      `json:"target"`
	Kind    script.Kind `json:"kind"` // "" as dialogue
}

// CheckTranslation judges lines by the TRN rules. Every line given is one that
// should have a translation. Findings carry the index of their line.
func CheckTranslation(lines []TranslationLine, from, to string) Report {
	r := newReport("", to)
	r.skip("the language of a text is not identified", "TRN003")
	for i, line := range lines {
		add := func(f Finding) {
			f.Index, f.Event = i, line.EventID
			r.add(f)
		}
		if strings.TrimSpace(line.Target) == "" {
			if strings.TrimSpace(line.Source) != "" {
				add(Finding{Rule: "TRN001", Limit: 1, Unit: "characters", Message: "the line has no translation"})
			}
			continue
		}
		checkCopied(add, line, from, to)
		checkNumbers(add, line, from, to)
		checkLoop(add, line, from, to)
		checkLength(add, line, from, to)
		checkResidue(add, line)
	}
	return r.finish()
}

// maxCopied is the part of its words that a translation may share with the
// source (rule TRN002 of the catalogue).
const maxCopied = 0.8

// minCopied is how many words a line must have to be judged: "OK" and "Taxi!"
// are the same in many languages.
const minCopied = 3

func checkCopied(add func(Finding), line TranslationLine, from, to string) {
	sounds := line.Kind == script.Reaction || line.Kind == script.Song || line.Kind == script.Walla
	if sounds || timedtext.Base(from) == timedtext.Base(to) {
		return
	}
	source := map[string]int{}
	for _, w := range ordinary(line.Source) {
		source[w]++
	}
	words := ordinary(line.Target)
	copied := 0
	for _, w := range words {
		if source[w] > 0 {
			source[w]--
			copied++
		}
	}
	if len(words) < minCopied {
		return
	}
	if part := float64(copied) / float64(len(words)); part > maxCopied {
		add(Finding{
			Rule: "TRN002", Measured: round(part), Limit: maxCopied, Unit: "part of the words",
			Message: fmt.Sprintf("%d of %d words are those of the source", copied, len(words)),
		})
	}
}

// ordinary are the words of a text in lower case, without names (words with a
// capital that do not start a sentence) and numbers.
func ordinary(text string) []string {
	var words []string
	start := true
	for field := range strings.FieldsSeq(text) {
		word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) })
		first, _ := utf8.DecodeRuneInString(word)
		if word != "" && (start || !unicode.IsUpper(first)) {
			words = append(words, strings.ToLower(word))
		}
		start = strings.ContainsAny(field, ".?!:…")
	}
	return words
}

// clock and imperial mark lines whose numbers a good translation may change:
// half past seven in the evening is 19h30, five feet are a metre and a half.
var (
	clock    = regexp.MustCompile(`(?i)\d[:h]\d|\d\s?[ap]\.?m\b|o'clock`)
	imperial = regexp.MustCompile(`(?i)\b(feet|foot|inch|inches|miles?|yards?|pounds?|ounces?|gallons?|fahrenheit|mph)\b`)
)

// checkNumbers compares what is written in digits on one side with digits and
// number words on the other. Different digits on both sides are critical, as
// nothing is in doubt; everything else is major.
func checkNumbers(add func(Finding), line TranslationLine, from, to string) {
	lost := unmatched(line.Source, from, line.Target, to)
	gained := unmatched(line.Target, to, line.Source, from)
	if len(lost)+len(gained) == 0 {
		return
	}
	severity := Major
	doubtful := clock.MatchString(line.Source) || imperial.MatchString(line.Source) || clock.MatchString(line.Target)
	if len(lost) > 0 && len(gained) > 0 && !doubtful {
		severity = Critical
	}
	add(Finding{
		Rule: "TRN004", Severity: severity, Measured: float64(len(lost) + len(gained)), Unit: "numbers",
		Message: fmt.Sprintf("numbers only in the source: %s; only in the translation: %s", list(lost), list(gained)),
	})
}

func list(numbers []string) string {
	if len(numbers) == 0 {
		return "none"
	}
	return strings.Join(numbers, ", ")
}

// unmatched are the numbers in digits of one text that another has neither in
// digits nor in words.
func unmatched(text, language, other, otherLanguage string) []string {
	have := map[string]int{}
	for _, n := range parseNumbers(other, otherLanguage) {
		have[n.value]++
	}
	for _, w := range digitize(ordinaryWords(other), otherLanguage) {
		if w != "" && w[0] >= '0' && w[0] <= '9' {
			have[w]++
		}
	}
	var missing []string
	for _, n := range parseNumbers(text, language) {
		if have[n.value] > 0 {
			have[n.value]--
			continue
		}
		if !decade(n.value, have) && (numeral.Knows(otherLanguage) || !spelled(n.value)) {
			missing = append(missing, n.text)
		}
	}
	return missing
}

// ordinaryWords are the words of a text in lower case, hyphens parted, digits
// left out.
func ordinaryWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
}

// spelled reports whether style guides want a number written out (Netflix: one
// to ten), so that it may hide in words that cannot be read.
func spelled(value string) bool { return len(value) == 1 || value == "10" }

// decade reports whether a year and its last two digits stand for each other:
// "the 1990s", "os anos 90".
func decade(value string, have map[string]int) bool {
	for _, century := range []string{"18", "19", "20"} {
		if short, ok := strings.CutPrefix(value, century); ok && len(value) == 4 && have[short] > 0 {
			return true
		}
		if len(value) == 2 && have[century+value] > 0 {
			return true
		}
	}
	return false
}

// maxRepeats is how often the same words may follow each other in a translation
// more than in the source. It tells "no, no, no" from a model that loops.
const maxRepeats = 3

func checkLoop(add func(Finding), line TranslationLine, from, to string) {
	repeats, source := loop(Words(line.Target, to)), loop(Words(line.Source, from))
	if repeats-source >= maxRepeats {
		add(Finding{
			Rule: "TRN011", Measured: float64(repeats), Limit: float64(source + maxRepeats - 1), Unit: "repeats",
			Message: fmt.Sprintf("the same words follow each other %d times, in the source %d times", repeats, source),
		})
	}
}

// loop is how many times the most repeated run of one to eight words stands in a
// row.
func loop(words []string) int {
	most := min(1, len(words))
	for size := 1; size <= min(8, len(words)/2); size++ {
		for from := 0; from+size <= len(words); {
			row, next := 1, from+size
			for next+size <= len(words) && slices.Equal(words[from:from+size], words[next:next+size]) {
				row, next = row+1, next+size
			}
			most = max(most, row)
			from += max(1, (row-1)*size)
		}
	}
	return most
}

// A translation of a text of minLength characters or more should not be maxRatio
// times as long as it, or as short.
const (
	minLength = 20
	maxRatio  = 2.5
)

func checkLength(add func(Finding), line TranslationLine, from, to string) {
	source, target := timedtext.Length(line.Source, from), timedtext.Length(line.Target, to)
	dense := func(language string) bool {
		return slices.Contains([]string{"ja", "ko", "zh"}, timedtext.Base(language))
	}
	if dense(from) != dense(to) || max(source, target) < minLength {
		return
	}
	if ratio := max(source, 1) / max(target, 1); ratio > maxRatio || 1/ratio > maxRatio {
		add(Finding{
			Rule: "TRN011", Measured: round(1 / ratio), Limit: maxRatio, Unit: "length ratio",
			Message: fmt.Sprintf("the translation has %g characters, the source %g", target, source),
		})
	}
}

// residue is what engines say about their work instead of doing it, and what
// templates leave behind.
var residue = regexp.MustCompile(`(?i)here (is|are) the translations?|^\s*(translation|translated text|tradução|traducción)\s*:|as an ai\b|i cannot translate|<\|[a-z_]+\|>|\{\{.*?\}\}|\[/?INST\]|` + "```")

func checkResidue(add func(Finding), line TranslationLine) {
	if found := residue.FindString(line.Target); found != "" && !residue.MatchString(line.Source) {
		add(Finding{Rule: "TRN012", Measured: 1, Unit: "matches", Message: fmt.Sprintf("not a translation: %q", found)})
	}
}
