package timedtext_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// three are cues at 25 fps: from 1, 3 and 5 seconds, a second long.
func three() timedtext.Document {
	cue := func(id string, start time.Duration, lines ...string) timedtext.Cue {
		return timedtext.Cue{ID: id, Start: start * time.Second, End: (start + 1) * time.Second, Lines: lines, Events: []string{id}, Speaker: "ANA"}
	}
	return timedtext.Document{Language: "pt-BR", Rate: script.Rate{Num: 25, Den: 1}, Cues: []timedtext.Cue{
		cue("e001", 1, "Bom dia, Ana."), cue("e002", 3, "Onde está", "a lanterna?"), cue("e003", 5, "Aqui."),
	}}
}

// shown is a document in short: id, times in milliseconds, lines.
func shown(doc timedtext.Document) []string {
	out := make([]string, len(doc.Cues))
	for i, c := range doc.Cues {
		out[i] = fmt.Sprintf("%s %d-%d %s", c.ID, c.Start.Milliseconds(), c.End.Milliseconds(), strings.Join(c.Lines, "/"))
	}
	return out
}

func netflix(t *testing.T) timedtext.Limits {
	t.Helper()
	limits, err := timedtext.LimitsFor(timedtext.Netflix, "pt-BR", timedtext.Adult)
	require.NoError(t, err)
	return limits
}

func TestApply(t *testing.T) {
	const first, second, third = "e001 1000-2000 Bom dia, Ana.", "e002 3000-4000 Onde está/a lanterna?", "e003 5000-6000 Aqui."
	long := "Eu não sei onde está a lanterna que você me deu ontem."
	tests := map[string]struct {
		edits []script.Edit
		want  []string
	}{
		"replace":                     {[]script.Edit{{Op: script.Replace, ID: "e001", Text: " Oi, Ana. "}}, []string{"e001 1000-2000 Oi, Ana.", second, third}},
		"replace in two lines":        {[]script.Edit{{Op: script.Replace, ID: "e001", Text: "Oi,\nAna."}}, []string{"e001 1000-2000 Oi,/Ana.", second, third}},
		"replace breaks what is long": {[]script.Edit{{Op: script.Replace, ID: "e001", Text: long}}, []string{"e001 1000-2000 Eu não sei onde está a lanterna/que você me deu ontem.", second, third}},
		"replace of what was seen":    {[]script.Edit{{Op: script.Replace, ID: "e002", Text: "Cadê?", Was: "Onde está\na lanterna?"}}, []string{first, "e002 3000-4000 Cadê?", third}},
		"retime goes to the grid":     {[]script.Edit{{Op: script.Retime, ID: "e001", Start: new(1.059), End: new(2.061)}}, []string{"e001 1040-2080 Bom dia, Ana.", second, third}},
		"retime into another place":   {[]script.Edit{{Op: script.Retime, ID: "e001", Start: new(7.0), End: new(8.0)}}, []string{second, third, "e001 7000-8000 Bom dia, Ana."}},
		"delete":                      {[]script.Edit{{Op: script.Delete, ID: "e002"}}, []string{first, third}},
		"merge":                       {[]script.Edit{{Op: script.Merge, ID: "e002"}}, []string{first, "e002 3000-6000 Onde está a lanterna? Aqui."}},
		"merge after a retime":        {[]script.Edit{{Op: script.Retime, ID: "e001", Start: new(4.2), End: new(4.8)}, {Op: script.Merge, ID: "e002"}}, []string{"e002 3000-4800 Onde está a lanterna? Bom dia, Ana.", third}},
		"split":                       {[]script.Edit{{Op: script.Split, ID: "e002", At: new(3.49), Text: "a lanterna?"}}, []string{first, "e002 3000-3480 Onde está", "e002.1 3480-4000 a lanterna?", third}},
		"split again":                 {[]script.Edit{{Op: script.Split, ID: "e002", At: new(3.4), Text: "está a lanterna?"}, {Op: script.Split, ID: "e002.1", At: new(3.6), Text: "a lanterna?"}}, []string{first, "e002 3000-3400 Onde", "e002.1 3400-3600 está", "e002.1.1 3600-4000 a lanterna?", third}},
		"insert":                      {[]script.Edit{{Op: script.Insert, ID: "e001", Start: new(2.5), End: new(2.9), Text: "Oi."}}, []string{first, "e001+1 2520-2920 Oi.", second, third}},
		"insert at the beginning":     {[]script.Edit{{Op: script.Insert, Start: new(0.0), End: new(0.5), Text: "Oi."}}, []string{"c000+1 0-520 Oi.", first, second, third}},
		"insert twice":                {[]script.Edit{{Op: script.Insert, ID: "e003", Start: new(7.0), End: new(8.0), Text: "Um."}, {Op: script.Insert, ID: "e003", Start: new(8.0), End: new(9.0), Text: "Dois."}}, []string{first, second, third, "e003+1 7000-8000 Um.", "e003+2 8000-9000 Dois."}},
		"one edit builds on another":  {[]script.Edit{{Op: script.Insert, ID: "e003", Start: new(7.0), End: new(8.0), Text: "Um."}, {Op: script.Replace, ID: "e003+1", Text: "Dois.", Was: "Um."}}, []string{first, second, third, "e003+1 7000-8000 Dois."}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := three()

			got, conflicts := timedtext.Apply(doc, netflix(t), []script.EditSet{{By: "ana", Edits: tt.edits}})

			require.Equal(t, tt.want, shown(got))
			require.Empty(t, conflicts)
			require.Equal(t, three(), doc, "the document that was edited stays as it was")
		})
	}
}

