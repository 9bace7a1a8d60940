package qa_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
)

// A waiver names a finding by its id, so the id holds what stays the same as
// long as the fault does, and nothing else.
func TestFindingID(t *testing.T) {
	tests := map[string]struct {
		finding qa.Finding
		want    string
	}{
		"of a cue":             {qa.Finding{Rule: "TIM008", Cue: "e003.2", Event: "e003", Index: 7, Measured: 21}, "TIM008:e003.2"},
		"of an event":          {qa.Finding{Rule: "TRN001", Event: "e003", Index: -1, Message: "gone"}, "TRN001:e003"},
		"of the document":      {qa.Finding{Rule: "PIC002", Index: -1}, "PIC002"},
		"another place, value": {qa.Finding{Rule: "TIM008", Cue: "e003.2", Index: 9, Measured: 30, Severity: qa.Minor}, "TIM008:e003.2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, tt.finding.ID())
		})
	}
}

func TestReportWith(t *testing.T) {
	r := qa.CheckTranslation([]qa.TranslationLine{{EventID: "e001", Source: "There are 12 moons.", Target: "Há 13 luas."}}, "en", "pt-BR")
	require.Equal(t, qa.Counts{Critical: 1}, r.Counts)

	got := r.With(qa.Missing([]script.Failure{{Event: "e007", Reason: "refused"}, {Event: "e002", Reason: "gone"}})...).
		With(qa.Finding{Rule: "TXT003", Cue: "e001", Index: 0}, qa.Finding{Rule: "TIM002", Cue: "e001", Index: 0, Severity: qa.Minor})

	ids := make([]string, len(got.Findings))
	for i, f := range got.Findings {
		ids[i] = f.ID()
	}
	require.Equal(t, []string{"TRN001:e007", "TRN001:e002", "TRN004:e001", "TIM002:e001", "TXT003:e001"}, ids, "by place, then severity, then rule")
	require.Equal(t, qa.Counts{Critical: 3, Minor: 2}, got.Counts)
	require.Equal(t, 3*qa.Critical.Weight()+2*qa.Minor.Weight(), got.Score)
	require.Equal(t, "missing-translation", got.Findings[0].Name, "the table of rules completes a finding")
	require.Equal(t, "the line has no translation: refused", got.Findings[0].Message)
	require.Equal(t, []any{r.RulesVersion, r.Language, r.NotChecked}, []any{got.RulesVersion, got.Language, got.NotChecked})
	require.Len(t, r.Findings, 1, "the report it was made from stays as it was")
	require.Equal(t, got, got.With(), "nothing added, nothing changed")
	require.False(t, got.Clean())
}

func TestConflicts(t *testing.T) {
	found := qa.Conflicts([]script.Conflict{{Edit: script.Edit{Op: script.Split, ID: "e004"}, By: "ana", Reason: "no cue has this id"}})

	report := qa.Report{}.With(found...)
	require.Equal(t, "EDT001:e004", found[0].ID())
	require.Equal(t, `the edit "split" by ana was not applied: no cue has this id`, found[0].Message)
	require.Equal(t, qa.Counts{Major: 1}, report.Counts, "a person looks at it; it can be approved all the same")
	require.Empty(t, qa.Conflicts(nil))
	require.Empty(t, qa.Missing(nil))
}

func TestCheckDialogue(t *testing.T) {
	words := []script.Word{{Text: "Hello."}}
	event := func(id string, start, end time.Duration, words []script.Word) script.Event {
		return script.Event{ID: id, Kind: script.Dialogue, Start: start * time.Second, End: end * time.Second, Words: words}
	}
	list := script.DialogueList{
		Cut: script.Cut{Rate: script.Rate{Num: 25, Den: 1}, Frames: 250}, Language: "en",
		Events: []script.Event{event("e001", 0, 10, words), event("e002", 9, 11, words), event("e003", 3, 3, nil), event("e004", -1, 1, words)},
		Doubts: []script.Doubt{
			{Reason: "no word times"},
			{Event: "e001", Reason: "hardly understood"},
			{Event: "e003", Reason: "its text was edited"},
			{Event: "e009", Reason: "it was deleted"},
		},
		Conflicts: []script.Conflict{{Edit: script.Edit{Op: script.Merge, ID: "e008"}, By: "ana", Reason: "gone"}},
	}

	got := qa.CheckDialogue(list)

	ids := make([]string, len(got.Findings))
	for i, f := range got.Findings {
		ids[i] = f.ID()
	}
	require.Equal(t, []string{"DLG001", "EDT001:e008", "DLG001:e001", "FMT010:e002", "FMT010:e003", "FMT010:e004"}, ids)
	require.Equal(t, qa.Counts{Critical: 3, Major: 3}, got.Counts)
	require.Equal(t, []any{"en", qa.RulesVersion}, []any{got.Language, got.RulesVersion})
	require.True(t, qa.CheckDialogue(script.DialogueList{}).Clean())
}

func TestCheckPicture(t *testing.T) {
	tests := map[string]struct {
		facts qa.PictureFacts
		want  []string
	}{
		"flawless":             {qa.PictureFacts{OutsideIdentical: true, Closures: 4, ClosuresHit: 4}, nil},
		"half of the closures": {qa.PictureFacts{OutsideIdentical: true, Closures: 4, ClosuresHit: 2}, nil},
		"fewer":                {qa.PictureFacts{OutsideIdentical: true, Closures: 4, ClosuresHit: 1}, []string{"DUB012: 1 of 4 lip closures are hit"}},
		"nobody closes lips":   {qa.PictureFacts{OutsideIdentical: true}, nil},
		"picture changed":      {qa.PictureFacts{}, []string{"PIC002: the engine changed picture outside of the mouth region"}},
		"a shot is missing": {
			qa.PictureFacts{OutsideIdentical: true, Missing: []script.Failure{{Event: "shot 0-24", Reason: "refused"}}},
			[]string{"PIC001:shot 0-24: the shot could not be lip-synced: refused"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range qa.CheckPicture(tt.facts) {
				got = append(got, f.ID()+": "+f.Message)
			}
			require.Equal(t, tt.want, got)
		})
	}
}
