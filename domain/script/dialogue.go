package script

import "time"

// Kind says what an event of the dialogue list is.
type Kind string

// The kinds of event.
const (
	Dialogue      Kind = "dialogue"
	Reaction      Kind = "reaction" // breaths, laughs, efforts
	Song          Kind = "song"
	OnScreenText  Kind = "on-screen-text"
	OtherLanguage Kind = "other-language" // speech in another language than the programme's
	Walla         Kind = "walla"          // crowd murmur
)

// Kinds lists every kind of event.
func Kinds() []Kind {
	return []Kind{Dialogue, Reaction, Song, OnScreenText, OtherLanguage, Walla}
}

// Treatment says what is done with an event.
type Treatment string

// The treatments. The zero value means: as the kind says, see Event.Localized.
const (
	Localize     Treatment = "localize"
	KeepOriginal Treatment = "keep-original"
)

// Presence says whether the speaker's mouth can be seen.
type Presence string

// The presences.
const (
	PresenceUnknown Presence = ""
	OnScreen        Presence = "on"
	OffScreen       Presence = "off"
)

// Word is one spoken word and when it is heard.
type Word struct {
	Text        string        `json:"text"`
	Start       time.Duration `json:"start"`
	End         time.Duration `json:"end"`
	Probability float64       `json:"probability"` // that the recogniser heard it right, 0..1; 0 where unknown
}

// Event is one entry of the dialogue list. Its ID never changes and is never
// used again: subtitles and dub lines point to it.
type Event struct {
	ID        string        `json:"id"`
	Start     time.Duration `json:"start"`
	End       time.Duration `json:"end"`
	Character string        `json:"character"`
	Presence  Presence      `json:"presence,omitempty"`
	Kind      Kind          `json:"kind"`
	Treatment Treatment     `json:"treatment,omitempty"`
	Language  string        `json:"language"` // BCP 47
	Text      string        `json:"text"`
	Note      string        `json:"note,omitempty"`
	Words     []Word        `json:"words,omitempty"`  // none where the times are estimated or the text was edited
	Origin    []string      `json:"origin,omitempty"` // ids this event was split, merged or inserted from
}

// Localized reports whether the event is translated, subtitled and dubbed.
// Without a decision only dialogue is: songs, speech in other languages and
// everything else keep their original until a person says otherwise.
func (e Event) Localized() bool {
	if e.Treatment != "" {
		return e.Treatment == Localize
	}
	return e.Kind == Dialogue
}

// DialogueList is the spine of a job: what is said in one cut, by whom, when.
// Events are in order of Start.
type DialogueList struct {
	Cut       Cut        `json:"cut"`
	Language  string     `json:"language"` // BCP 47, of the programme
	Engine    string     `json:"engine"`   // fingerprint of the recogniser
	Events    []Event    `json:"events"`
	Doubts    []Doubt    `json:"doubts,omitempty"` // what a person should look at
	Conflicts []Conflict `json:"conflicts,omitempty"`
	Retired   []string   `json:"retired,omitempty"` // ids of events that were deleted or merged into another, never given again
}

// Doubt is something about an event that a machine cannot settle.
type Doubt struct {
	Event  string `json:"event"` // "" for the whole list
	Reason string `json:"reason"`
}

// Event returns the event with the given id.
func (d DialogueList) Event(id string) (Event, bool) {
	for _, e := range d.Events {
		if e.ID == id {
			return e, true
		}
	}
	return Event{}, false
}

// Localized returns the events that are translated, in order.
func (d DialogueList) Localized() []Event {
	var events []Event
	for _, e := range d.Events {
		if e.Localized() {
			events = append(events, e)
		}
	}
	return events
}

// Line is the translation of one event.
type Line struct {
	Event  string `json:"event"`
	Source string `json:"source"` // what was translated
	Text   string `json:"text"`
	Origin string `json:"origin"` // fingerprint of the engine, or "edit:<who>"
}

// Failure is a line that could not be made, with the reason.
type Failure struct {
	Event  string `json:"event"`
	Kind   string `json:"kind"` // a fault.Kind
	Reason string `json:"reason"`
}

// Translation is a dialogue list in another language: one Line for each
// localized event that has one, and a Failure for each that has not.
type Translation struct {
	From      string     `json:"from"`
	To        string     `json:"to"`
	Lines     []Line     `json:"lines"`
	Failures  []Failure  `json:"failures,omitempty"`
	Conflicts []Conflict `json:"conflicts,omitempty"`
}

// Line returns the line of the event with the given id.
func (t Translation) Line(event string) (Line, bool) {
	for _, l := range t.Lines {
		if l.Event == event {
			return l, true
		}
	}
	return Line{}, false
}
