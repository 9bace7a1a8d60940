package dub_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/dub"
	"github.com/babelreel/babelreel/domain/fault"
)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func said(by string, start, end int) dub.Line {
	return dub.Line{EventID: fmt.Sprintf("e%d", start), Speaker: by, Start: ms(start), End: ms(end)}
}

func TestSlots(t *testing.T) {
	policy := dub.Policy{Gap: ms(100), OnScreen: ms(200), OffScreen: ms(1000)}
	off := said("ANA", 0, 2000)
	off.OffScreen = true

	tests := map[string]struct {
		lines []dub.Line
		want  []int // lengths in milliseconds, in the order of lines
	}{
		"nobody follows":                       {[]dub.Line{said("ANA", 0, 2000)}, []int{2200}},
		"off screen":                           {[]dub.Line{off}, []int{3000}},
		"somebody follows late":                {[]dub.Line{said("ANA", 0, 2000), said("BOB", 2300, 3000)}, []int{2200, 900}},
		"somebody follows soon":                {[]dub.Line{said("ANA", 0, 2000), said("BOB", 2250, 3000)}, []int{2150, 950}},
		"another speaker follows at once":      {[]dub.Line{said("ANA", 0, 2000), said("BOB", 2000, 3000)}, []int{2000, 1200}},
		"the same speaker follows at once":     {[]dub.Line{said("ANA", 0, 2000), said("ANA", 2000, 3000)}, []int{1900, 1200}},
		"another speaker interrupts":           {[]dub.Line{said("ANA", 0, 2000), said("BOB", 1000, 1500)}, []int{2000, 700}},
		"the next line of the same is behind":  {[]dub.Line{said("ANA", 0, 2000), said("BOB", 1000, 1500), said("ANA", 2050, 3000)}, []int{1950, 700, 1150}},
		"one speaker twice at the same moment": {[]dub.Line{said("ANA", 1000, 2000), said("ANA", 1000, 2000)}, []int{0, 1200}},
		"unknown speakers are different ones":  {[]dub.Line{said("", 0, 2000), said("", 2000, 3000)}, []int{2000, 1200}},
		"in any order":                         {[]dub.Line{said("BOB", 2000, 3000), said("ANA", 0, 2000)}, []int{1200, 2000}},
		"ends before it starts":                {[]dub.Line{said("ANA", 2000, 1000)}, []int{0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			for i, s := range dub.Slots(tt.lines, policy) {
				got = append(got, int(s.Length.Milliseconds()))
				require.Equal(t, tt.lines[i].EventID, s.EventID)
				require.Equal(t, tt.lines[i].Start, s.Start)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestSlotsEndWithTheProgramme(t *testing.T) {
	policy := dub.DefaultPolicy()
	policy.Programme = ms(2100)

	slots := dub.Slots([]dub.Line{said("ANA", 1000, 2000)}, policy)

	require.Equal(t, ms(1100), slots[0].Length)
	require.Equal(t, ms(1000), slots[0].Source)
}

func TestFit(t *testing.T) {
	tests := map[string]struct {
		natural, slot time.Duration
		method        dub.Method
		target, ask   time.Duration
		ratio         float64
	}{
		"shorter than its slot":       {ms(1000), ms(3000), dub.Natural, ms(1000), 0, 1},
		"as long as its slot":         {ms(3000), ms(3000), dub.Natural, ms(3000), 0, 1},
		"a little longer":             {ms(3001), ms(3000), dub.Engine, ms(3000), ms(3000), 3001.0 / 3000},
		"as far as the engine goes":   {ms(3600), ms(3000), dub.Engine, ms(3000), ms(3000), 1.2},
		"further":                     {ms(3601), ms(3000), dub.Stretch, ms(3000), 3000833333, 3601.0 / 3000},
		"as far as a stretch goes":    {ms(3900), ms(3000), dub.Stretch, ms(3000), ms(3250), 1.3},
		"too far":                     {ms(3901), ms(3000), dub.Refused, 0, 0, 3901.0 / 3000},
		"no slot":                     {ms(1000), 0, dub.Refused, 0, 0, 0},
		"a slot of less than no time": {ms(1000), ms(-5), dub.Refused, 0, 0, 0},
		"no speech":                   {0, ms(1000), dub.Refused, 0, 0, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			plan := dub.Fit(tt.natural, tt.slot)

			require.Equal(t, tt.method, plan.Method)
			require.Equal(t, tt.target, plan.Target)
			require.InDelta(t, tt.ask, plan.Ask, 1)
			require.InDelta(t, tt.ratio, plan.Ratio, 1e-9)
			require.Equal(t, tt.method == dub.Natural, plan.Reason == "")
		})
	}
}

func TestFitLineSaysHowMuchToShorten(t *testing.T) {
	text := "Quem mandou a carta foi a Ana da Silva, e ninguém" // 49 characters

	require.Contains(t, dub.FitLine(text, ms(4000), ms(2000)).Reason, "shorten the line by about 21 characters")
	require.Zero(t, dub.Excess(text, ms(2300), ms(2000)), "1.15 times is natural")
	require.Equal(t, 1, dub.Excess(text, ms(2301), ms(2000)))
	require.Zero(t, dub.Excess(text, 0, 0))
}

func TestResidual(t *testing.T) {
	plan := dub.Fit(ms(3300), ms(3000))

	off, ok := plan.Residual(ms(3025))
	require.True(t, ok)
	require.Equal(t, ms(25), off)

	off, ok = plan.Residual(ms(2974))
	require.False(t, ok)
	require.Equal(t, ms(-26), off)
}

// A fitted line never outlasts its slot, and is never slower than natural.
func TestFitHoldsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		natural := time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "natural"))
		slot := time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "slot"))

		plan := dub.Fit(natural, slot)

		require.LessOrEqual(t, plan.Target, slot)
		require.LessOrEqual(t, plan.Target, natural)
		require.GreaterOrEqual(t, plan.Ratio, 1.0)
		if plan.Method == dub.Stretch {
			require.GreaterOrEqual(t, plan.Ask, plan.Target)
			require.LessOrEqual(t, plan.Ask, natural)
		}
	})
}

