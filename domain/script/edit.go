package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Op is one way to change a document.
type Op string

// The operations. Which of them a document takes depends on the document.
const (
	Replace Op = "replace" // new text for an entry
	Retime  Op = "retime"  // new start and end
	Split   Op = "split"   // in two at a time, the text at a word
	Merge   Op = "merge"   // with the entry that follows it
	Insert  Op = "insert"  // a new entry
	Delete  Op = "delete"
	Mark    Op = "mark"   // kind, treatment, presence, character or note of an event
	Recast  Op = "recast" // another voice for a line, or for a character
)

// Edit is one operation on one entry. Times are decimal seconds from the first
// frame, as people write them.
//
// Was is, for a translation, the source of the line, which it must still be a
// translation of; elsewhere the entry itself before the edit.
type Edit struct {
	Op        Op        `json:"op"`
	ID        string    `json:"id"`                  // the entry; for insert the one it comes after, "" for the first place
	Text      string    `json:"text,omitempty"`      // replace, insert; for split the text of the second part
	Start     *float64  `json:"start,omitempty"`     // retime, insert
	End       *float64  `json:"end,omitempty"`       // retime, insert
	At        *float64  `json:"at,omitempty"`        // split
	Kind      Kind      `json:"kind,omitempty"`      // mark, insert
	Treatment Treatment `json:"treatment,omitempty"` // mark
	Presence  Presence  `json:"presence,omitempty"`  // mark
	Character string    `json:"character,omitempty"` // mark, insert, recast
	Voice     string    `json:"voice,omitempty"`     // recast
	Note      string    `json:"note,omitempty"`      // mark
	Was       string    `json:"was,omitempty"`       // the text the editor saw, see Was; another one makes the edit a conflict
}

// EditSet is what one person changed in one decision, against one revision.
type EditSet struct {
	Base  string `json:"base"` // revision (sha256) the person looked at
	By    string `json:"by"`
	Edits []Edit `json:"edits"`
}

