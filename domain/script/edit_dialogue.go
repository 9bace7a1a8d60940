package script

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ApplyToDialogue puts sets, oldest first, over d. Every operation but Recast
// applies. New entries get ids that tell where they come from: the second part
// of e003 is e003.1, an entry inserted after it e003+1. An edit that does not
// fit becomes a conflict and changes nothing.
func ApplyToDialogue(d DialogueList, sets []EditSet) DialogueList {
	d.Events, d.Conflicts = slices.Clone(d.Events), slices.Clip(d.Conflicts)
	d.sort()
	conflicts := Apply(sets, func(_ EditSet, edit Edit) string {
		defer d.sort() // the next edit may mean the entry that follows
		return d.apply(edit)
	})
	d.Conflicts = append(d.Conflicts, conflicts...)
	return d
}

func (d *DialogueList) sort() {
	slices.SortStableFunc(d.Events, func(a, b Event) int { return cmp.Compare(a.Start, b.Start) })
}

func (d *DialogueList) apply(edit Edit) (reason string) {
	i := slices.IndexFunc(d.Events, func(e Event) bool { return e.ID == edit.ID })
	if edit.Op == Insert {
		return d.insert(i, edit)
	}
	if i < 0 {
		return "no event has this id"
	}
	e := &d.Events[i]
	if edit.Was != "" && edit.Was != e.Text {
		return "the line has changed since"
	}
	switch edit.Op {
	case Replace:
		e.Text, e.Words = edit.Text, nil
	case Retime:
		start, end := Seconds(*edit.Start), Seconds(*edit.End)
		if end > d.Cut.Duration() {
			return "ends after the picture"
		}
		e.Start, e.End, e.Words = start, end, nil
	case Mark:
		e.mark(edit)
	case Delete:
		d.retire(e.ID)
		d.Events = slices.Delete(d.Events, i, i+1)
	case Split:
		return d.split(i, edit)
	case Merge:
		return d.merge(i)
	default:
		return fmt.Sprintf("a dialogue list does not take %q", edit.Op)
	}
	return ""
}

func (e *Event) mark(edit Edit) {
	if edit.Kind != "" {
		e.Kind = edit.Kind
	}
	if edit.Treatment != "" {
		e.Treatment = edit.Treatment
	}
	if edit.Presence != "" {
		e.Presence = edit.Presence
	}
	if edit.Character != "" {
		e.Character = edit.Character
	}
	if edit.Note != "" {
		e.Note = edit.Note
	}
}

func (d *DialogueList) insert(after int, edit Edit) (reason string) {
	if after < 0 && edit.ID != "" {
		return "no event has this id"
	}
	if Seconds(*edit.End) > d.Cut.Duration() {
		return "ends after the picture"
	}
	kind := edit.Kind
	if kind == "" {
		kind = Dialogue
	}
	e := Event{
		ID: d.freeID(edit.ID, "+"), Start: Seconds(*edit.Start), End: Seconds(*edit.End), Character: edit.Character,
		Kind: kind, Language: d.Language, Text: edit.Text,
	}
	d.Events = slices.Insert(d.Events, after+1, e)
	return ""
}

// split cuts event i at a time. With its word times the words go to the side
// they are heard on; without, the text of the second part must be given.
func (d *DialogueList) split(i int, edit Edit) (reason string) {
	e := d.Events[i]
	at := Seconds(*edit.At)
	if at <= e.Start || at >= e.End {
		return "the time to split at is not inside the event"
	}
	first, second := e, e
	first.End, second.Start = at, at
	second.ID, second.Origin = d.freeID(e.ID, "."), append(slices.Clone(e.Origin), e.ID)
	switch {
	case len(e.Words) > 0:
		n := slices.IndexFunc(e.Words, func(w Word) bool { return (w.Start+w.End)/2 >= at })
		if n <= 0 {
			return "no word is heard on one side of that time"
		}
		first.Words, second.Words = e.Words[:n:n], slices.Clone(e.Words[n:])
		first.Text, second.Text = textOf(first.Words), textOf(second.Words)
	default:
		second.Text = strings.TrimSpace(edit.Text)
		rest, ends := strings.CutSuffix(strings.TrimSpace(e.Text), second.Text)
		first.Text = strings.TrimSpace(rest)
		if !ends || first.Text == "" || second.Text == "" {
			return `give in "text" the end of the line that goes to the second part`
		}
	}
	d.Events[i] = first
	d.Events = slices.Insert(d.Events, i+1, second)
	return ""
}

func (d *DialogueList) merge(i int) (reason string) {
	if i+1 >= len(d.Events) {
		return "no event follows to merge with"
	}
	a, b := d.Events[i], d.Events[i+1]
	if a.Kind != b.Kind || a.Character != b.Character || a.Language != b.Language || a.Treatment != b.Treatment {
		return "the next event differs in kind, character, language or treatment"
	}
	a.End, a.Text, a.Origin = max(a.End, b.End), a.Text+" "+b.Text, append(slices.Clone(a.Origin), b.ID)
	if a.Note == "" || b.Note == "" {
		a.Note += b.Note
	} else {
		a.Note += "; " + b.Note
	}
	if len(a.Words) == 0 || len(b.Words) == 0 {
		a.Words = nil
	} else {
		a.Words = append(slices.Clone(a.Words), b.Words...)
	}
	d.Events[i] = a
	d.Events = slices.Delete(d.Events, i+1, i+2)
	d.retire(b.ID)
	return ""
}

// retire keeps the id of an event that is gone from being given again.
func (d *DialogueList) retire(id string) { d.Retired = append(slices.Clip(d.Retired), id) }

// freeID is the first of base+sep+"1", "2"... that no event has or had.
func (d *DialogueList) freeID(base, sep string) string {
	if base == "" {
		base = "e000"
	}
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s%s%d", base, sep, n)
		if !slices.Contains(d.Retired, id) && !slices.ContainsFunc(d.Events, func(e Event) bool { return e.ID == id }) {
			return id
		}
	}
}

func textOf(words []Word) string {
	text := make([]string, len(words))
	for i, w := range words {
		text[i] = w.Text
	}
	return strings.Join(text, " ")
}
