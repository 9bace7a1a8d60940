package qa_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/timedtext"
)

func TestRepair(t *testing.T) {
	long := "Quem mandou a carta foi a Ana, ontem à noite"
	tests := map[string]struct {
		cues    []timedtext.Cue
		shots   []int
		want    []timedtext.Cue
		remains []string
	}{
		"nothing to do":                 {[]timedtext.Cue{cue(1000, 3000, "A.")}, nil, []timedtext.Cue{cue(1000, 3000, "A.")}, nil},
		"order":                         {[]timedtext.Cue{cue(5000, 7000, "B."), cue(1000, 3000, "A.")}, nil, []timedtext.Cue{cue(1000, 3000, "A."), cue(5000, 7000, "B.")}, nil},
		"too short, with room":          {[]timedtext.Cue{cue(1000, 1500, "A.")}, nil, []timedtext.Cue{at(24, 44, cue(1000, 0, "A."))}, nil},
		"too short, without room":       {[]timedtext.Cue{cue(1000, 1500, "A."), cue(1600, 3000, "B.")}, nil, []timedtext.Cue{cue(1000, 1500, "A."), cue(1600, 3000, "B.")}, []string{"TIM002"}},
		"too fast, with room":           {[]timedtext.Cue{cue(1000, 2000, "Este texto tem trinta e quatro...!")}, nil, []timedtext.Cue{at(24, 72, cue(1000, 0, "Este texto tem trinta e quatro...!"))}, nil},
		"overlap":                       {[]timedtext.Cue{cue(1000, 4000, "A."), cue(3000, 5000, "B.")}, nil, []timedtext.Cue{at(24, 70, cue(1000, 0, "A.")), cue(3000, 5000, "B.")}, nil},
		"overlap of the whole":          {[]timedtext.Cue{cue(1000, 3000, "A."), at(24, 72, cue(1001, 0, "B."))}, nil, []timedtext.Cue{cue(1000, 3000, "A."), at(24, 72, cue(1001, 0, "B."))}, []string{"TIM004"}},
		"no trade of major for major":   {[]timedtext.Cue{cue(1000, 1834, "A."), cue(1875, 3000, "B.")}, nil, []timedtext.Cue{cue(1000, 1834, "A."), cue(1875, 3000, "B.")}, []string{"TIM005"}},
		"gap":                           {[]timedtext.Cue{cue(1000, 3000, "A."), cue(3000, 5000, "B.")}, nil, []timedtext.Cue{at(24, 70, cue(1000, 0, "A.")), cue(3000, 5000, "B.")}, nil},
		"near a cut":                    {[]timedtext.Cue{cue(1000, 3000, "A.")}, []int{3250}, []timedtext.Cue{at(24, 76, cue(1000, 0, "A."))}, nil},
		"line too long":                 {[]timedtext.Cue{cue(1000, 7000, long)}, nil, []timedtext.Cue{cue(1000, 7000, "Quem mandou a carta foi a Ana,", "ontem à noite")}, nil},
		"three lines":                   {[]timedtext.Cue{cue(1000, 7000, "Quem mandou", "a carta foi a Ana,", "ontem à noite")}, nil, []timedtext.Cue{cue(1000, 7000, "Quem mandou a carta foi a Ana,", "ontem à noite")}, nil},
		"needlessly two lines":          {[]timedtext.Cue{cue(1000, 3000, "Bom", "dia.")}, nil, []timedtext.Cue{cue(1000, 3000, "Bom dia.")}, nil},
		"too long stays for a person":   {[]timedtext.Cue{cue(1000, 9000, "A.")}, nil, []timedtext.Cue{cue(1000, 9000, "A.")}, []string{"TIM003"}},
		"an empty cue stays for one":    {[]timedtext.Cue{cue(1000, 3000)}, nil, []timedtext.Cue{cue(1000, 3000)}, []string{"TXT021"}},
		"two speakers are not rejoined": {[]timedtext.Cue{cue(1000, 7000, "- A.", "- B.", "- C.")}, nil, []timedtext.Cue{cue(1000, 7000, "- A.", "- B.", "- C.")}, []string{"TXT002"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := known()
			for _, shot := range tt.shots {
				ctx.Shots = append(ctx.Shots, ms(shot))
			}

			doc, _, report := qa.Repair(document(tt.cues...), ctx)

			require.Equal(t, tt.want, doc.Cues)
			require.Equal(t, tt.remains, rulesOf(report.Findings))
		})
	}
}

// at gives a cue the times of frames at 24 fps.
func at(in, out int64, c timedtext.Cue) timedtext.Cue {
	c.Start, c.End = fps24.TimeOf(in), fps24.TimeOf(out)
	return c
}

func TestRepairTrimsOnlyAfterTheSpeech(t *testing.T) {
	c := cue(1000, 9000, "A.")
	c.Events = []string{"e1"}

	over, changes, _ := qa.Repair(document(c), known(qa.Event{ID: "e1", Start: ms(1000), End: ms(6000)}))
	still, none, _ := qa.Repair(document(c), known(qa.Event{ID: "e1", Start: ms(1000), End: ms(9000)}))

	require.Equal(t, ms(8000), over.Cues[0].End)
	require.Equal(t, "TIM003", changes[0].Rule)
	require.Equal(t, ms(9000), still.Cues[0].End)
	require.Empty(t, none)
}

