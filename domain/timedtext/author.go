package timedtext

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// Word is one word of the original speech and when it is heard.
type Word = script.Word

// Line is one event of the dialogue list to be shown, in the language of the
// subtitles.
type Line struct {
	EventID string        `json:"eventId"`
	Speaker string        `json:"speaker,omitempty"`
	Start   time.Duration `json:"start"` // of the speech
	End     time.Duration `json:"end"`
	Text    string        `json:"text"`            // line breaks count as spaces, except before a speaker's dash
	Words   []Word        `json:"words,omitempty"` // of the original speech; none where unknown
	Italic  bool          `json:"italic,omitempty"`
	Forced  bool          `json:"forced,omitempty"`
}

// Options say how cues are made.
type Options struct {
	Language       string          `json:"language"`       // of the subtitles, BCP 47
	SourceLanguage string          `json:"sourceLanguage"` // of the Words; in the same language their times are used as they are
	Rate           script.Rate     `json:"rate"`           // the grid of in and out times; 24 fps where not valid
	Limits         Limits          `json:"limits"`
	Shots          []time.Duration `json:"shots"`    // first frame of every shot but the first; none: in and out times ignore cuts
	Duration       time.Duration   `json:"duration"` // of the programme, 0 where unknown
}

// unlimited is the line length where the limits set none.
const unlimited = 200

func (o Options) maxChars() float64 {
	if o.Limits.MaxLineChars.Value <= 0 {
		return unlimited
	}
	return o.Limits.MaxLineChars.Value
}

func (o Options) maxLines() int { return max(1, o.Limits.MaxLines.Value) }

// NoteCode says what a Note is about.
type NoteCode string

// The codes of notes. They are stored: a code is never renamed or reused.
const (
	NoteNoText  NoteCode = "no-text"  // the line has no text, so it has no cue
	NoteTooWide NoteCode = "too-wide" // a word is wider than a line
	NoteFast    NoteCode = "fast"     // there is no room to read it at the allowed speed
	NoteLate    NoteCode = "late"     // it starts late, because another line is still being read
	NoteTooLong NoteCode = "too-long" // the speech outlasts the longest cue
	NoteNoRate  NoteCode = "no-rate"  // the frame rate is not known; 24 fps was used
)

// Note is something that a person should know about how a line became cues.
type Note struct {
	EventID string   `json:"eventId"` // "" for the whole document
	Code    NoteCode `json:"code"`
	Message string   `json:"message"`
}

// Author makes the cues of lines, in order of time. Every word of every line is
// in exactly one cue, in order; no cue holds words of two lines. The id of a
// cue is that of its event, and "e12.2", "e12.3" for the further cues of a long
// one. The same input always gives the same cues.
//
// A cue comes in with its speech and outlasts it by up to Limits.Linger, or by
// up to Limits.MaxLag where reading needs the time. Lines of people who speak
// at once are shown one after the other.
func Author(lines []Line, o Options) ([]Cue, []Note) {
	var notes []Note
	if !o.Rate.Valid() {
		o.Rate = script.Rate{Num: 24, Den: 1}
		notes = append(notes, Note{Code: NoteNoRate, Message: "the frame rate is not known: times are on a grid of 24 fps"})
	}
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.Start, b.Start) })

	var cues []Cue
	for _, line := range lines {
		pieces := segment(line, o)
		if len(pieces) == 0 {
			notes = append(notes, Note{line.EventID, NoteNoText, "the line has no text"})
		}
		for i, p := range pieces {
			if !p.fits {
				notes = append(notes, Note{line.EventID, NoteTooWide, fmt.Sprintf("a word is wider than %g characters: %q", o.maxChars(), p.lines[0])})
			}
			cues = append(cues, Cue{
				ID: cueID(line.EventID, i), Start: p.span.start, End: p.span.end, Lines: p.lines,
				Speaker: line.Speaker, Language: o.Language, Events: []string{line.EventID},
				Italic: line.Italic, Forced: line.Forced,
			})
		}
	}
	slices.SortStableFunc(cues, func(a, b Cue) int { return cmp.Compare(a.Start, b.Start) })
	return cues, append(notes, newTimer(o).set(cues)...)
}

func cueID(event string, i int) string {
	if i == 0 {
		return event
	}
	return fmt.Sprintf("%s.%d", event, i+1)
}
