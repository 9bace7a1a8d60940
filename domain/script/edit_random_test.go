package script_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/script"
)

// programme draws a dialogue list of up to sixteen seconds.
func programme(t *rapid.T) script.DialogueList {
	d := script.DialogueList{Cut: script.Cut{Rate: script.Rate{Num: 25, Den: 1}, Frames: 400}, Language: "en"}
	var heard []script.Heard
	at := 0
	for range rapid.IntRange(0, 12).Draw(t, "words") {
		at += rapid.SampledFrom([]int{0, 100, 300, 800}).Draw(t, "pause")
		text := rapid.SampledFrom([]string{"a", "b,", "c.", "d"}).Draw(t, "text")
		heard = append(heard, word(text, at, at+300, rapid.SampledFrom([]string{"S1", "S1", "S2"}).Draw(t, "speaker"), "en"))
		at += 300
	}
	d.Events = script.Utterances(heard, "en")
	for i := range d.Events {
		if rapid.Bool().Draw(t, "estimated") {
			d.Events[i].Words = nil
		}
	}
	return d
}

// edit draws an edit of an event of d, of one that is gone, or of none.
func edit(t *rapid.T, d script.DialogueList) script.Edit {
	ids := []string{"", "e000+1", "e001", "e999"}
	for _, e := range d.Events {
		ids = append(ids, e.ID, e.ID)
	}
	e := script.Edit{
		Op: rapid.SampledFrom([]script.Op{
			script.Split, script.Split, script.Merge, script.Merge, script.Replace, script.Retime, script.Insert,
			script.Delete, script.Mark, script.Recast,
		}).Draw(t, "op"),
		ID:   rapid.SampledFrom(ids).Draw(t, "id"),
		Text: rapid.SampledFrom([]string{"d", "c. d", "new words", ""}).Draw(t, "new text"),
		Note: rapid.SampledFrom([]string{"", "n"}).Draw(t, "note"),
	}
	seconds := rapid.Float64Range(0, 17)
	if rapid.Bool().Draw(t, "timed") {
		e.Start, e.End, e.At = new(seconds.Draw(t, "start")), new(seconds.Draw(t, "end")), new(seconds.Draw(t, "at"))
	}
	return e
}

// spoken is every word of the list, sorted.
func spoken(d script.DialogueList) []string {
	var words []string
	for _, e := range d.Events {
		words = append(words, strings.Fields(e.Text)...)
	}
	slices.Sort(words)
	return words
}

// sound checks what holds of every dialogue list.
func sound(t require.TestingT, d script.DialogueList) {
	var last time.Duration
	seen := map[string]bool{}
	for _, e := range d.Events {
		require.GreaterOrEqual(t, e.Start, last, "events are in order of start")
		require.Greater(t, e.End, e.Start, "event %s takes time", e.ID)
		require.LessOrEqual(t, e.End, d.Cut.Duration())
		require.NotEmpty(t, strings.TrimSpace(e.Text), "event %s says something", e.ID)
		require.False(t, seen[e.ID], "id %s is given twice", e.ID)
		require.NotContains(t, d.Retired, e.ID, "id %s was given before", e.ID)
		for _, w := range e.Words {
			require.Contains(t, e.Text, w.Text)
		}
		last, seen[e.ID] = e.Start, true
	}
}

// Whatever people send, the list stays sound: nobody's words and nobody's work
// are lost, and an id means one event for ever.
func TestRandomEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := programme(t)
		everyID := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(t, "edits") {
			e := edit(t, d)
			if e.Validate() != nil {
				continue
			}
			before, conflicts := asJSON(t, d), len(d.Conflicts)
			for _, event := range d.Events {
				everyID[event.ID] = true
			}

			next := script.ApplyToDialogue(d, []script.EditSet{{By: "ana", Edits: []script.Edit{e}}})

			sound(t, next)
			require.JSONEq(t, before, asJSON(t, d), "the list it was made from stays as it was")
			if len(next.Conflicts) > conflicts {
				require.Equal(t, d.Events, next.Events, "a conflict changes nothing")
				require.Equal(t, e, next.Conflicts[conflicts].Edit, "and is kept")
			} else if e.Op == script.Split || e.Op == script.Merge {
				require.Equal(t, spoken(d), spoken(next), "no word is lost")
			}
			for _, event := range next.Events {
				_, old := d.Event(event.ID)
				require.False(t, !old && everyID[event.ID], "id %s came back", event.ID)
			}
			d = next
		}
	})
}