var brazil = []dub.Voice{
	{ID: "af_heart", Language: "en-US", Gender: "f"},
	{ID: "pf_dora", Language: "pt-BR", Gender: "f"},
	{ID: "pm_alex", Language: "pt-BR", Gender: "m"},
	{ID: "pm_santa", Language: "pt-BR", Gender: "m"},
	{ID: "p_robot", Language: "pt-BR"},
}

func TestCast(t *testing.T) {
	f, m := func(n string) dub.Character { return dub.Character{Name: n, Gender: "f"} }, func(n string) dub.Character { return dub.Character{Name: n, Gender: "m"} }
	tests := map[string]struct {
		characters []dub.Character
		voices     []dub.Voice
		language   string
		pinned     map[string]string
		want       []dub.Assignment
	}{
		"by gender": {[]dub.Character{m("BOB"), f("ANA")}, brazil, "pt-BR", nil, []dub.Assignment{
			{Character: "BOB", Voice: "pm_alex"}, {Character: "ANA", Voice: "pf_dora"},
		}},
		"each their own": {[]dub.Character{m("BOB"), m("CARL")}, brazil, "pt-BR", nil, []dub.Assignment{
			{Character: "BOB", Voice: "pm_alex"}, {Character: "CARL", Voice: "pm_santa"},
		}},
		"shared when there are not enough": {[]dub.Character{f("ANA"), f("EVA")}, brazil, "pt-BR", nil, []dub.Assignment{
			{Character: "ANA", Voice: "pf_dora", SharedWith: []string{"EVA"}}, {Character: "EVA", Voice: "pf_dora", SharedWith: []string{"ANA"}},
		}},
		"the busiest choose first": {[]dub.Character{{Name: "BOB", Gender: "m", Lines: 1}, {Name: "CARL", Gender: "m", Lines: 9}}, brazil, "pt-BR", nil, []dub.Assignment{
			{Character: "BOB", Voice: "pm_santa"}, {Character: "CARL", Voice: "pm_alex"},
		}},
		"unknown gender": {[]dub.Character{{Name: "X"}, {Name: "Y"}, {Name: "Z"}}, brazil, "pt-BR", nil, []dub.Assignment{
			{Character: "X", Voice: "pf_dora"}, {Character: "Y", Voice: "pm_alex"}, {Character: "Z", Voice: "pm_santa"},
		}},
		"pinned": {[]dub.Character{f("ANA"), m("BOB"), m("CARL")}, brazil, "pt-BR", map[string]string{"BOB": "pm_santa", "GONE": "nobody"}, []dub.Assignment{
			{Character: "ANA", Voice: "pf_dora"}, {Character: "BOB", Voice: "pm_santa", Pinned: true}, {Character: "CARL", Voice: "pm_alex"},
		}},
		"pinned twice is shared": {[]dub.Character{f("ANA"), m("BOB")}, brazil, "pt-BR", map[string]string{"ANA": "pf_dora", "BOB": "pf_dora"}, []dub.Assignment{
			{Character: "ANA", Voice: "pf_dora", Pinned: true, SharedWith: []string{"BOB"}}, {Character: "BOB", Voice: "pf_dora", Pinned: true, SharedWith: []string{"ANA"}},
		}},
		"related tag": {[]dub.Character{f("ANA")}, brazil, "pt", nil, []dub.Assignment{{Character: "ANA", Voice: "pf_dora"}}},
		"no voice of the gender": {[]dub.Character{m("BOB")}, brazil[:2], "pt-BR", nil, []dub.Assignment{
			{Character: "BOB", Voice: "pf_dora", Note: "no voice of the gender of the character"},
		}},
		"a voice for every language": {[]dub.Character{f("ANA")}, []dub.Voice{{ID: "clone"}}, "ja", nil, []dub.Assignment{{Character: "ANA", Voice: "clone"}}},
		"nobody":                     {nil, nil, "pt-BR", nil, []dub.Assignment{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cast, err := dub.Cast(tt.characters, tt.voices, tt.language, tt.pinned)

			require.NoError(t, err)
			require.Equal(t, tt.want, cast)
		})
	}
}

