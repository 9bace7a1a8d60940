package script_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/script"
)

// list is a dialogue list of ten seconds: e001 with word times, e002 and e003
// without, all of S1, and a song.
func list() script.DialogueList {
	second := func(n int) time.Duration { return time.Duration(n) * time.Second }
	return script.DialogueList{
		Cut:      script.Cut{Rate: script.Rate{Num: 25, Den: 1}, Frames: 250},
		Language: "en",
		Events: []script.Event{
			{
				ID: "e001", Start: second(1), End: second(3), Character: "S1", Kind: script.Dialogue, Language: "en", Text: "one two",
				Words: []script.Word{{Text: "one", Start: second(1), End: second(2)}, {Text: "two", Start: second(2), End: second(3)}},
			},
			{ID: "e002", Start: second(4), End: second(6), Character: "S1", Kind: script.Dialogue, Language: "en", Text: "three four", Note: "softly"},
			{ID: "e003", Start: second(6), End: second(7), Character: "S1", Kind: script.Dialogue, Language: "en", Text: "five", Note: "off"},
			{ID: "e004", Start: second(8), End: second(9), Character: "S1", Kind: script.Song, Language: "en", Text: "♪ la"},
		},
	}
}

// told is what a list says: "id start-end text" of every event.
func told(d script.DialogueList) []string {
	var out []string
	for _, e := range d.Events {
		out = append(out, fmt.Sprintf("%s %g-%g %s", e.ID, e.Start.Seconds(), e.End.Seconds(), e.Text))
	}
	return out
}

func TestApplyToDialogue(t *testing.T) {
	one, two, three, song := "e001 1-3 one two", "e002 4-6 three four", "e003 6-7 five", "e004 8-9 ♪ la"
	tests := map[string]struct {
		edits []script.Edit
		want  []string
	}{
		"nothing to apply": {nil, []string{one, two, three, song}},
		"replace":          {[]script.Edit{{Op: script.Replace, ID: "e001", Text: "won", Was: "one two"}}, []string{"e001 1-3 won", two, three, song}},
		"retime moves an event to its place": {
			[]script.Edit{{Op: script.Retime, ID: "e001", Start: new(7.0), End: new(7.5)}},
			[]string{two, three, "e001 7-7.5 one two", song},
		},
		"mark changes what is named": {
			[]script.Edit{{Op: script.Mark, ID: "e001", Kind: script.Walla, Treatment: script.Localize, Presence: script.OffScreen, Character: "S2", Note: "n"}},
			[]string{one, two, three, song},
		},
		"delete":                         {[]script.Edit{{Op: script.Delete, ID: "e002"}}, []string{one, three, song}},
		"split by the words":             {[]script.Edit{{Op: script.Split, ID: "e001", At: new(2.0)}}, []string{"e001 1-2 one", "e001.1 2-3 two", two, three, song}},
		"split by the text":              {[]script.Edit{{Op: script.Split, ID: "e002", At: new(5.0), Text: " four "}}, []string{one, "e002 4-5 three", "e002.1 5-6 four", three, song}},
		"split twice":                    {[]script.Edit{{Op: script.Split, ID: "e002", At: new(5.0), Text: "our"}, {Op: script.Split, ID: "e002", At: new(4.5), Text: "f"}}, []string{one, "e002 4-4.5 three", "e002.2 4.5-5 f", "e002.1 5-6 our", three, song}},
		"merge":                          {[]script.Edit{{Op: script.Merge, ID: "e002"}}, []string{one, "e002 4-7 three four five", song}},
		"merge means the next in time":   {[]script.Edit{{Op: script.Retime, ID: "e001", Start: new(6.5), End: new(6.9)}, {Op: script.Merge, ID: "e002"}}, []string{"e002 4-7 three four five", "e001 6.5-6.9 one two", song}},
		"split and merge restore a line": {[]script.Edit{{Op: script.Split, ID: "e001", At: new(2.0)}, {Op: script.Merge, ID: "e001"}}, []string{one, two, three, song}},
		"insert after":                   {[]script.Edit{{Op: script.Insert, ID: "e001", Start: new(3.0), End: new(4.0), Text: "so"}}, []string{one, "e001+1 3-4 so", two, three, song}},
		"insert first":                   {[]script.Edit{{Op: script.Insert, Start: new(0.0), End: new(1.0), Text: "so"}}, []string{"e000+1 0-1 so", one, two, three, song}},
		"insert where it is heard":       {[]script.Edit{{Op: script.Insert, ID: "e001", Start: new(7.0), End: new(8.0), Text: "so"}}, []string{one, two, three, "e001+1 7-8 so", song}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := list()

			got := script.ApplyToDialogue(d, []script.EditSet{{By: "ana", Edits: tt.edits}})

			require.Equal(t, tt.want, told(got))
			require.Empty(t, got.Conflicts)
			require.Equal(t, list(), d, "the machine's list stays as it was")
		})
	}
}

