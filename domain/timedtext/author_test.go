package timedtext_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

var (
	fps24 = script.Rate{Num: 24, Den: 1}
	rates = []script.Rate{{Num: 24000, Den: 1001}, fps24, {Num: 25, Den: 1}, {Num: 30000, Den: 1001}, {Num: 50, Den: 1}}
)

func options(language string) timedtext.Options {
	limits, err := timedtext.LimitsFor(timedtext.Netflix, language, timedtext.Adult)
	if err != nil {
		panic(err)
	}
	return timedtext.Options{Language: language, SourceLanguage: "en", Rate: fps24, Limits: limits}
}

// seconds is a time from a decimal number of seconds.
func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func line(id string, start, end float64, text string) timedtext.Line {
	return timedtext.Line{EventID: id, Speaker: "ANA", Start: seconds(start), End: seconds(end), Text: text}
}

// times is the in and out times of cues in frames.
func times(rate script.Rate, cues []timedtext.Cue) [][2]int64 {
	var out [][2]int64
	for _, c := range cues {
		out = append(out, [2]int64{rate.FrameAt(c.Start), rate.FrameAt(c.End)})
	}
	return out
}

func TestAuthorTiming(t *testing.T) {
	tests := map[string]struct {
		lines []timedtext.Line
		shots []float64
		want  [][2]int64 // frames at 24 fps
	}{
		"lingers half a second":                      {[]timedtext.Line{line("e1", 1, 3, "Good morning.")}, nil, [][2]int64{{24, 84}}},
		"stands at least 20 frames":                  {[]timedtext.Line{line("e1", 1, 1.1, "No.")}, nil, [][2]int64{{24, 44}}},
		"stands longer to be read":                   {[]timedtext.Line{line("e1", 1, 2, "This is what forty characters look like.")}, nil, [][2]int64{{24, 72}}},
		"but not more than 1.5 s after the speech":   {[]timedtext.Line{line("e1", 1, 1.5, strings.Repeat("abcd ", 16))}, nil, [][2]int64{{24, 72}}},
		"leaves two frames before the next":          {[]timedtext.Line{line("e1", 1, 3, "One."), line("e2", 3, 4, "Two.")}, nil, [][2]int64{{24, 70}, {72, 108}}},
		"closes a small gap":                         {[]timedtext.Line{line("e1", 1, 3, "One."), line("e2", 3.9, 5, "Two.")}, nil, [][2]int64{{24, 92}, {94, 132}}},
		"leaves a gap of half a second":              {[]timedtext.Line{line("e1", 1, 3, "One."), line("e2", 4, 5, "Two.")}, nil, [][2]int64{{24, 84}, {96, 132}}},
		"comes in on the cut just before":            {[]timedtext.Line{line("e1", 1.25, 3, "One.")}, []float64{1}, [][2]int64{{24, 84}}},
		"comes in on the cut just after":             {[]timedtext.Line{line("e1", 1, 3, "One.")}, []float64{32.0 / 24}, [][2]int64{{32, 84}}},
		"keeps away from a cut half a second on":     {[]timedtext.Line{line("e1", 1, 3, "One.")}, []float64{33.0 / 24}, [][2]int64{{21, 84}}},
		"goes out two frames before a cut":           {[]timedtext.Line{line("e1", 1, 3, "One.")}, []float64{3.25}, [][2]int64{{24, 76}}},
		"stretches to a cut":                         {[]timedtext.Line{line("e1", 1, 3, "One.")}, []float64{3.75}, [][2]int64{{24, 88}}},
		"people who speak at once follow each other": {[]timedtext.Line{line("e1", 1, 2, "One."), line("e2", 1, 2, "Two.")}, nil, [][2]int64{{24, 44}, {46, 66}}},
		"never before the programme":                 {[]timedtext.Line{line("e1", -1, 1, "One.")}, nil, [][2]int64{{0, 36}}},
		"not longer than seven seconds":              {[]timedtext.Line{line("e1", 0, 9, "Nooo!")}, nil, [][2]int64{{0, 168}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := options("en")
			for _, shot := range tt.shots {
				o.Shots = append(o.Shots, seconds(shot))
			}

			cues, _ := timedtext.Author(tt.lines, o)

			require.Equal(t, tt.want, times(fps24, cues))
		})
	}
}

