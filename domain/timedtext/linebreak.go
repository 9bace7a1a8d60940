package timedtext

import (
	"math"
	"strings"

	"github.com/babelreel/babelreel/domain/timedtext/numeral"
)

// What it costs to end a line or a cue between two tokens. The order follows
// the Netflix General Requirements (215758617, line treatment): after
// punctuation, else before a conjunction or preposition, never between words
// that belong together. The figures only rank; costKeep is more than any
// balance of lines can outweigh and costNever more than an extra cue or two.
const (
	costSentence = 0
	costClause   = 2
	costLead     = 4
	costPlain    = 9
	costKeep     = 60
	costNever    = 1000
)

// Break lays text out in at most maxLines lines of at most maxChars characters,
// in as few as it takes, the last lines the longer ones where there is a choice.
// It breaks at spaces only and changes no word. Where text cannot fit it returns
// the whole of it as one line, and ok is false. No text gives no lines.
func Break(text, language string, maxChars float64, maxLines int) (lines []string, ok bool) {
	if spoken := dialogue(text); spoken != nil {
		if len(spoken) <= maxLines && longest(spoken, language) <= maxChars {
			return spoken, true
		}
	}
	tokens := tokenize(text, language)
	if len(tokens) == 0 {
		return nil, true
	}
	ends, _ := layout(tokens, maxChars, maxLines)
	if ends == nil {
		return []string{join(tokens)}, false
	}
	from := 0
	for _, end := range ends {
		lines = append(lines, join(tokens[from:end]))
		from = end
	}
	return lines, true
}

// dialogue is the lines of a text in which several people speak, each on a line
// of their own that starts with a dash; nil for any other text.
func dialogue(text string) []string {
	if !strings.Contains(text, "\n") {
		return nil
	}
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.Join(strings.FieldsFunc(line, breakable), " ")
		if line == "" {
			continue
		}
		if !Dashed(line) {
			return nil
		}
		lines = append(lines, line)
	}
	return lines
}

// Dashed reports whether a line starts with the dash of a change of speaker.
func Dashed(line string) bool {
	return strings.HasPrefix(line, "-") || strings.HasPrefix(line, "–") || strings.HasPrefix(line, "—")
}

func longest(lines []string, language string) float64 {
	n := 0.0
	for _, line := range lines {
		n = max(n, Length(line, language))
	}
	return n
}

// layout finds the cheapest way to set tokens in the fewest lines: the index
// after the last token of each line, and the cost. It is nil where they do not fit.
func layout(tokens []token, maxChars float64, maxLines int) (ends []int, cost float64) {
	for lines := 1; lines <= maxLines; lines++ {
		if ends, cost = layoutIn(lines, tokens, 0, maxChars); ends != nil {
			return ends, cost
		}
	}
	return nil, 0
}

// layoutIn sets tokens[from:] in exactly the given number of lines.
func layoutIn(lines int, tokens []token, from int, maxChars float64) (ends []int, cost float64) {
	if lines == 1 {
		if width(tokens[from:]) > maxChars {
			return nil, 0
		}
		return []int{len(tokens)}, 0
	}
	best := math.Inf(1)
	for end := from + 1; end < len(tokens); end++ {
		top := width(tokens[from:end])
		if top > maxChars {
			break
		}
		rest, restCost := layoutIn(lines-1, tokens, end, maxChars)
		if rest == nil {
			continue
		}
		cost := restCost + tokens[end].cost + balance(top, width(tokens[end:rest[0]]))
		if cost < best {
			best, ends = cost, append([]int{end}, rest...)
		}
	}
	return ends, best
}

// balance is the cost of two lines of unequal length. A longer top line costs
// more, so bottom-heavy shapes win; a line more than 2.5 times as long as the
// other is unbalanced (rule TXT005) and worth a poorer break.
func balance(top, bottom float64) float64 {
	cost := (bottom - top) / 8
	if top > bottom {
		cost = (top - bottom) / 5
	}
	if max(top, bottom) > 2.5*min(top, bottom) {
		cost += costLead
	}
	return cost
}

// boundary is the cost of a break before tokens[i].
func boundary(tokens []token, i int, language string) float64 {
	left, right := tokens[i-1], tokens[i]
	g := grammarOf(language)
	switch {
	case sentenceEnd(left.text):
		return costSentence
	case clauseEnd(left.text):
		return costClause
	case numberSplit(tokens, i, language), nameSplit(tokens, i, language):
		return costNever
	case g.hold[left.bare], title(left.bare):
		return costKeep
	case g.lead[right.bare]:
		return costLead
	default:
		return costPlain
	}
}

// numberSplit reports whether a break would part the digits or words of one
// number, also around an "and" between them, or a number from its sign.
func numberSplit(tokens []token, i int, language string) bool {
	left, right := tokens[i-1], tokens[i]
	number := func(t token) bool { return digits(t.text) || numeral.Is(t.bare, language) }
	switch {
	case number(right):
		return number(left) || strings.ContainsRune("$€£¥", last(left.text)) ||
			i >= 2 && numberAnd(left.bare) && number(tokens[i-2])
	case number(left):
		return i+1 < len(tokens) && numberAnd(right.bare) && number(tokens[i+1])
	default:
		return false
	}
}

func numberAnd(word string) bool { return word == "and" || word == "e" || word == "y" }

// nameSplit reports whether a break would part a name: two capitalised words,
// also with a particle such as "da" or "van" between them. German capitalises
// every noun, so there it never does.
func nameSplit(tokens []token, i int, language string) bool {
	left, right := tokens[i-1], tokens[i]
	if Base(language) == "de" {
		return false
	}
	switch {
	case upper(left.text) && upper(right.text):
		return right.bare != "i" && left.bare != "i"
	case upper(left.text) && particle(right.text):
		return i+1 < len(tokens) && upper(tokens[i+1].text)
	case particle(left.text) && upper(right.text):
		return i >= 2 && upper(tokens[i-2].text)
	default:
		return false
	}
}

func particle(word string) bool {
	switch word {
	case "da", "de", "do", "das", "dos", "del", "della", "di", "van", "von", "der", "den", "du", "le", "bin":
		return true
	default:
		return false
	}
}
