package qa_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

var fps24 = script.Rate{Num: 24, Den: 1}

func limits(language string) timedtext.Limits {
	l, err := timedtext.LimitsFor(timedtext.Netflix, language, timedtext.Adult)
	if err != nil {
		panic(err)
	}
	return l
}

// known is a context in which nothing is missing: 24 fps, ten minutes, no cuts.
func known(events ...qa.Event) qa.Context {
	if events == nil {
		events = []qa.Event{}
	}
	return qa.Context{Limits: limits("pt-BR"), Language: "pt-BR", Rate: fps24, Duration: 10 * time.Minute, Shots: []time.Duration{}, Events: events}
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// cue is a cue from start to end in milliseconds.
func cue(start, end int, lines ...string) timedtext.Cue {
	return timedtext.Cue{ID: fmt.Sprintf("c%d", start), Start: ms(start), End: ms(end), Lines: lines}
}

func document(cues ...timedtext.Cue) timedtext.Document { return timedtext.Document{Cues: cues} }

func rulesOf(findings []qa.Finding) []string {
	var rules []string
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

func TestCheckSubtitles(t *testing.T) {
	chars := func(n int) string { return strings.Repeat("abcd ", n/5) + strings.Repeat("x", n%5) }
	shots := func(at ...int) func(*qa.Context) {
		return func(c *qa.Context) {
			for _, t := range at {
				c.Shots = append(c.Shots, ms(t))
			}
		}
	}
	events := func(events ...qa.Event) func(*qa.Context) { return func(c *qa.Context) { c.Events = events } }

	tests := map[string]struct {
		cues   []timedtext.Cue
		change func(*qa.Context)
		want   []string
	}{
		"within every limit":             {[]timedtext.Cue{cue(1000, 3000, "Bom dia.")}, nil, nil},
		"no cue":                         {nil, events(qa.Event{ID: "e1", Start: 0, End: 1}), []string{"FMT003", "SYN005"}},
		"no cue and unknown dialogue":    {nil, func(c *qa.Context) { c.Events = nil }, []string{"FMT003"}},
		"no cue in a silent programme":   {nil, nil, nil},
		"out of order":                   {[]timedtext.Cue{cue(5000, 7000, "B."), cue(1000, 3000, "A.")}, nil, []string{"FMT009"}},
		"same start is no disorder":      {[]timedtext.Cue{cue(5000, 7000, "B."), cue(5000, 7000, "A.")}, nil, []string{"TIM004"}},
		"before the programme":           {[]timedtext.Cue{cue(-2, 2000, "A.")}, nil, []string{"FMT010"}},
		"as early as rounding allows":    {[]timedtext.Cue{cue(-1, 2000, "A.")}, nil, nil},
		"at the end of the programme":    {[]timedtext.Cue{cue(598_000, 600_000, "A.")}, nil, nil},
		"past the end of the programme":  {[]timedtext.Cue{cue(598_000, 600_002, "A.")}, nil, []string{"FMT010"}},
		"ends before it starts":          {[]timedtext.Cue{cue(3000, 1000, "A.")}, nil, []string{"TIM001"}},
		"stands for no time":             {[]timedtext.Cue{cue(3000, 3000, "A.")}, nil, []string{"TIM001"}},
		"shortest":                       {[]timedtext.Cue{cue(1000, 1833, "A.")}, nil, nil},
		"shorter than files round it":    {[]timedtext.Cue{cue(1000, 1833-1, "A.")}, nil, []string{"TIM002"}},
		"too short":                      {[]timedtext.Cue{cue(1000, 1800, "A.")}, nil, []string{"TIM002"}},
		"longest":                        {[]timedtext.Cue{cue(1000, 8000, "A.")}, nil, nil},
		"longest as files round it":      {[]timedtext.Cue{cue(1000, 8001, "A.")}, nil, nil},
		"too long":                       {[]timedtext.Cue{cue(1000, 8002, "A.")}, nil, []string{"TIM003"}},
		"overlap":                        {[]timedtext.Cue{cue(1000, 3002, "A."), cue(3000, 5000, "B.")}, nil, []string{"TIM004"}},
		"no frame between is no overlap": {[]timedtext.Cue{cue(1000, 3000, "A."), cue(3000, 5000, "B.")}, nil, []string{"TIM005"}},
		"one frame between":              {[]timedtext.Cue{cue(1000, 2958, "A."), cue(3000, 5000, "B.")}, nil, []string{"TIM005"}},
		"two frames between":             {[]timedtext.Cue{cue(1000, 2917, "A."), cue(3000, 5000, "B.")}, nil, nil},
		"as fast as allowed":             {[]timedtext.Cue{cue(1000, 3000, chars(34))}, nil, nil},
		"too fast":                       {[]timedtext.Cue{cue(1000, 3000, chars(35))}, nil, []string{"TIM008"}},
		"bytes are not characters":       {[]timedtext.Cue{cue(1000, 3000, strings.Repeat("çã", 17))}, nil, nil},
		"out on a cut":                   {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(3000), []string{"SHT004"}},
		"out one frame before a cut":     {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(3042), []string{"SHT004"}},
		"out two frames before a cut":    {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(3083), nil},
		"out three frames before a cut":  {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(3125), []string{"SHT003"}},
		"out eleven frames before a cut": {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(3458), []string{"SHT003"}},
		"out half a second before a cut": {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(3500), nil},
		"out after a cut":                {[]timedtext.Cue{cue(1000, 3000, "A.")}, shots(2900), nil},
		"line as long as allowed":        {[]timedtext.Cue{cue(1000, 7000, chars(42))}, nil, nil},
		"line too long":                  {[]timedtext.Cue{cue(1000, 7000, chars(43))}, nil, []string{"TXT001"}},
		"two lines":                      {[]timedtext.Cue{cue(1000, 7000, chars(22), chars(22))}, nil, nil},
		"three lines":                    {[]timedtext.Cue{cue(1000, 7000, chars(20), chars(20), chars(3))}, nil, []string{"TXT002"}},
		"fits on one line":               {[]timedtext.Cue{cue(1000, 7000, chars(21), "abcdefghijklmnopqrst")}, nil, []string{"TXT003"}},
		"does not fit on one line":       {[]timedtext.Cue{cue(1000, 7000, chars(21), "abcdefghijklmnopqrstu")}, nil, nil},
		"two speakers have two lines":    {[]timedtext.Cue{cue(1000, 7000, "- Oi.", "- Olá.")}, nil, nil},
		"no lines":                       {[]timedtext.Cue{cue(1000, 3000)}, nil, []string{"TXT021"}},
		"invisible text":                 {[]timedtext.Cue{cue(1000, 3000, " \u200b")}, nil, []string{"TXT021"}},
		"a note is text":                 {[]timedtext.Cue{cue(1000, 3000, "♪")}, nil, nil},
		"dialogue shown":                 {[]timedtext.Cue{cue(1000, 3000, "A.")}, events(qa.Event{ID: "e1", Start: ms(2999), End: ms(4000)}), nil},
		"dialogue after the cue":         {[]timedtext.Cue{cue(1000, 3000, "A.")}, events(qa.Event{ID: "e1", Start: ms(3000), End: ms(4000)}), []string{"SYN005"}},
		"dialogue before the cue":        {[]timedtext.Cue{cue(1000, 3000, "A.")}, events(qa.Event{ID: "e1", Start: ms(500), End: ms(1000)}), []string{"SYN005"}},
		"no text shows no dialogue":      {[]timedtext.Cue{cue(1000, 3000)}, events(qa.Event{ID: "e1", Start: ms(1000), End: ms(3000)}), []string{"SYN005", "TXT021"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := known()
			if tt.change != nil {
				tt.change(&ctx)
			}

			report := qa.CheckSubtitles(document(tt.cues...), ctx)

			require.Equal(t, tt.want, rulesOf(report.Findings))
			require.Equal(t, ctx.Events == nil, len(report.NotChecked) > 0)
			for _, f := range report.Findings {
				require.NotEmpty(t, f.Name)
				require.NotEmpty(t, f.Source)
				require.NotEmpty(t, f.Message)
				require.NotEmpty(t, f.Unit)
			}
		})
	}
}

func TestCheckSubtitlesByEventID(t *testing.T) {
	shown := cue(1000, 3000, "A.")
	shown.Events = []string{"e1"}
	ctx := known(qa.Event{ID: "e1", Start: ms(1000), End: ms(3000)}, qa.Event{ID: "e2", Start: ms(1500), End: ms(2000)})

	report := qa.CheckSubtitles(document(shown), ctx)

	require.Equal(t, []string{"SYN005"}, rulesOf(report.Findings), "a cue on the screen is not enough where cues name their events")
	require.Equal(t, "e2", report.Findings[0].Event)
	require.Equal(t, qa.Counts{Critical: 1}, report.Counts)
	require.Equal(t, 25, report.Score)
	require.False(t, report.Clean())
}

func TestCheckSubtitlesSaysWhatItDidNotCheck(t *testing.T) {
	report := qa.CheckSubtitles(document(cue(1000, 3000, "A.")), qa.Context{Limits: limits("pt-BR")})

	var skipped []string
	for _, n := range report.NotChecked {
		require.NotEmpty(t, n.Reason)
		skipped = append(skipped, n.Rule)
	}
	require.Equal(t, []string{"SYN005", "FMT010", "TIM005", "SHT003", "SHT004"}, skipped)
	require.True(t, report.Clean())
}

func BenchmarkCheckSubtitles(b *testing.B) {
	for _, n := range []int{2_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var doc timedtext.Document
			ctx := known()
			ctx.Duration = 0
			for i := range n {
				c := cue(i*3000, i*3000+2900, "Quem mandou a carta foi a Ana da Silva,", "ontem à noite, e ninguém sabe por quê.")
				c.Events = []string{fmt.Sprintf("e%d", i)}
				doc.Cues = append(doc.Cues, c)
				ctx.Events = append(ctx.Events, qa.Event{ID: c.Events[0], Start: c.Start, End: c.End})
				ctx.Shots = append(ctx.Shots, c.Start+ms(1234))
			}
			for b.Loop() {
				require.NotEmpty(b, qa.CheckSubtitles(doc, ctx).Findings)
			}
		})
	}
}