func TestAuthorEndsWithTheProgramme(t *testing.T) {
	o := options("en")
	o.Duration = 3 * time.Second

	cues, _ := timedtext.Author([]timedtext.Line{line("e1", 1, 2.9, "The end.")}, o)

	require.Equal(t, [][2]int64{{24, 72}}, times(fps24, cues))
}

func TestAuthorDividesALongEvent(t *testing.T) {
	text := "I was born in a small town by the sea. My father was a fisherman, and his father before him. " +
		"Nobody ever asked me what I wanted to become."

	cues, notes := timedtext.Author([]timedtext.Line{line("e12", 10, 20, text)}, options("en"))

	require.Empty(t, notes)
	require.Equal(t, []string{"e12", "e12.2", "e12.3"}, ids(cues))
	require.Equal(t, []string{"I was born in a small town by the sea."}, cues[0].Lines)
	require.Equal(t, []string{"My father was a fisherman,", "and his father before him."}, cues[1].Lines)
	require.Equal(t, []string{"Nobody ever asked me", "what I wanted to become."}, cues[2].Lines)
	for _, c := range cues {
		require.Equal(t, []string{"e12"}, c.Events)
	}
}

func ids(cues []timedtext.Cue) []string {
	var out []string
	for _, c := range cues {
		out = append(out, c.ID)
	}
	return out
}

// words spreads the words of a text over [start, end], with a pause of two
// seconds before the word at pause.
func words(text string, start, end float64, pause int) []timedtext.Word {
	fields := strings.Fields(text)
	each := (end - start - 2) / float64(len(fields))
	var out []timedtext.Word
	for i, f := range fields {
		at := start + each*float64(i)
		if i >= pause {
			at += 2
		}
		out = append(out, timedtext.Word{Text: f, Start: seconds(at), End: seconds(at + each)})
	}
	return out
}

func TestAuthorUsesWordTimes(t *testing.T) {
	text := "Wait for me here because I am coming back"
	l := line("e1", 0, 6.5, text)
	l.Words = words(text, 0, 6.5, 4)

	cues, _ := timedtext.Author([]timedtext.Line{l}, options("en"))

	require.Equal(t, []string{"e1", "e1.2"}, ids(cues))
	require.Equal(t, "Wait for me here", cues[0].Text("en"), "the pause divides the line")
	require.Equal(t, 4*time.Second, cues[1].Start)
}

func TestAuthorMeetsThePausesOfTheOriginal(t *testing.T) {
	l := line("e1", 0, 12, "Eu nasci numa cidade pequena perto do mar, bem longe daqui. Ninguém nunca me perguntou o que eu queria ser na vida, sabe?")
	l.Words = words("I was born far away from here. Nobody ever asked me anything, you know?", 0, 12, 7)

	cues, _ := timedtext.Author([]timedtext.Line{l}, options("pt-BR"))

	require.Len(t, cues, 2)
	require.Equal(t, fps24.Snap(l.Words[7].Start), cues[1].Start)
}

