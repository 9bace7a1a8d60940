// Package timedtext holds subtitles: cues, the limits that clients set for them,
// and the authoring that turns lines of dialogue into cues.
//
// It is pure: no clock, file, network, randomness or Temporal. Times are offsets
// from the first frame of the cut. Length is counted in user-perceived
// characters, never in bytes or code points.
package timedtext

import (
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"github.com/babelreel/babelreel/domain/script"
)

// Tolerance is how far a time may be off before a rule takes notice: subtitle
// files carry milliseconds, so a start and an end are each rounded by up to half.
const Tolerance = time.Millisecond

// Cue is one subtitle: text that stands on the screen from Start until End.
type Cue struct {
	ID       string        `json:"id"`
	Start    time.Duration `json:"start"` // of the first frame that shows the text
	End      time.Duration `json:"end"`   // of the first frame that no longer shows it
	Lines    []string      `json:"lines"` // no markup, logical (not visual) order
	Speaker  string        `json:"speaker,omitempty"`
	Language string        `json:"language,omitempty"` // BCP 47, "" as the document
	Events   []string      `json:"events,omitempty"`   // ids of the dialogue events it shows
	Italic   bool          `json:"italic,omitempty"`
	Forced   bool          `json:"forced,omitempty"` // shown even to viewers who have subtitles off
}

// Document is the subtitles of one programme in one language.
type Document struct {
	Language string      `json:"language"` // BCP 47, "" where unknown
	Rate     script.Rate `json:"rate"`     // zero where the file does not say
	Cues     []Cue       `json:"cues"`
}

// Duration is how long the cue stands on the screen; negative for a cue that
// ends before it starts.
func (c Cue) Duration() time.Duration { return c.End - c.Start }

// Text is the lines of the cue as one, with a space where one line meets the
// next in languages that write spaces.
func (c Cue) Text(language string) string {
	return strings.Join(c.Lines, separator(language))
}

// Length is how many characters a viewer of the language reads. Spaces count,
// line breaks do not.
func (c Cue) Length(language string) float64 {
	n := 0.0
	for _, line := range c.Lines {
		n += Length(line, language)
	}
	return n
}

// Speed is the reading speed that the cue asks of a viewer, in characters per
// second. A cue that stands for no time has none, and ok is false.
func (c Cue) Speed(language string) (cps float64, ok bool) {
	if c.Duration() <= 0 {
		return 0, false
	}
	return c.Length(language) / c.Duration().Seconds(), true
}

// Length counts the user-perceived characters of text. In Japanese, Korean and
// Chinese a narrow character, such as a Latin letter, counts half (Netflix
// Korean guide 216001127; line lengths there are in full-width characters).
func Length(text, language string) float64 {
	if fullWidth(language) {
		return float64(uniseg.StringWidth(text)) / 2
	}
	if n, ok := simpleLength(text); ok {
		return float64(n)
	}
	return float64(uniseg.GraphemeClusterCount(text))
}

// simpleLength counts text in which every code point is a character: Latin
// letters and common punctuation, nothing that combines. It spares such text
// the far slower general way.
func simpleLength(text string) (n int, ok bool) {
	for _, r := range text {
		if r == '\r' || r >= 0x300 && (r < 0x2010 || r > 0x2027) {
			return 0, false
		}
		n++
	}
	return n, true
}

func fullWidth(language string) bool {
	switch Base(language) {
	case "ja", "ko", "zh":
		return true
	default:
		return false
	}
}

// separator stands between words: nothing in languages that write no spaces.
func separator(language string) string {
	if unspaced(language) {
		return ""
	}
	return " "
}

func unspaced(language string) bool {
	base := Base(language)
	return base == "ja" || base == "zh"
}

// Base is the primary subtag of a BCP 47 tag in lower case: "pt" of "pt-BR".
func Base(language string) string {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	return base
}
