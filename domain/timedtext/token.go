package timedtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// token is a stretch of text that no line break may divide.
type token struct {
	text  string
	bare  string  // in lower case, without punctuation
	space bool    // a space stands before it
	at    float64 // where it starts if all tokens stand in one line
	width float64
	cost  float64 // of a break before it
}

// tokenize cuts text where a line may end: at spaces and, in languages that
// write none, where Unicode line breaking (UAX 14) allows it. A no-break space
// holds its words together, as does a space before « » ? ! : ; or a lone dash.
func tokenize(text, language string) []token {
	var tokens []token
	glue := false
	for _, field := range strings.FieldsFunc(text, breakable) {
		if n := len(tokens); n > 0 && (glue || trailing(field)) {
			tokens[n-1].text += " " + field
			glue = glue && trailing(field)
			continue
		}
		glue = leading(field)
		space := len(tokens) > 0
		if !unspaced(language) {
			tokens = append(tokens, token{text: field, space: space})
			continue
		}
		for state := -1; field != ""; space = false {
			var piece string
			piece, field, _, state = uniseg.FirstLineSegmentInString(field, state)
			tokens = append(tokens, token{text: piece, space: space})
		}
	}
	at := 0.0
	for i := range tokens {
		t := &tokens[i]
		if t.space {
			at++
		}
		t.bare, t.at, t.width = bare(t.text), at, Length(t.text, language)
		at += t.width
	}
	for i := 1; i < len(tokens); i++ {
		tokens[i].cost = boundary(tokens, i, language)
	}
	return tokens
}

func breakable(r rune) bool {
	return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' && r != '\u2007'
}

// trailing reports whether a word of its own belongs to the word before it.
func trailing(word string) bool {
	switch word {
	case "»", "?", "!", ":", ";", "?!", "!?", "%", "…", "...":
		return true
	default:
		return false
	}
}

// leading reports whether a word of its own belongs to the word after it.
func leading(word string) bool {
	switch word {
	case "«", "¿", "¡", "-", "–", "—", "♪":
		return true
	default:
		return false
	}
}

// join writes tokens as one line.
func join(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && t.space {
			b.WriteByte(' ')
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// width is the length of tokens as one line.
func width(tokens []token) float64 {
	end := tokens[len(tokens)-1]
	return end.at + end.width - tokens[0].at
}

// bare is a token in lower case without the punctuation around it.
func bare(text string) string {
	return strings.ToLower(strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
}

// last is the last rune of text that is no closing quote or bracket.
func last(text string) rune {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, "\"'”’»)]\u00a0\u202f "))
	return r
}

// sentenceEnd reports whether a token ends a sentence. A title such as "Dr."
// does not.
func sentenceEnd(text string) bool {
	switch last(text) {
	case '?', '!', '。', '？', '！', '…':
		return true
	case '.':
		return !title(bare(text))
	default:
		return false
	}
}

func title(word string) bool {
	switch word {
	case "mr", "mrs", "ms", "dr", "st", "sr", "sra", "srta", "dra", "mme", "mlle", "hr", "sig", "dott", "prof":
		return true
	default:
		return false
	}
}

// clauseEnd reports whether a token ends a clause.
func clauseEnd(text string) bool {
	switch last(text) {
	case ',', ';', ':', '—', '–', '、', '，', '；', '：', '،':
		return true
	default:
		return false
	}
}

func upper(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "\"'“‘«¿¡([-–—"))
	return unicode.IsUpper(r)
}

func digits(text string) bool {
	return strings.ContainsFunc(text, unicode.IsDigit)
}