// What a cue shows goes with its parts.
func TestApplyKeepsEvents(t *testing.T) {
	got, conflicts := timedtext.Apply(three(), netflix(t), []script.EditSet{{Edits: []script.Edit{
		{Op: script.Merge, ID: "e001"}, {Op: script.Split, ID: "e001", At: new(3.0), Text: "a lanterna?"},
	}}})

	require.Empty(t, conflicts)
	require.Equal(t, [][]string{{"e001", "e002"}, {"e001", "e002"}, {"e003"}}, [][]string{got.Cues[0].Events, got.Cues[1].Events, got.Cues[2].Events})
	require.Equal(t, "ANA", got.Cues[1].Speaker)
}

// An edit that does not fit changes nothing and is kept with its reason; the
// others are applied.
func TestApplyConflicts(t *testing.T) {
	tests := map[string]struct {
		edit script.Edit
		want string
	}{
		"a cue that is not there":        {script.Edit{Op: script.Replace, ID: "e009", Text: "x"}, "no cue has this id"},
		"insert after none":              {script.Edit{Op: script.Insert, ID: "e009", Start: new(7.0), End: new(8.0), Text: "x"}, "no cue has this id"},
		"a cue that has changed":         {script.Edit{Op: script.Delete, ID: "e001", Was: "Boa noite."}, "the cue has changed since"},
		"lines that were seen as one":    {script.Edit{Op: script.Delete, ID: "e002", Was: "Onde está a lanterna?"}, "the cue has changed since"},
		"merge of the last":              {script.Edit{Op: script.Merge, ID: "e003"}, "no cue follows to merge with"},
		"split at its start":             {script.Edit{Op: script.Split, ID: "e001", At: new(1.0), Text: "Ana."}, "the time to split at is not inside the cue"},
		"split on the grid at its end":   {script.Edit{Op: script.Split, ID: "e001", At: new(1.99), Text: "Ana."}, "the time to split at is not inside the cue"},
		"split without the second part":  {script.Edit{Op: script.Split, ID: "e001", At: new(1.5)}, `give in "text" the end of the cue that goes to the second part`},
		"split of another text":          {script.Edit{Op: script.Split, ID: "e001", At: new(1.5), Text: "Bea."}, `give in "text" the end of the cue that goes to the second part`},
		"split that leaves nothing":      {script.Edit{Op: script.Split, ID: "e001", At: new(1.5), Text: "Bom dia, Ana."}, `give in "text" the end of the cue that goes to the second part`},
		"an operation of another gate":   {script.Edit{Op: script.Recast, ID: "e001", Voice: "v"}, `subtitles do not take "recast"`},
		"another operation of that kind": {script.Edit{Op: script.Mark, ID: "e001", Kind: script.Song}, `subtitles do not take "mark"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			other := script.Edit{Op: script.Insert, Start: new(0.0), End: new(0.4), Text: "Oi."}
			sets := []script.EditSet{{By: "ana", Edits: []script.Edit{tt.edit}}, {By: "bea", Edits: []script.Edit{other}}}

			got, conflicts := timedtext.Apply(three(), netflix(t), sets)

			require.Equal(t, []script.Conflict{{Edit: tt.edit, By: "ana", Reason: tt.want}}, conflicts)
			require.Equal(t, append([]string{"c000+1 0-400 Oi."}, shown(three())...), shown(got))
		})
	}
}

// Without a frame rate, times are kept to the millisecond.
func TestApplyWithoutGrid(t *testing.T) {
	doc := three()
	doc.Rate = script.Rate{}

	got, _ := timedtext.Apply(doc, netflix(t), []script.EditSet{{Edits: []script.Edit{{Op: script.Retime, ID: "e001", Start: new(1.0594), End: new(2.0)}}}})

	require.Equal(t, "e001 1059-2000 Bom dia, Ana.", shown(got)[0])
}

// In languages without spaces, merged lines meet without one.
func TestApplyMergesWithoutSpaces(t *testing.T) {
	doc := three()
	doc.Language = "ja"
	doc.Cues[0].Lines, doc.Cues[1].Lines = []string{"おはよう"}, []string{"アナ"}

	got, _ := timedtext.Apply(doc, netflix(t), []script.EditSet{{Edits: []script.Edit{{Op: script.Merge, ID: "e001"}}}})

	require.Equal(t, "e001 1000-4000 おはようアナ", shown(got)[0])
}

// Whatever valid edits people send, cues stay in order, on the grid and apart by
// id, the edits that did not fit are listed, and the same edits give the same cues.
func TestApplyHoldsItsPromises(t *testing.T) {
	limits := netflix(t)
	rapid.Check(t, func(r *rapid.T) {
		var edits []script.Edit
		for range rapid.IntRange(1, 12).Draw(r, "edits") {
			start := rapid.Float64Range(0, 9).Draw(r, "start")
			edit := script.Edit{
				Op:    rapid.SampledFrom([]script.Op{script.Replace, script.Retime, script.Split, script.Merge, script.Insert, script.Delete}).Draw(r, "op"),
				ID:    rapid.SampledFrom([]string{"e001", "e002", "e003", "e001.1", "e002+1"}).Draw(r, "id"),
				Text:  rapid.SampledFrom([]string{"Ana.", "a lanterna?", "Oi,\nAna."}).Draw(r, "text"),
				Start: new(start), End: new(start + rapid.Float64Range(0.1, 3).Draw(r, "length")), At: new(start + 0.05),
			}
			require.NoError(r, edit.Validate())
			edits = append(edits, edit)
		}
		sets := []script.EditSet{{By: "ana", Edits: edits}}

		got, conflicts := timedtext.Apply(three(), limits, sets)
		again, _ := timedtext.Apply(three(), limits, sets)

		require.Equal(r, got, again)
		require.LessOrEqual(r, len(conflicts), len(edits))
		require.True(r, slices.IsSortedFunc(got.Cues, func(a, b timedtext.Cue) int { return int(a.Start - b.Start) }))
		seen := map[string]bool{}
		for _, c := range got.Cues {
			require.False(r, seen[c.ID], "%s stands twice", c.ID)
			seen[c.ID] = true
			require.NotEmpty(r, strings.Join(c.Lines, ""))
			require.Equal(r, c.Start, got.Rate.Snap(c.Start))
			require.Equal(r, c.End, got.Rate.Snap(c.End))
		}
	})
}
