package timedtext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// Apply puts sets of edits, oldest first, over doc: Replace (a line break in
// the text breaks the line, otherwise it is broken as limits say), Retime,
// Merge, Split, Insert and Delete. An edit that does not fit becomes a conflict
// and changes nothing. Times go to the frame grid of the document.
func Apply(doc Document, limits Limits, sets []script.EditSet) (Document, []script.Conflict) {
	doc.Cues = slices.Clone(doc.Cues)
	doc.sort()
	conflicts := script.Apply(sets, func(_ script.EditSet, edit script.Edit) string {
		defer doc.sort() // the next edit may mean the cue that follows
		return doc.apply(edit, limits)
	})
	return doc, conflicts
}

func (d *Document) sort() {
	slices.SortStableFunc(d.Cues, func(a, b Cue) int { return cmp.Compare(a.Start, b.Start) })
}

func (d *Document) apply(edit script.Edit, limits Limits) (reason string) {
	i := slices.IndexFunc(d.Cues, func(c Cue) bool { return c.ID == edit.ID })
	if edit.Op == script.Insert {
		if i < 0 && edit.ID != "" {
			return "no cue has this id"
		}
		d.Cues = slices.Insert(d.Cues, i+1, Cue{
			ID: d.freeID(cmp.Or(edit.ID, "c000"), "+"), Start: d.grid(*edit.Start), End: d.grid(*edit.End), Lines: d.lines(edit.Text, limits),
		})
		return ""
	}
	if i < 0 {
		return "no cue has this id"
	}
	c := &d.Cues[i]
	if edit.Was != "" && edit.Was != strings.Join(c.Lines, "\n") {
		return "the cue has changed since"
	}
	switch edit.Op {
	case script.Replace:
		c.Lines = d.lines(edit.Text, limits)
	case script.Retime:
		c.Start, c.End = d.grid(*edit.Start), d.grid(*edit.End)
	case script.Delete:
		d.Cues = slices.Delete(d.Cues, i, i+1)
	case script.Merge:
		if i+1 == len(d.Cues) {
			return "no cue follows to merge with"
		}
		next := d.Cues[i+1]
		c.End = max(c.End, next.End)
		c.Lines = d.lines(c.Text(d.Language)+separator(d.Language)+next.Text(d.Language), limits)
		c.Events = slices.Compact(append(slices.Clone(c.Events), next.Events...))
		d.Cues = slices.Delete(d.Cues, i+1, i+2)
	case script.Split:
		return d.split(i, edit, limits)
	default:
		return fmt.Sprintf("subtitles do not take %q", edit.Op)
	}
	return ""
}

// split gives the end of a cue's text, named by the edit, to a cue of its own.
func (d *Document) split(i int, edit script.Edit, limits Limits) (reason string) {
	c := d.Cues[i]
	at, text := d.grid(*edit.At), c.Text(d.Language)
	if at <= c.Start || at >= c.End {
		return "the time to split at is not inside the cue"
	}
	if edit.Text == "" || len(edit.Text) >= len(text) || !strings.HasSuffix(text, edit.Text) {
		return `give in "text" the end of the cue that goes to the second part`
	}
	second := c
	second.ID, second.Start, second.Lines = d.freeID(c.ID, "."), at, d.lines(edit.Text, limits)
	c.End, c.Lines = at, d.lines(strings.TrimSuffix(text, edit.Text), limits)
	d.Cues[i] = c
	d.Cues = slices.Insert(d.Cues, i+1, second)
	return ""
}

func (d *Document) lines(text string, limits Limits) []string {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "\n") {
		return strings.Split(text, "\n")
	}
	lines, _ := Break(text, d.Language, limits.MaxLineChars.Value, max(1, limits.MaxLines.Value)) // too long is for the rules to say
	return lines
}

func (d *Document) grid(seconds float64) time.Duration {
	t := script.Seconds(seconds)
	if d.Rate.Valid() {
		return d.Rate.Snap(t)
	}
	return t
}

func (d *Document) freeID(base, sep string) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s%s%d", base, sep, n)
		if !slices.ContainsFunc(d.Cues, func(c Cue) bool { return c.ID == id }) {
			return id
		}
	}
}