// Conflict is an edit that no longer fits the document, and why. It is kept and
// shown at the gate: no person's work is dropped in silence.
type Conflict struct {
	Edit   Edit   `json:"edit"`
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// Apply calls do for every edit of sets, oldest first, and returns the edits that
// did not fit, each with the reason that do gave. A later set settles a conflict
// by doing the same to the same entry, where that would have left nothing of the
// earlier edit: new words, new times, another voice.
func Apply(sets []EditSet, do func(EditSet, Edit) (reason string)) []Conflict {
	var conflicts []Conflict
	for _, set := range sets {
		var fresh []Conflict
		for _, edit := range set.Edits {
			if reason := do(set, edit); reason != "" {
				fresh = append(fresh, Conflict{edit, set.By, reason})
				continue
			}
			conflicts = slices.DeleteFunc(conflicts, func(c Conflict) bool { return edit.replaces(c.Edit) })
		}
		conflicts = append(conflicts, fresh...)
	}
	return conflicts
}

// replaces reports whether nothing of earlier is left once e is applied.
func (e Edit) replaces(earlier Edit) bool {
	return e.ID == earlier.ID && e.Op == earlier.Op && slices.Contains([]Op{Replace, Retime, Recast}, e.Op) && e.Character == earlier.Character
}

// Remember fills Was of every Replace that has none with what its editor saw, by
// id, so that the edit is not put over something else later. Of several of one
// entry only the first saw that.
func Remember(edits []Edit, saw map[string]string) []Edit {
	edits = slices.Clone(edits)
	seen := map[string]bool{}
	for i := range edits {
		e := &edits[i]
		if e.Op == Replace && e.Was == "" && !seen[e.ID] {
			e.Was = saw[e.ID]
		}
		seen[e.ID] = true
	}
	return edits
}

// Seconds is a time as an Edit writes it, rounded to the millisecond. Times
// beyond longest, which no cut reaches, come out as longest.
func Seconds(s float64) time.Duration {
	const longest = 1e9 // seconds: 31 years; a Duration holds 292
	return time.Duration(min(s, longest)*1000+0.5) * time.Millisecond
}

// span reports whether start and end are given and hold at least a millisecond.
func span(start, end *float64) bool {
	return start != nil && end != nil && *start >= 0 && Seconds(*start) < Seconds(*end)
}

// Validate reports what is wrong with e whatever the document: an unknown
// operation or a field that the operation needs and that is missing.
func (e Edit) Validate() error {
	switch e.Op {
	case Replace:
		if strings.TrimSpace(e.Text) == "" {
			return fmt.Errorf(`replace %s: "text" is empty; to remove an entry use {"op":"delete","id":%q}`, e.ID, e.ID)
		}
	case Retime:
		if !span(e.Start, e.End) {
			return fmt.Errorf(`retime %s: give "start" and "end" in seconds, end after start`, e.ID)
		}
	case Split:
		if e.At == nil || *e.At <= 0 {
			return fmt.Errorf(`split %s: give "at" in seconds`, e.ID)
		}
	case Insert:
		if !span(e.Start, e.End) || strings.TrimSpace(e.Text) == "" {
			return fmt.Errorf(`insert after %q: give "text", "start" and "end" in seconds`, e.ID)
		}
		if e.Kind != "" && !slices.Contains(Kinds(), e.Kind) {
			return fmt.Errorf("insert after %q: unknown kind %q", e.ID, e.Kind)
		}
	case Mark:
		if e.Kind == "" && e.Treatment == "" && e.Presence == "" && e.Character == "" && e.Note == "" {
			return fmt.Errorf(`mark %s: give "kind", "treatment", "presence", "character" or "note"`, e.ID)
		}
		if e.Kind != "" && !slices.Contains(Kinds(), e.Kind) {
			return fmt.Errorf("mark %s: unknown kind %q", e.ID, e.Kind)
		}
		if e.Treatment != "" && e.Treatment != Localize && e.Treatment != KeepOriginal {
			return fmt.Errorf("mark %s: unknown treatment %q", e.ID, e.Treatment)
		}
		if e.Presence != "" && e.Presence != OnScreen && e.Presence != OffScreen {
			return fmt.Errorf(`mark %s: presence is "on" or "off", not %q`, e.ID, e.Presence)
		}
	case Recast:
		if e.Voice == "" || (e.ID == "" && e.Character == "") {
			return errors.New(`recast: give "voice", and "id" of a line or "character"`)
		}
		return nil
	case Merge, Delete:
	default:
		return fmt.Errorf("unknown operation %q", e.Op)
	}
	if e.ID == "" && e.Op != Insert {
		return fmt.Errorf(`%s: give the "id" of the entry`, e.Op)
	}
	return nil
}

// ApplyToTranslation puts sets, oldest first, over t. A translation takes
// Replace alone: timing and structure belong to the dialogue list. A line that
// failed is filled by a Replace. An edit whose event is gone, or whose source
// text has changed since, becomes a conflict.
func ApplyToTranslation(t Translation, events []Event, sets []EditSet) Translation {
	sources := make(map[string]Event, len(events))
	for _, e := range events {
		sources[e.ID] = e
	}
	t.Conflicts = slices.Clip(t.Conflicts)
	conflicts := Apply(sets, func(set EditSet, edit Edit) string {
		source, known := sources[edit.ID]
		switch {
		case edit.Op != Replace:
			return "a translation takes replace alone; change timing and structure at the dialogue gate"
		case !known:
			return "no localized event has this id"
		case edit.Was != "" && edit.Was != source.Text:
			return "the source line has changed since"
		}
		t = t.with(Line{Event: edit.ID, Source: source.Text, Text: edit.Text, Origin: "edit:" + set.By}, events)
		return ""
	})
	t.Conflicts = append(t.Conflicts, conflicts...)
	return t
}

// with returns t with line in place of the one of the same event, or in the
// place where the order of events puts it, and without that event's failure.
func (t Translation) with(line Line, events []Event) Translation {
	byEvent := map[string]Line{line.Event: line}
	for _, l := range t.Lines {
		if l.Event != line.Event {
			byEvent[l.Event] = l
		}
	}
	lines := make([]Line, 0, len(byEvent))
	for _, e := range events {
		if l, ok := byEvent[e.ID]; ok {
			lines = append(lines, l)
		}
	}
	t.Lines = lines
	t.Failures = slices.DeleteFunc(slices.Clone(t.Failures), func(f Failure) bool { return f.Event == line.Event })
	return t
}

// ApplyToDub puts sets, oldest first, over the lines of s: Replace changes the
// words of the dub alone, Recast the voice of one line or of a character.
func ApplyToDub(s DubScript, sets []EditSet) DubScript {
	s.Lines, s.Conflicts = slices.Clone(s.Lines), slices.Clip(s.Conflicts)
	conflicts := Apply(sets, func(_ EditSet, edit Edit) string { return s.apply(edit) })
	s.Conflicts = append(s.Conflicts, conflicts...)
	return s
}

func (s DubScript) apply(edit Edit) (reason string) {
	if edit.Op != Replace && edit.Op != Recast {
		return "the dub script takes replace and recast; change timing and structure at the dialogue gate"
	}
	hit := false
	for i := range s.Lines {
		line := &s.Lines[i]
		mine := line.Event == edit.ID
		if edit.Op == Recast && edit.ID == "" {
			mine = line.Character == edit.Character
		}
		if !mine {
			continue
		}
		hit = true
		switch {
		case edit.Op == Recast:
			line.Voice = edit.Voice
		case edit.Was != "" && edit.Was != line.Text:
			return "the line has changed since"
		default:
			line.Text = edit.Text
		}
	}
	if !hit {
		return "no line of the dub has this id or character"
	}
	return ""
}
