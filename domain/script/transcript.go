package script

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Heard is one recognised word with its speaker and the language of the
// stretch of speech that it stands in.
type Heard struct {
	Word
	Speaker  string // "S1", "S2"..., "" where unknown
	Language string // BCP 47, "" where unknown
}

// Where an utterance ends. The numbers are of the order of pauses inside and
// between sentences of read and spoken English (own listening, LibriVox and
// dialogue); an edit splits or merges what they get wrong.
const (
	pauseBetween  = 700 * time.Millisecond // a pause this long always ends an utterance
	pauseSentence = 200 * time.Millisecond // one this long ends it after . ? ! or an ellipsis
	utteranceMax  = 10 * time.Second       // longer ones end at the next sentence, comma or pause
)

// Utterances groups recognised words into events: an event ends where the
// speaker or the language changes, at a long pause, and at a shorter one after
// the end of a sentence. Ids count from e001 in order. Words in another
// language than the programme's make OtherLanguage events.
func Utterances(words []Heard, language string) []Event {
	var events []Event
	var run []Heard
	flush := func() {
		if len(run) > 0 {
			events = append(events, utterance(len(events)+1, run, language))
			run = nil
		}
	}
	for _, w := range words {
		if len(run) > 0 && ends(run, w) {
			flush()
		}
		run = append(run, w)
	}
	flush()
	return events
}

func ends(run []Heard, next Heard) bool {
	last := run[len(run)-1]
	pause := next.Start - last.End
	switch {
	case last.Speaker != next.Speaker, last.Language != next.Language, pause >= pauseBetween:
		return true
	case next.End-run[0].Start > utteranceMax:
		return strings.ContainsAny(lastRune(last.Text), ".?!…,;:—") || pause >= pauseSentence
	}
	return pause >= pauseSentence && strings.ContainsAny(lastRune(last.Text), ".?!…")
}

// lastRune is the last letter or mark of a word, closing quotes left out.
func lastRune(word string) string {
	word = strings.TrimRight(word, `"'”’»)]`)
	r, _ := utf8.DecodeLastRuneInString(word)
	return string(r)
}

func utterance(n int, run []Heard, language string) Event {
	e := Event{
		ID:        fmt.Sprintf("e%03d", n),
		Start:     run[0].Start,
		End:       run[len(run)-1].End,
		Character: run[0].Speaker,
		Kind:      Dialogue,
		Language:  run[0].Language,
	}
	if e.Language == "" {
		e.Language = language
	}
	if e.Language != language {
		e.Kind = OtherLanguage
	}
	var text []string
	for _, w := range run {
		text = append(text, w.Text)
		e.Words = append(e.Words, w.Word)
	}
	e.Text = strings.Join(text, " ")
	if strings.ContainsAny(e.Text, "♪♫") {
		e.Kind = Song
	}
	return e
}