func TestApplyToDialogueConflicts(t *testing.T) {
	tests := map[string]struct {
		edit   script.Edit
		reason string
	}{
		"an event that is gone":          {script.Edit{Op: script.Replace, ID: "e009", Text: "x"}, "no event has this id"},
		"insert after an event gone":     {script.Edit{Op: script.Insert, ID: "e009", Text: "x", Start: new(0.0), End: new(1.0)}, "no event has this id"},
		"another line than was seen":     {script.Edit{Op: script.Delete, ID: "e001", Was: "won"}, "the line has changed since"},
		"retime past the picture":        {script.Edit{Op: script.Retime, ID: "e001", Start: new(9.0), End: new(10.5)}, "ends after the picture"},
		"retime past all time":           {script.Edit{Op: script.Retime, ID: "e001", Start: new(9.0), End: new(1e300)}, "ends after the picture"},
		"insert past the picture":        {script.Edit{Op: script.Insert, Text: "x", Start: new(9.0), End: new(10.5)}, "ends after the picture"},
		"split before the event":         {script.Edit{Op: script.Split, ID: "e002", At: new(4.0), Text: "four"}, "the time to split at is not inside the event"},
		"split after the event":          {script.Edit{Op: script.Split, ID: "e002", At: new(6.0), Text: "four"}, "the time to split at is not inside the event"},
		"split with all words after":     {script.Edit{Op: script.Split, ID: "e001", At: new(1.1)}, "no word is heard on one side of that time"},
		"split with all words before":    {script.Edit{Op: script.Split, ID: "e001", At: new(2.9)}, "no word is heard on one side of that time"},
		"split without the second text":  {script.Edit{Op: script.Split, ID: "e002", At: new(5.0)}, `give in "text" the end of the line that goes to the second part`},
		"split with a text not its end":  {script.Edit{Op: script.Split, ID: "e002", At: new(5.0), Text: "three"}, `give in "text" the end of the line that goes to the second part`},
		"split with nothing left before": {script.Edit{Op: script.Split, ID: "e002", At: new(5.0), Text: "three four"}, `give in "text" the end of the line that goes to the second part`},
		"merge with another kind":        {script.Edit{Op: script.Merge, ID: "e003"}, "the next event differs in kind, character, language or treatment"},
		"merge of the last":              {script.Edit{Op: script.Merge, ID: "e004"}, "no event follows to merge with"},
		"recast belongs to the dub":      {script.Edit{Op: script.Recast, ID: "e001", Voice: "a"}, `a dialogue list does not take "recast"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, tt.edit.Validate())

			got := script.ApplyToDialogue(list(), []script.EditSet{{By: "ana", Edits: []script.Edit{tt.edit}}})

			require.Equal(t, []script.Conflict{{Edit: tt.edit, By: "ana", Reason: tt.reason}}, got.Conflicts)
			require.Equal(t, list().Events, got.Events, "a conflict changes nothing")
		})
	}
}

func TestEditsKeepLineage(t *testing.T) {
	d := script.ApplyToDialogue(list(), []script.EditSet{{By: "ana", Edits: []script.Edit{
		{Op: script.Split, ID: "e001", At: new(2.0)},
		{Op: script.Merge, ID: "e002"},
		{Op: script.Mark, ID: "e002", Presence: script.OnScreen},
		{Op: script.Replace, ID: "e001.1", Text: "too"},
	}}})

	second, _ := d.Event("e001.1")
	merged, _ := d.Event("e002")
	require.Equal(t, []string{"e001"}, second.Origin)
	require.Empty(t, second.Words, "word times do not fit a text that was typed")
	require.Equal(t, []string{"e003"}, merged.Origin)
	require.Equal(t, "softly; off", merged.Note, "notes of both are kept")
	require.Equal(t, script.OnScreen, merged.Presence)
	require.Equal(t, []string{"e003"}, d.Retired)
}

func TestIDsAreNeverGivenAgain(t *testing.T) {
	insert := script.Edit{Op: script.Insert, Start: new(0.0), End: new(0.5), Text: "so", Character: "S1"}
	tests := map[string]struct {
		edits []script.Edit
		want  string // ids, in order
	}{
		"after a delete": {
			[]script.Edit{insert, {Op: script.Delete, ID: "e000+1"}, insert},
			"e000+2 e001 e002 e003 e004",
		},
		"after a split part is deleted": {
			[]script.Edit{
				{Op: script.Split, ID: "e002", At: new(5.0), Text: "four"},
				{Op: script.Delete, ID: "e002.1"},
				{Op: script.Split, ID: "e002", At: new(4.5), Text: "ee"},
			},
			"e001 e002 e002.2 e003 e004",
		},
		"after a merged event is deleted": {
			[]script.Edit{insert, insert, {Op: script.Merge, ID: "e000+2"}, {Op: script.Delete, ID: "e000+2"}, insert},
			"e000+3 e001 e002 e003 e004",
		},
		"after a merge of merges": {
			[]script.Edit{
				insert, insert, {Op: script.Merge, ID: "e000+2"}, {Op: script.Merge, ID: "e000+2"}, insert,
			},
			"e000+3 e000+2 e002 e003 e004",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := script.ApplyToDialogue(list(), []script.EditSet{{By: "ana", Edits: tt.edits}})

			var ids []string
			for _, e := range d.Events {
				ids = append(ids, e.ID)
			}
			require.Empty(t, d.Conflicts)
			require.Equal(t, tt.want, strings.Join(ids, " "))
		})
	}
}

func TestLocalized(t *testing.T) {
	d := script.ApplyToDialogue(list(), []script.EditSet{{By: "ana", Edits: []script.Edit{
		{Op: script.Mark, ID: "e003", Treatment: script.KeepOriginal},
		{Op: script.Mark, ID: "e004", Treatment: script.Localize},
	}}})

	require.Len(t, list().Localized(), 3, "a song keeps its original until a person says otherwise")
	var ids []string
	for _, e := range d.Localized() {
		ids = append(ids, e.ID)
	}
	require.Equal(t, []string{"e001", "e002", "e004"}, ids)
}
