package qa_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/qa"
)

// dubbed is a line that lies from start for length milliseconds where its
// original does.
func dubbed(id, speaker string, start, length int) qa.DubLine {
	return qa.DubLine{
		EventID: id, Speaker: speaker, Text: "quem mandou a carta", Start: ms(start), Duration: ms(length), Natural: ms(length), Slot: ms(length),
		SourceStart: ms(start), SourceEnd: ms(start + length), Heard: new("quem mandou a carta"),
	}
}

func TestCheckDub(t *testing.T) {
	line := dubbed("e1", "ANA", 1000, 2000)
	with := func(change func(*qa.DubLine)) []qa.DubLine {
		l := line
		change(&l)
		return []qa.DubLine{l}
	}
	natural := func(n int) []qa.DubLine { return with(func(l *qa.DubLine) { l.Natural = ms(n) }) }
	heard := func(text, heard string) []qa.DubLine {
		return with(func(l *qa.DubLine) { l.Text, l.Heard = text, &heard })
	}
	long := func(n int) []qa.DubLine {
		return with(func(l *qa.DubLine) { l.Duration, l.Natural = ms(n), ms(n) })
	}
	// late is a second line whose original starts when the first one's ends.
	late := func(speaker string, by int) []qa.DubLine {
		next := dubbed("e2", speaker, 3000, 1000)
		next.Start -= ms(by)
		return []qa.DubLine{line, next}
	}
	together := dubbed("e2", "BOB", 2000, 2000)
	same := together
	same.Speaker = "ANA"

	tests := map[string]struct {
		lines  []qa.DubLine
		levels *qa.Levels
		want   []string
	}{
		"good":                                    {[]qa.DubLine{line}, &qa.Levels{Dialogue: -27, TruePeak: -3}, nil},
		"no audio":                                {with(func(l *qa.DubLine) { l.Duration = 0 }), nil, []string{"DUB003 critical"}},
		"fills its slot":                          {long(2025), nil, nil},
		"longer than its slot":                    {long(2026), nil, []string{"DUB001 major"}},
		"as fast as natural":                      {natural(2300), nil, nil},
		"faster than natural":                     {natural(2302), nil, []string{"DUB009 minor"}},
		"as fast as fitting allows":               {natural(2600), nil, []string{"DUB009 minor"}},
		"faster than fitting allows":              {natural(2602), nil, []string{"DUB009 major"}},
		"as slow as natural":                      {natural(1800), nil, nil},
		"slower than natural":                     {natural(1798), nil, []string{"DUB009 minor"}},
		"a human take has no natural":             {natural(0), nil, nil},
		"heard well":                              {heard("um dois três quatro cinco seis sete", "um dois três quatro cinco seis oito"), nil, nil},
		"heard a little wrong":                    {heard("a b c d", "a b c x"), nil, []string{"DUB008 minor"}},
		"heard half wrong":                        {heard("a b c d", "a b x y"), nil, []string{"DUB008 major"}},
		"a short line heard wrong":                {heard("Bom dia", "Bondia"), nil, []string{"DUB008 minor"}},
		"three words are not short":               {heard("Bom dia Ana", "Bondia"), nil, []string{"DUB008 major"}},
		"follows at once":                         {late("ANA", 0), nil, nil},
		"as close as fitting is exact":            {late("ANA", 25), nil, nil},
		"runs into the same speaker":              {late("ANA", 26), nil, []string{"DUB002 critical"}},
		"runs into another speaker":               {late("BOB", 26), nil, []string{"DUB002 major"}},
		"overlaps as the original":                {[]qa.DubLine{line, together}, nil, nil},
		"the same voice overlaps as the original": {[]qa.DubLine{line, same}, nil, []string{"DUB002 critical"}},
		"unknown speakers are different ones":     {[]qa.DubLine{dubbed("e1", "", 1000, 2000), dubbed("e2", "", 2000, 2000)}, nil, nil},
		"loud as allowed":                         {[]qa.DubLine{line}, &qa.Levels{Dialogue: -25, TruePeak: -2}, nil},
		"too loud":                                {[]qa.DubLine{line}, &qa.Levels{Dialogue: -24.9, TruePeak: -3}, []string{"DUB004 major"}},
		"soft as allowed":                         {[]qa.DubLine{line}, &qa.Levels{Dialogue: -29, TruePeak: -9}, nil},
		"too soft":                                {[]qa.DubLine{line}, &qa.Levels{Dialogue: -29.1, TruePeak: -9}, []string{"DUB004 major"}},
		"peaks too high":                          {[]qa.DubLine{line}, &qa.Levels{Dialogue: -27, TruePeak: -1.9}, []string{"DUB005 major"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			report := qa.CheckDub(qa.DubInput{Language: "pt-BR", Limits: qa.NetflixDub(), Lines: tt.lines, Levels: tt.levels})

			var got []string
			for _, f := range report.Findings {
				got = append(got, f.Rule+" "+string(f.Severity))
				require.NotEmpty(t, f.Source)
				require.NotEmpty(t, f.Message)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestCheckDubFindsEveryLineOverrun(t *testing.T) {
	lines := []qa.DubLine{dubbed("e1", "ANA", 0, 10_000), dubbed("e2", "ANA", 1000, 500), dubbed("e3", "ANA", 5000, 500)}

	report := qa.CheckDub(qa.DubInput{Language: "pt-BR", Limits: qa.NetflixDub(), Lines: lines})

	require.Equal(t, []string{"DUB002", "DUB002"}, rulesOf(report.Findings))
	require.InDelta(t, 0.5, report.Findings[0].Measured, 1e-9)
}

func TestCheckDubSaysWhatItDidNotCheck(t *testing.T) {
	quiet := dubbed("e1", "ANA", 0, 1000)
	quiet.Heard = nil

	report := qa.CheckDub(qa.DubInput{Language: "pt-BR", Limits: qa.NetflixDub(), Lines: []qa.DubLine{quiet}})

	var skipped []string
	for _, n := range report.NotChecked {
		skipped = append(skipped, n.Rule)
	}
	require.Subset(t, skipped, []string{"DUB004", "DUB005", "DUB008"})
}