func TestAuthorNotes(t *testing.T) {
	late := []timedtext.Line{line("e1", 1, 2, "One."), line("e2", 1.1, 2, "Two."), line("e3", 1.2, 2, "Three.")}
	tests := map[string]struct {
		lines []timedtext.Line
		want  timedtext.NoteCode
	}{
		"no text":   {[]timedtext.Line{line("e1", 1, 2, " ")}, timedtext.NoteNoText},
		"too wide":  {[]timedtext.Line{line("e1", 1, 4, strings.Repeat("a", 43))}, timedtext.NoteTooWide},
		"too fast":  {[]timedtext.Line{line("e1", 1, 1.2, strings.Repeat("abcd ", 14))}, timedtext.NoteFast},
		"late":      {late, timedtext.NoteLate},
		"unbounded": {[]timedtext.Line{line("e1", 1, 9, "Nooo!")}, timedtext.NoteTooLong},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, notes := timedtext.Author(tt.lines, options("en"))

			require.NotEmpty(t, notes)
			require.Equal(t, tt.want, notes[0].Code)
			require.NotEmpty(t, notes[0].Message)
		})
	}
}

func TestAuthorWithoutARate(t *testing.T) {
	o := options("en")
	o.Rate = script.Rate{}

	cues, notes := timedtext.Author([]timedtext.Line{line("e1", 1, 2, "One.")}, o)

	require.Len(t, cues, 1)
	require.Equal(t, timedtext.NoteNoRate, notes[0].Code)
}

// Whatever the dialogue: every word stays, in order; ids are unique; cues stand
// on the frame grid, long enough, apart from each other, and within their lines.
func TestAuthorHoldsItsPromises(t *testing.T) {
	vocabulary := strings.Fields("a the of Ana Silva vinte e cinco casa, mar. não! coming R$ 30 extraordinariamente é – « » ok?")
	rapid.Check(t, func(t *rapid.T) {
		o := options(rapid.SampledFrom([]string{"en", "pt-BR", "fr", "de"}).Draw(t, "language"))
		o.Rate = rapid.SampledFrom(rates).Draw(t, "rate")
		for range rapid.IntRange(0, 10).Draw(t, "shots") {
			o.Shots = append(o.Shots, time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "shot")))
		}
		var lines []timedtext.Line
		for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
			start := rapid.Int64Range(0, int64(40*time.Second)).Draw(t, "start")
			length := rapid.Int64Range(-1, int64(12*time.Second)).Draw(t, "length")
			text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 40).Draw(t, "text"), " ")
			lines = append(lines, timedtext.Line{EventID: fmt.Sprintf("e%d", i), Start: time.Duration(start), End: time.Duration(start + length), Text: text})
		}

		cues, _ := timedtext.Author(lines, o)
		again, _ := timedtext.Author(lines, o)

		require.Equal(t, cues, again)
		text, seen := map[string]string{}, map[string]bool{}
		for i, c := range cues {
			require.False(t, seen[c.ID])
			seen[c.ID] = true
			text[c.Events[0]] += squeeze(c.Text(o.Language))
			require.Equal(t, o.Rate.Snap(c.Start), c.Start)
			require.Equal(t, o.Rate.Snap(c.End), c.End)
			require.GreaterOrEqual(t, c.Duration(), o.Limits.MinDuration.Value-timedtext.Tolerance)
			require.LessOrEqual(t, c.Duration(), o.Limits.MaxDuration.Value+timedtext.Tolerance)
			require.LessOrEqual(t, len(c.Lines), 2)
			for _, l := range c.Lines {
				require.LessOrEqual(t, timedtext.Length(l, o.Language), 42.0)
			}
			if i > 0 {
				require.GreaterOrEqual(t, o.Rate.FrameAt(c.Start)-o.Rate.FrameAt(cues[i-1].End), int64(2))
			}
		}
		for _, l := range lines {
			require.Equal(t, squeeze(l.Text), text[l.EventID])
		}
	})
}

func BenchmarkAuthor(b *testing.B) {
	var lines []timedtext.Line
	for i := range 2000 {
		lines = append(lines, line(fmt.Sprintf("e%d", i), float64(i)*3, float64(i)*3+2.5, "Quem mandou a carta foi Ana da Silva, ontem à noite, e ninguém sabe por quê."))
	}
	o := options("pt-BR")
	for b.Loop() {
		timedtext.Author(lines, o)
	}
}
