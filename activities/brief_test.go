package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/internal/simengine"
)

// brief is what the gate of a document shows.
func (s *studio) brief(name gate.Name, doc any, report qa.Report, labels []string, context ...contract.StageDoc) gate.Subject {
	s.t.Helper()
	subject, err := do(contract.BuildBrief, s.BuildBrief, contract.BriefIn{
		Job: "film-7", Gate: name, Doc: s.put(doc), Report: s.put(report), Labels: labels, Context: context, From: "en", To: "pt-BR",
	})
	require.NoError(s.t, err)
	return subject
}

// failed is a report of n missing translations after one minor finding.
func failed(n int) qa.Report {
	r := qa.Report{RulesVersion: "rules-1", Language: "pt-BR"}.With(qa.Finding{Rule: "TXT003", Event: "e000", Index: -2, Message: "one line would do"})
	var failures []script.Failure
	for i := range n {
		failures = append(failures, script.Failure{Event: fmt.Sprintf("e%03d", i+1), Reason: "refused"})
	}
	return r.With(qa.Missing(failures)...)
}

// However much was found, a subject stays small: the first critical ids, the
// worst findings and the first lines, and the command that shows the rest.
func TestBuildBriefStaysSmall(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	list := wordy(slices.Repeat([]string{strings.Repeat("&", 500)}, 1000)...)
	doc := script.Translation{From: "en", To: "pt-BR"}
	for _, e := range list.Events {
		doc.Lines = append(doc.Lines, script.Line{Event: e.ID, Source: e.Text, Text: strings.Repeat("語", 500)})
	}

	got := s.brief(gate.Translation, doc, failed(250), []string{"draft grade: translation by sim-mt"}, s.stage(contract.StageDialogue, list))

	require.Equal(t, []int{250, 0, 1, gate.MaxCritical}, []int{got.Criticals, got.Majors, got.Minors, len(got.Critical)})
	require.Equal(t, "TRN001:e001", got.Critical[0])
	require.Equal(t, "rules-1", got.Rules)
	require.Contains(t, got.Brief, "Translation from en to pt-BR: 1000 of 1000 lines.")
	require.Contains(t, got.Brief, "**250 critical, 0 major, 1 minor**")
	require.Contains(t, got.Brief, "\n- draft grade: translation by sim-mt\n")
	require.Equal(t, 10, strings.Count(got.Brief, "\n- critical `TRN001:e"), "the worst findings stand first")
	require.Contains(t, got.Brief, "\n- and 241 more: `babelreel review show film-7 --gate translation --lang pt-BR`")
	rows := strings.Count(got.Brief, "\n| e")
	require.LessOrEqual(t, rows, 20)
	require.Contains(t, got.Brief, fmt.Sprintf("The other %d: `babelreel review show film-7", 1000-rows))
	require.Less(t, len(got.Brief), 10_000)
}

// shape is how markdown is built, whatever its text says: by line, the marks
// that are not escaped.
func shape(markdown string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(markdown, "\r", "\n")) {
		code := false
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case c == '\\' && !code:
				i++
			case c == '`':
				code = !code
				b.WriteByte(c)
			case c == '\n', !code && strings.IndexByte("|*_[~<", c) >= 0:
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

// Whatever a line, a reason or the id of an edit says, it is text: it ends no
// cell, opens no tag and makes no link.
func TestBuildBriefShowsTextAsText(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	of := func(text string) string {
		list := wordy(text, text)
		doc := script.Translation{
			From: "en", To: "pt-BR", Lines: []script.Line{{Event: "e001", Source: text, Text: text}},
			Failures: []script.Failure{{Event: "e002", Reason: text}},
		}
		edit := script.Edit{Op: script.Replace, ID: text, Text: text}
		report := qa.Report{RulesVersion: "rules-1"}.With(qa.Missing(doc.Failures)...).With(qa.Conflicts([]script.Conflict{{Edit: edit, By: text, Reason: text}})...)
		return s.brief(gate.Translation, doc, report, []string{text}, s.stage(contract.StageDialogue, list)).Brief
	}
	plain := shape(of("text"))
	require.Equal(t, 4*4, strings.Count(plain, "|"), "heads, their line, and two rows of three cells")

	for name, text := range map[string]string{
		"a pipe":        "a | b || c",
		"a back tick":   "a ` b ``` c",
		"a tag":         "<img src=x onerror=alert(1)> <!-- ",
		"an entity":     "&lt;script&gt;",
		"a new line":    "a\n\n# b\n| c |",
		"a return":      "a\r\r# b\r| c |",
		"a link":        "[a](https://example.com) ![b](c)",
		"emphasis":      "*a* **b** __c__ ~~d~~",
		"a back slash":  `a \| b \\| c \`,
		"a long letter": strings.Repeat("👩‍👩‍👧‍👦|", 100),
	} {
		require.Equal(t, plain, shape(of(text)), name)
	}
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("a \n\r\t|`*_[]()<>!#&~\\-=é語"))).Draw(r, "text")
		require.Equal(r, plain, shape(of(text)))
	})
}