func TestRepairKeepsDialogueCovered(t *testing.T) {
	doc := document(cue(1000, 3000, "A."), cue(3000, 5000, "B."))
	ctx := known(qa.Event{ID: "e1", Start: ms(2990), End: ms(2999)})

	_, changes, report := qa.Repair(doc, ctx)

	require.Empty(t, changes, "a shorter cue would leave the event without one")
	require.Equal(t, []string{"TIM005"}, rulesOf(report.Findings))
}

// Whatever is handed in, a repair never changes a word or an in time, never
// makes anything worse, and has nothing left to do afterwards.
func TestRepairHoldsItsPromises(t *testing.T) {
	words := strings.Fields("a o de não casa, mar. -Oi Ana Silva R$ 30 extraordinariamente – ok?")
	rapid.Check(t, func(t *rapid.T) {
		ctx := known()
		ctx.Language = rapid.SampledFrom([]string{"pt-BR", "en", "ja"}).Draw(t, "language")
		var doc timedtext.Document
		for i := range rapid.IntRange(0, 8).Draw(t, "cues") {
			start := rapid.IntRange(-500, 20_000).Draw(t, "start")
			c := cue(start, start+rapid.IntRange(-500, 9000).Draw(t, "length"))
			c.ID = fmt.Sprintf("c%d", i)
			for range rapid.IntRange(0, 3).Draw(t, "lines") {
				c.Lines = append(c.Lines, strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(t, "line"), " "))
			}
			if rapid.Bool().Draw(t, "linked") {
				c.Events = []string{"e" + c.ID}
			}
			doc.Cues = append(doc.Cues, c)
			if rapid.Bool().Draw(t, "event") {
				ctx.Events = append(ctx.Events, qa.Event{ID: "e" + c.ID, Start: c.Start, End: c.Start + ms(1500)})
			}
		}
		for range rapid.IntRange(0, 8).Draw(t, "shots") {
			ctx.Shots = append(ctx.Shots, ms(rapid.IntRange(0, 30_000).Draw(t, "shot")))
		}
		before := qa.CheckSubtitles(doc, ctx)

		once, changes, report := qa.Repair(doc, ctx)
		twice, none, _ := qa.Repair(once, ctx)

		require.Empty(t, none)
		require.Equal(t, once, twice)
		require.LessOrEqual(t, report.Score, before.Score-len(changes))
		known := serious(before)
		for key := range serious(report) {
			require.True(t, known[key], "new: %s", key)
		}
		require.Equal(t, content(doc), content(once))
	})
}

func serious(r qa.Report) map[string]bool {
	found := map[string]bool{}
	for _, f := range r.Findings {
		if f.Severity != qa.Minor {
			found[f.Rule+" "+f.Cue+" "+f.Event] = true
		}
	}
	return found
}

// content is what a repair must not touch: the in time and words of each cue.
func content(doc timedtext.Document) map[string]string {
	text := map[string]string{}
	for _, c := range doc.Cues {
		text[c.ID] = c.Start.String() + strings.Join(strings.Fields(strings.Join(c.Lines, "")), "")
	}
	return text
}

// What Author makes of dialogue without overlaps is free of critical findings,
// and of all others but those that only a shorter text can mend.
func TestAuthoredSubtitlesPass(t *testing.T) {
	text := strings.Fields("Quem mandou a carta foi a Ana da Silva, ontem à noite. E ninguém sabe por quê! Você acha que vinte e cinco pessoas viram?")
	rapid.Check(t, func(t *rapid.T) {
		o := timedtext.Options{Language: "pt-BR", SourceLanguage: "en", Rate: fps24, Limits: limits("pt-BR")}
		var lines []timedtext.Line
		var ctx qa.Context
		start := time.Second
		for i := range rapid.IntRange(1, 12).Draw(t, "lines") {
			n := rapid.IntRange(1, 30).Draw(t, "words")
			length := time.Duration(n)*400*time.Millisecond + time.Duration(rapid.IntRange(400, 900).Draw(t, "extra"))*time.Millisecond
			id := fmt.Sprintf("e%d", i)
			var say []string
			for w := range n {
				say = append(say, text[(i+w)%len(text)])
			}
			lines = append(lines, timedtext.Line{EventID: id, Start: start, End: start + length, Text: strings.Join(say, " ")})
			ctx.Events = append(ctx.Events, qa.Event{ID: id, Start: start, End: start + length})
			start += length + time.Duration(rapid.IntRange(0, 2000).Draw(t, "pause"))*time.Millisecond
		}
		for range rapid.IntRange(0, 6).Draw(t, "shots") {
			o.Shots = append(o.Shots, time.Duration(rapid.Int64Range(0, int64(start)).Draw(t, "shot")))
		}
		o.Duration = start + time.Second
		ctx.Limits, ctx.Rate, ctx.Shots, ctx.Duration = o.Limits, o.Rate, o.Shots, o.Duration

		cues, _ := timedtext.Author(lines, o)
		report := qa.CheckSubtitles(timedtext.Document{Language: "pt-BR", Cues: cues}, ctx)

		for _, f := range report.Findings {
			require.Contains(t, []string{"TIM008", "SHT003", "SHT004"}, f.Rule, "%+v", f)
		}
	})
}

func BenchmarkRepair(b *testing.B) {
	var doc timedtext.Document
	for i := range 2000 {
		doc.Cues = append(doc.Cues, cue(i*3000, i*3000+3000, "Quem mandou a carta foi a Ana da Silva,", "ontem à noite."))
	}
	for b.Loop() {
		_, changes, _ := qa.Repair(doc, known())
		require.Len(b, changes, 1999)
	}
}
