package simengine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/babelreel/babelreel/engine"
)

type chatAnswer struct {
	Object  string   `json:"object"`
	Choices []choice `json:"choices"`
}

type choice struct {
	Index   int    `json:"index"`
	Finish  string `json:"finish_reason"`
	Message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"message"`
}

type translations struct {
	Translations []translation `json:"translations"`
}

type translation struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

func chatOf(t translations) answer {
	content, err := json.Marshal(t)
	if err != nil {
		return fail(http.StatusInternalServerError, "internal", err.Error())
	}
	c := choice{Finish: "stop"}
	c.Message.Role, c.Message.Content = "assistant", string(content)
	return jsonAnswer(chatAnswer{Object: "chat.completion", Choices: []choice{c}})
}

// translate answers /v1/chat/completions.
func (s *Server) translate(r *http.Request) (answer, Units) {
	var in struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Messages) == 0 {
		return fail(http.StatusBadRequest, "invalid_request", "the body is not JSON with messages"), Units{}
	}
	m, ok := s.model(in.Model, engine.CanTranslate)
	if !ok {
		return fail(http.StatusNotFound, "model_not_found", "there is no such model of translation"), Units{}
	}
	var cues struct {
		From string                 `json:"source_language"`
		To   string                 `json:"target_language"`
		Cues []engine.TranslateLine `json:"cues"`
	}
	if err := json.Unmarshal([]byte(in.Messages[len(in.Messages)-1].Content), &cues); err != nil {
		return fail(http.StatusBadRequest, "invalid_request", "the last message is not JSON with cues"), Units{}
	}
	if !pairs(m, cues.From, cues.To) {
		return fail(http.StatusNotFound, "language_not_found", "there is no such pair of languages"), Units{}
	}

	out := translations{Translations: []translation{}}
	var units Units
	for _, line := range cues.Cues {
		if s.refused(line.Text) {
			return fail(http.StatusBadRequest, "content_refused", "simulated refusal"), Units{}
		}
		out.Translations = append(out.Translations, translation{line.ID, s.pseudo(line.Text, cues.To, line.MaxChars)})
		units.Lines++
		units.Chars += utf8.RuneCountInString(line.Text)
		units.texts = append(units.texts, cues.To+" "+line.Text)
	}
	return chatOf(out), units
}

// pieces are what a text is made of: markup, words, and what is between them.
var pieces = regexp.MustCompile(`<[^>]*>|\{[^}]*\}|[\p{L}\p{M}'’]+|[^\p{L}\p{M}'’<{]+|[<{]`)

// pseudo is a translation that looks like one: made-up words of the target's
// letters between some of its real short ones. Markup, numbers, punctuation and
// names stay. The same word always becomes the same. With limit above 0, words
// are shortened until the text fits, if it can.
func (s *Server) pseudo(text, language string, limit int) string {
	growth := s.opts.Growth
	if growth <= 0 {
		growth = 1.1
	}
	out := s.grown(text, language, growth)
	for limit > 0 && utf8.RuneCountInString(out) > limit && growth > 0.3 {
		growth -= 0.1
		out = s.grown(text, language, growth)
	}
	return out
}

func (s *Server) grown(text, language string, growth float64) string {
	v, ok := vocabularies[base(language)]
	if !ok {
		v = vocabularies["en"]
	}
	var b strings.Builder
	opens := true // the next word opens a sentence
	for _, piece := range pieces.FindAllString(text, -1) {
		first, _ := utf8.DecodeRuneInString(piece)
		capital := unicode.IsUpper(first)
		switch {
		case !unicode.IsLetter(first):
			b.WriteString(piece)
			opens = opens && !strings.ContainsAny(piece, ",;") || strings.ContainsAny(piece, ".!?…\n")
			continue
		case slices.Contains(s.opts.Names, piece), capital && !opens && utf8.RuneCountInString(piece) > 1 && !strings.ContainsAny(piece, "'’"):
			b.WriteString(piece)
		default:
			word := v.word(s.opts.Seed, language, strings.ToLower(piece), growth)
			if capital && opens {
				head, size := utf8.DecodeRuneInString(word)
				word = string(unicode.ToUpper(head)) + word[size:]
			}
			b.WriteString(word)
		}
		opens = false
	}
	return b.String()
}

// word is the made-up word for a word.
func (v vocabulary) word(seed uint64, language, word string, growth float64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s", seed, language, word))
	length := utf8.RuneCountInString(word)
	if length <= 3 {
		return v.short[int(binary.BigEndian.Uint32(sum[:]))%len(v.short)]
	}
	want := max(int(math.Round(float64(length)*growth*v.density)), 1)
	var out []rune
	for i := 0; len(out) < want; i++ {
		out = append(out, []rune(v.syllables[int(sum[i%len(sum)]+byte(i/len(sum)))%len(v.syllables)])...)
	}
	return string(out[:want])
}