func TestBuildBriefOfEveryGate(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	second := time.Second
	dialogue := script.DialogueList{Language: "en", Events: []script.Event{
		{ID: "e001", Start: 1500 * millisecond, Character: "ANA", Kind: script.Dialogue, Text: "Hello."},
		{ID: "e002", Start: 3700*second + 40*millisecond, Kind: script.Song, Presence: script.OffScreen, Text: "La la."},
	}}
	subtitles := timedtext.Document{Language: "pt-BR", Cues: []timedtext.Cue{{ID: "e001", Start: 59960 * millisecond, End: 62 * second, Lines: []string{"Olá,", "Ana."}}}}
	dub := script.DubScript{Language: "pt-BR", Lines: []script.DubLine{
		{Event: "e001", Text: "Olá.", Voice: "pt-BR-f1", Slot: 2 * second}, {Event: "e002", Text: "Lá.", Voice: "pt-BR-f1"}, {Event: "e003", Text: "Cá."}, {Event: "e004", Text: "Vá.", Voice: "v", Slot: second},
	}}
	takes := s.put(script.Takes{
		Language: "pt-BR", Failures: []script.Failure{{Event: "e002", Reason: "too long"}},
		Takes: []script.Take{{Event: "e001", Duration: 1900 * millisecond, Ratio: 1}, {Event: "e004", Duration: second, Ratio: 1.25}},
	})
	mix := s.put(contract.Mix{LUFS: -23.04, PeakDBTP: -2.5, BedKind: "ducked original"})
	picture := s.put(contract.Picture{Grade: "preview", Shots: 1, Closures: 4, ClosuresHit: 3})
	tests := map[string]struct {
		gate    gate.Name
		doc     any
		context []contract.StageDoc
		want    []string
	}{
		"dialogue": {gate.Dialogue, dialogue, nil, []string{
			"Dialogue list in en: 2 lines, 1 to localize.", "| e001 | 00:01.5 | Hello. | ANA |", "| e002 | 1:01:40.0 | La la. | song, off screen, kept original |",
		}},
		"subtitles": {gate.Subtitles, subtitles, nil, []string{"Subtitles in pt-BR: 1 subtitle.", "| e001 | 01:00.0 | Olá, / Ana. | 2.04 |"}},
		"premix": {gate.Premix, contract.Premix{Takes: takes}, []contract.StageDoc{s.stage(contract.StageDubScript, dub)}, []string{
			"Premix in pt-BR: 2 of 4 lines voiced.", "| pt-BR-f1, 1.90 of 2.00 s |", "| Lá. | **missing**: too long |", "| Cá. | **missing** |", "1.00 of 1.00 s, 1.25 times natural speed",
			"To hear it", "--gate premix --lang pt-BR --media DIR",
		}},
		"final": {gate.Final, contract.Master{Mix: mix, Picture: picture}, nil, []string{
			"Final master in pt-BR: mix at -23.0 LUFS, true peak -2.5 dBTP, over the ducked original. Lip-sync (preview grade): 1 shot, 3 of 4 lip closures hit.",
		}},
		"final without lip-sync": {gate.Final, contract.Master{Mix: mix}, nil, []string{"over the ducked original. Revision"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := s.brief(tt.gate, tt.doc, qa.Report{RulesVersion: "rules-1"}, nil, tt.context...)

			for _, want := range tt.want {
				require.Contains(t, got.Brief, want)
			}
			require.Contains(t, got.Brief, "checked by rules rules-1: nothing found.")
			require.Contains(t, got.Brief, got.Revision[:12])
			require.Zero(t, got.Criticals+got.Majors+got.Minors)
		})
	}
}