func TestCastFails(t *testing.T) {
	ana := []dub.Character{{Name: "ANA"}}
	tests := map[string]struct {
		characters []dub.Character
		language   string
		pinned     map[string]string
		want       fault.Kind
	}{
		"no voice for the language":          {ana, "de", nil, fault.Missing},
		"a pinned voice that is not there":   {ana, "pt-BR", map[string]string{"ANA": "ghost"}, fault.Missing},
		"a pinned voice of another language": {ana, "pt-BR", map[string]string{"ANA": "af_heart"}, fault.Missing},
		"a character twice":                  {[]dub.Character{ana[0], ana[0]}, "pt-BR", nil, fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := dub.Cast(tt.characters, brazil, tt.language, tt.pinned)

			require.Equal(t, tt.want, fault.Of(err))
		})
	}
}

// Whatever the pins, the same cast comes out every time, and a voice is shared
// only when the voices that suit are used up.
func TestCastIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var characters []dub.Character
		pinned := map[string]string{}
		for i := range rapid.IntRange(1, 12).Draw(t, "characters") {
			c := dub.Character{Name: fmt.Sprint("C", i), Gender: rapid.SampledFrom([]string{"f", "m", ""}).Draw(t, "gender"), Lines: rapid.IntRange(0, 3).Draw(t, "lines")}
			characters = append(characters, c)
			if rapid.Bool().Draw(t, "pin") {
				pinned[c.Name] = rapid.SampledFrom(brazil[1:]).Draw(t, "voice").ID
			}
		}

		first, err := dub.Cast(characters, brazil, "pt-BR", pinned)
		require.NoError(t, err)
		again, err := dub.Cast(characters, brazil, "pt-BR", pinned)
		require.NoError(t, err)

		require.Equal(t, first, again)
		for i, a := range first {
			require.Equal(t, characters[i].Name, a.Character)
			require.NotEmpty(t, a.Voice)
		}
	})
}