// A conflict stands until a later set, whose sender has seen it, changes the entry.
func TestLaterSetSettlesConflict(t *testing.T) {
	events := []script.Event{{ID: "e001", Text: "Hello.", Kind: script.Dialogue}}
	stale := script.Edit{Op: script.Replace, ID: "e001", Text: "Oi.", Was: "Hi."}
	good := script.Edit{Op: script.Replace, ID: "e001", Text: "Olá."}
	apply := func(sets ...script.EditSet) script.Translation {
		return script.ApplyToTranslation(script.Translation{}, events, sets)
	}

	require.Len(t, apply(script.EditSet{Edits: []script.Edit{stale}}).Conflicts, 1)
	require.Len(t, apply(script.EditSet{Edits: []script.Edit{stale, good}}).Conflicts, 1, "the same set has not seen it")
	require.Empty(t, apply(script.EditSet{Edits: []script.Edit{stale}}, script.EditSet{Edits: []script.Edit{good}}).Conflicts)
}

// One set of many edits does what the same edits do one set at a time.
func TestSetsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := programme(t)
		whole := script.EditSet{By: "ana"}
		var single []script.EditSet
		for range rapid.IntRange(0, 8).Draw(t, "edits") {
			if e := edit(t, d); e.Validate() == nil {
				whole.Edits = append(whole.Edits, e)
				single = append(single, script.EditSet{By: "ana", Edits: []script.Edit{e}})
			}
		}

		atOnce, oneByOne := script.ApplyToDialogue(d, []script.EditSet{whole}), script.ApplyToDialogue(d, single)
		atOnce.Conflicts, oneByOne.Conflicts = nil, nil // a later set settles those of earlier ones
		require.Equal(t, atOnce, oneByOne)
	})
}

// A translation holds at most one line for each localized event, in order, and
// no event is both made and failed, whatever is edited.
func TestRandomTranslationEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := programme(t)
		var tr script.Translation
		for _, e := range d.Localized() {
			if rapid.Bool().Draw(t, "made") {
				tr.Lines = append(tr.Lines, script.Line{Event: e.ID, Source: e.Text, Text: "x", Origin: "mt"})
			} else {
				tr.Failures = append(tr.Failures, script.Failure{Event: e.ID, Kind: "Refused"})
			}
		}
		set := script.EditSet{By: "ana"}
		for range rapid.IntRange(0, 8).Draw(t, "edits") {
			if e := edit(t, d); e.Validate() == nil {
				set.Edits = append(set.Edits, e)
			}
		}

		got := script.ApplyToTranslation(tr, d.Localized(), []script.EditSet{set})

		done := 0
		for _, e := range d.Localized() {
			_, made := got.Line(e.ID)
			failed := slices.ContainsFunc(got.Failures, func(f script.Failure) bool { return f.Event == e.ID })
			require.NotEqual(t, made, failed, "%s is made or failed", e.ID)
			if made {
				require.Equal(t, e.ID, got.Lines[done].Event, "lines are in order")
				done++
			}
		}
		require.Len(t, got.Lines, done)
		replaced := 0
		for _, e := range set.Edits {
			if _, known := d.Event(e.ID); e.Op == script.Replace && known {
				replaced++
			}
		}
		require.Len(t, got.Conflicts, len(set.Edits)-replaced, "every edit is applied or kept as a conflict")
	})
}

// Any JSON that decodes to an edit and passes Validate can be applied.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{
		`{"op":"replace","id":"e001","text":"x","was":"one two"}`,
		`{"op":"retime","id":"e001","start":0.0001,"end":1e300}`,
		`{"op":"split","id":"e001","at":2}`,
		`{"op":"split","id":"e002","at":5,"text":" four"}`,
		`{"op":"merge","id":"e002"}`,
		`{"op":"insert","id":"","text":"x","start":-0.0,"end":0.0004}`,
		`{"op":"delete","id":"e004"}`,
		`{"op":"mark","id":"e001","kind":"song","treatment":"localize","presence":"off","note":"n"}`,
		`{"op":"recast","character":"S1","voice":"a"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		var e script.Edit
		if json.Unmarshal([]byte(data), &e) != nil || e.Validate() != nil {
			return
		}
		sets := []script.EditSet{{By: "ana", Edits: []script.Edit{e, e}}}

		d := script.ApplyToDialogue(list(), sets)
		tr := script.ApplyToTranslation(script.Translation{}, d.Localized(), sets)
		dub := script.ApplyToDub(script.DubScript{Lines: []script.DubLine{{Event: "e001", Character: "S1"}}}, sets)

		sound(t, d)
		require.LessOrEqual(t, len(tr.Conflicts), 2)
		require.Len(t, dub.Lines, 1)
	})
}
