package script_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/script"
)

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		edit script.Edit
		want string // "" where the edit is good, else part of the refusal
	}{
		"replace":                       {script.Edit{Op: script.Replace, ID: "e001", Text: "x"}, ""},
		"replace with nothing":          {script.Edit{Op: script.Replace, ID: "e001", Text: " \n"}, `{"op":"delete","id":"e001"}`},
		"replace of nothing":            {script.Edit{Op: script.Replace, Text: "x"}, `replace: give the "id" of the entry`},
		"retime":                        {script.Edit{Op: script.Retime, ID: "e001", Start: new(0.0), End: new(0.5)}, ""},
		"retime without an end":         {script.Edit{Op: script.Retime, ID: "e001", Start: new(1.0)}, "give \"start\" and \"end\""},
		"retime without a start":        {script.Edit{Op: script.Retime, ID: "e001", End: new(1.0)}, "give \"start\" and \"end\""},
		"retime backwards":              {script.Edit{Op: script.Retime, ID: "e001", Start: new(2.0), End: new(1.0)}, "end after start"},
		"retime before the picture":     {script.Edit{Op: script.Retime, ID: "e001", Start: new(-1.0), End: new(1.0)}, "end after start"},
		"retime to no time at all":      {script.Edit{Op: script.Retime, ID: "e001", Start: new(1.0001), End: new(1.0002)}, "end after start"},
		"split":                         {script.Edit{Op: script.Split, ID: "e001", At: new(1.0)}, ""},
		"split nowhere":                 {script.Edit{Op: script.Split, ID: "e001"}, `split e001: give "at" in seconds`},
		"split at the first frame":      {script.Edit{Op: script.Split, ID: "e001", At: new(0.0)}, `split e001: give "at" in seconds`},
		"merge":                         {script.Edit{Op: script.Merge, ID: "e001"}, ""},
		"merge of nothing":              {script.Edit{Op: script.Merge}, `merge: give the "id" of the entry`},
		"insert first":                  {script.Edit{Op: script.Insert, Text: "x", Start: new(0.0), End: new(1.0)}, ""},
		"insert of a kind":              {script.Edit{Op: script.Insert, ID: "e001", Kind: script.Walla, Text: "x", Start: new(0.0), End: new(1.0)}, ""},
		"insert of an unknown kind":     {script.Edit{Op: script.Insert, Kind: "noise", Text: "x", Start: new(0.0), End: new(1.0)}, `unknown kind "noise"`},
		"insert without text":           {script.Edit{Op: script.Insert, Start: new(0.0), End: new(1.0)}, `give "text", "start" and "end"`},
		"insert without times":          {script.Edit{Op: script.Insert, Text: "x"}, `give "text", "start" and "end"`},
		"delete":                        {script.Edit{Op: script.Delete, ID: "e001"}, ""},
		"delete of nothing":             {script.Edit{Op: script.Delete}, `delete: give the "id" of the entry`},
		"mark":                          {script.Edit{Op: script.Mark, ID: "e001", Treatment: script.KeepOriginal}, ""},
		"mark with nothing":             {script.Edit{Op: script.Mark, ID: "e001"}, `give "kind", "treatment", "presence", "character" or "note"`},
		"mark with an unknown kind":     {script.Edit{Op: script.Mark, ID: "e001", Kind: "noise"}, `unknown kind "noise"`},
		"mark with another treatment":   {script.Edit{Op: script.Mark, ID: "e001", Treatment: "drop"}, `unknown treatment "drop"`},
		"mark with another presence":    {script.Edit{Op: script.Mark, ID: "e001", Presence: "maybe"}, `presence is "on" or "off", not "maybe"`},
		"mark of nothing":               {script.Edit{Op: script.Mark, Note: "x"}, `mark: give the "id" of the entry`},
		"recast a line":                 {script.Edit{Op: script.Recast, ID: "e001", Voice: "pm_alex"}, ""},
		"recast a character":            {script.Edit{Op: script.Recast, Character: "S1", Voice: "pm_alex"}, ""},
		"recast nobody":                 {script.Edit{Op: script.Recast, Voice: "pm_alex"}, `give "voice", and "id" of a line or "character"`},
		"recast without a voice":        {script.Edit{Op: script.Recast, ID: "e001"}, `give "voice"`},
		"no operation":                  {script.Edit{ID: "e001"}, `unknown operation ""`},
		"an operation of another trade": {script.Edit{Op: "drop", ID: "e001"}, `unknown operation "drop"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := tt.edit.Validate()

			if tt.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.want)
			}
		})
	}
}

func TestSeconds(t *testing.T) {
	require.Equal(t, time.Duration(0), script.Seconds(0))
	require.Equal(t, 1230*time.Millisecond, script.Seconds(1.23))
	require.Equal(t, 2*time.Millisecond, script.Seconds(0.0016))
	require.Positive(t, script.Seconds(1e300), "beyond any cut, but never round the corner")
}

// events are the localized events of the tests below.
func events() []script.Event {
	return []script.Event{
		{ID: "e001", Kind: script.Dialogue, Text: "One."},
		{ID: "e002", Kind: script.Dialogue, Text: "Two."},
		{ID: "e003", Kind: script.Dialogue, Text: "Three."},
	}
}

func TestApplyToTranslation(t *testing.T) {
	machine := script.Translation{
		From: "en", To: "de",
		Lines: []script.Line{
			{Event: "e001", Source: "One.", Text: "Eins.", Origin: "mt"},
			{Event: "e003", Source: "Three.", Text: "Drei.", Origin: "mt"},
		},
		Failures: []script.Failure{{Event: "e002", Kind: "Refused", Reason: "declined"}},
	}
	tests := map[string]struct {
		sets      []script.EditSet
		lines     string // texts, joined
		failures  int
		conflicts []string // reasons
	}{
		"nothing to apply": {nil, "Eins.|Drei.", 1, nil},
		"replace": {
			[]script.EditSet{{By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e001", Text: "Ein.", Was: "One."}}}},
			"Ein.|Drei.", 1, nil,
		},
		"a failure is filled, in its place": {
			[]script.EditSet{{By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e002", Text: "Zwei."}}}},
			"Eins.|Zwei.|Drei.", 0, nil,
		},
		"the later set wins": {
			[]script.EditSet{
				{By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e001", Text: "Ein."}}},
				{By: "bea", Edits: []script.Edit{{Op: script.Replace, ID: "e001", Text: "1."}}},
			},
			"1.|Drei.", 1, nil,
		},
		"another source line is a conflict": {
			[]script.EditSet{{By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e001", Text: "Ein.", Was: "Won."}}}},
			"Eins.|Drei.", 1,
			[]string{"the source line has changed since"},
		},
		"a line that is gone is a conflict": {
			[]script.EditSet{{By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e009", Text: "Neun."}}}},
			"Eins.|Drei.", 1,
			[]string{"no localized event has this id"},
		},
		"structure belongs to the dialogue gate": {
			[]script.EditSet{{By: "ana", Edits: []script.Edit{{Op: script.Delete, ID: "e001"}}}},
			"Eins.|Drei.", 1,
			[]string{"a translation takes replace alone; change timing and structure at the dialogue gate"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := asJSON(t, machine)

			got := script.ApplyToTranslation(machine, events(), tt.sets)

			var lines, conflicts []string
			for _, l := range got.Lines {
				lines = append(lines, l.Text)
			}
			for _, c := range got.Conflicts {
				require.Equal(t, "ana", c.By)
				conflicts = append(conflicts, c.Reason)
			}
			require.Equal(t, tt.lines, strings.Join(lines, "|"))
			require.Len(t, got.Failures, tt.failures)
			require.Equal(t, tt.conflicts, conflicts)
			require.JSONEq(t, before, asJSON(t, machine), "the machine's translation stays as it was")
		})
	}
}

// What a person wrote is put over every translation that machines make anew,
// until the line it was written for is another one.
func TestTranslationEditsAreCarriedForward(t *testing.T) {
	sets := []script.EditSet{{By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e002", Text: "Zwo.", Was: "Two."}}}}
	anew := script.Translation{Lines: []script.Line{
		{Event: "e001", Source: "One.", Text: "Eins!", Origin: "mt2"},
		{Event: "e002", Source: "Two.", Text: "Zwei!", Origin: "mt2"},
	}}
	revised := events()
	revised[1].Text = "Too."

	kept := script.ApplyToTranslation(anew, events(), sets)
	stale := script.ApplyToTranslation(anew, revised, sets)

	line, ok := kept.Line("e002")
	require.True(t, ok)
	require.Equal(t, script.Line{Event: "e002", Source: "Two.", Text: "Zwo.", Origin: "edit:ana"}, line)
	require.Empty(t, kept.Conflicts)
	line, _ = stale.Line("e002")
	require.Equal(t, "Zwei!", line.Text)
	require.Equal(t, []script.Conflict{{Edit: sets[0].Edits[0], By: "ana", Reason: "the source line has changed since"}}, stale.Conflicts)
	_, ok = kept.Line("e003")
	require.False(t, ok, "nobody made that line")
}

func TestApplyToDub(t *testing.T) {
	adapted := script.DubScript{Lines: []script.DubLine{
		{Event: "e001", Character: "S1", Voice: "a", Source: "One.", Text: "Eins."},
		{Event: "e002", Character: "S2", Voice: "b", Source: "Two.", Text: "Zwei."},
		{Event: "e003", Character: "S1", Voice: "a", Source: "Three.", Text: "Drei."},
	}}
	tests := map[string]struct {
		edit     script.Edit
		want     string // voice:text of every line
		conflict string
	}{
		"replace the words of the dub":       {script.Edit{Op: script.Replace, ID: "e002", Text: "Zwo.", Was: "Zwei."}, "a:Eins. b:Zwo. a:Drei.", ""},
		"the line has changed":               {script.Edit{Op: script.Replace, ID: "e002", Text: "Zwo.", Was: "Zwoo."}, "a:Eins. b:Zwei. a:Drei.", "the line has changed since"},
		"recast a line":                      {script.Edit{Op: script.Recast, ID: "e003", Voice: "c"}, "a:Eins. b:Zwei. c:Drei.", ""},
		"recast a character":                 {script.Edit{Op: script.Recast, Character: "S1", Voice: "c"}, "c:Eins. b:Zwei. c:Drei.", ""},
		"nobody of that name":                {script.Edit{Op: script.Recast, Character: "S9", Voice: "c"}, "a:Eins. b:Zwei. a:Drei.", "no line of the dub has this id or character"},
		"a line that is gone":                {script.Edit{Op: script.Replace, ID: "e009", Text: "x"}, "a:Eins. b:Zwei. a:Drei.", "no line of the dub has this id or character"},
		"timing belongs to the other gate":   {script.Edit{Op: script.Retime, ID: "e001", Start: new(1.0), End: new(2.0)}, "a:Eins. b:Zwei. a:Drei.", "the dub script takes replace and recast; change timing and structure at the dialogue gate"},
		"a line's id beats a character name": {script.Edit{Op: script.Recast, ID: "e002", Character: "S1", Voice: "c"}, "a:Eins. c:Zwei. a:Drei.", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := asJSON(t, adapted)

			got := script.ApplyToDub(adapted, []script.EditSet{{By: "ana", Edits: []script.Edit{tt.edit}}})

			var lines []string
			for _, l := range got.Lines {
				lines = append(lines, l.Voice+":"+l.Text)
			}
			require.Equal(t, tt.want, strings.Join(lines, " "))
			if tt.conflict == "" {
				require.Empty(t, got.Conflicts)
			} else {
				require.Equal(t, []script.Conflict{{Edit: tt.edit, By: "ana", Reason: tt.conflict}}, got.Conflicts)
			}
			require.JSONEq(t, before, asJSON(t, adapted), "the machine's script stays as it was")
		})
	}
}

// asJSON is v as it is stored.
func asJSON(t require.TestingT, v any) string {
	data, err := json.Marshal(v)
	require.NoError(t, err)
	return string(data)
}

// An edit is remembered with what its editor saw; a second edit of the same
// entry saw what the first had made of it.
func TestRemember(t *testing.T) {
	sent := []script.Edit{
		{Op: script.Replace, ID: "e001", Text: "a"},
		{Op: script.Replace, ID: "e001", Text: "b"},
		{Op: script.Replace, ID: "e002", Text: "c", Was: "own"},
		{Op: script.Delete, ID: "e003"},
		{Op: script.Replace, ID: "e003", Text: "d"},
	}

	got := script.Remember(sent, map[string]string{"e001": "one", "e002": "two", "e003": "three"})

	require.Equal(t, []string{"one", "", "own", "", ""}, []string{got[0].Was, got[1].Was, got[2].Was, got[3].Was, got[4].Was})
	require.Empty(t, sent[0].Was, "what was sent stays as it was")
}
