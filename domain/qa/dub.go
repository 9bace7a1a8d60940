package qa

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// DubLine is one line of a dub and what was measured of it.
type DubLine struct {
	EventID  string        `json:"eventId"`
	Speaker  string        `json:"speaker"`
	Text     string        `json:"text"`
	Start    time.Duration `json:"start"`    // where its audio lies in the programme
	Duration time.Duration `json:"duration"` // of its audio; 0 means that there is none
	Natural  time.Duration `json:"natural"`  // unfitted length; 0 where not known, as for a human take
	Slot     time.Duration `json:"slot"`     // the longest it may be
	Heard    *string       `json:"heard"`    // what a recogniser heard in it; nil where nobody listened
	// SourceStart and SourceEnd are those of the original line, to tell an
	// overlap of the dub from one that the original has.
	SourceStart time.Duration `json:"sourceStart"`
	SourceEnd   time.Duration `json:"sourceEnd"`
}

func (l DubLine) end() time.Duration { return l.Start + l.Duration }

// Levels are the measured levels of a mix.
type Levels struct {
	Dialogue float64 `json:"dialogue"` // LKFS, dialogue-gated where the meter can
	TruePeak float64 `json:"truePeak"` // dBTP
}

// DubLimits are the numbers that a dub is held to.
type DubLimits struct {
	Profile   string  `json:"profile"`
	Loudness  float64 `json:"loudness"`  // LKFS
	Tolerance float64 `json:"tolerance"` // LU to either side
	TruePeak  float64 `json:"truePeak"`  // dBTP, at most
}

// NetflixDub are the levels of the Netflix Sound Mix Specifications (360050414014).
func NetflixDub() DubLimits {
	return DubLimits{Profile: "netflix", Loudness: -27, Tolerance: 2, TruePeak: -2}
}

// DubInput is a dub to be judged.
type DubInput struct {
	Language string    `json:"language"`
	Limits   DubLimits `json:"limits"`
	Lines    []DubLine `json:"lines"`
	Levels   *Levels   `json:"levels"` // nil before the mix
}

// What a dub line is held to.
const (
	slotSlack    = 25 * time.Millisecond // one frame of a speech engine, the residual that fitting may leave
	naturalLeast = 0.9                   // natural range of a time stretch
	naturalMost  = 1.15
	refusedRatio = 1.3  // slot fitting refuses more
	misheard     = 0.15 // word error rate worth a look
	wrong        = 0.5  // word error rate of a line that says something else
	shortLine    = 2    // words; so few, one slip of the recogniser is half of the line
)

// CheckDub judges a dub by the DUB rules. Findings carry the index of their
// line; -1 is the mix.
//
// A line that runs into the next one of the same speaker is critical, as no
// voice can say both. Running into another speaker is major, and nothing where
// the original overlaps as much.
func CheckDub(in DubInput) Report {
	r := newReport(in.Limits.Profile, in.Language)
	if in.Levels == nil {
		r.skip("there is no mix yet", "DUB004", "DUB005")
	}
	r.skip("not measured here", "DUB006", "DUB007", "DUB010", "DUB011", "DUB012")
	if slices.ContainsFunc(in.Lines, func(l DubLine) bool { return l.Duration > 0 && l.Heard == nil }) {
		r.skip("some lines were not listened to", "DUB008")
	}
	for i, line := range in.Lines {
		add := func(f Finding) {
			f.Index, f.Event = i, line.EventID
			r.add(f)
		}
		if line.Duration <= 0 {
			add(Finding{Rule: "DUB003", Limit: 1, Unit: "takes", Message: "the line has no audio"})
			continue
		}
		checkSlot(add, line)
		checkRatio(add, line)
		checkHeard(add, line, in.Language)
	}
	checkOverruns(r, in.Lines)
	if in.Levels != nil {
		checkLevels(r, *in.Levels, in.Limits)
	}
	return r.finish()
}

func checkSlot(add func(Finding), l DubLine) {
	if l.Slot > 0 && l.Duration > l.Slot+slotSlack {
		add(Finding{
			Rule: "DUB001", Measured: l.Duration.Seconds(), Limit: l.Slot.Seconds(), Unit: "s",
			Message: fmt.Sprintf("%.2f s long, its slot has %.2f s", l.Duration.Seconds(), l.Slot.Seconds()),
		})
	}
}

func checkRatio(add func(Finding), l DubLine) {
	if l.Natural <= 0 {
		return
	}
	ratio := round(l.Natural.Seconds() / l.Duration.Seconds())
	f := Finding{Rule: "DUB009", Measured: ratio, Unit: "times natural speed", Message: fmt.Sprintf("speaks at %.2f times its natural speed", ratio)}
	switch {
	case ratio > refusedRatio:
		f.Severity, f.Limit = Major, refusedRatio
	case ratio > naturalMost:
		f.Limit = naturalMost
	case ratio < naturalLeast:
		f.Limit = naturalLeast
	default:
		return
	}
	add(f)
}

func checkHeard(add func(Finding), l DubLine, language string) {
	if l.Heard == nil {
		return
	}
	rate := round(WER(l.Text, *l.Heard, language))
	if rate <= misheard {
		return
	}
	f := Finding{
		Rule: "DUB008", Severity: Minor, Measured: rate, Limit: misheard, Unit: "word error rate",
		Message: fmt.Sprintf("a recogniser got %.0f %% of the words wrong", rate*100),
	}
	if rate >= wrong && len(Words(l.Text, language)) > shortLine {
		f.Severity, f.Limit = Major, wrong
	}
	add(f)
}

// checkOverruns compares each line with those that start while it is heard.
func checkOverruns(r *report, lines []DubLine) {
	order := make([]int, 0, len(lines))
	for i, l := range lines {
		if l.Duration > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lines[a].Start, lines[b].Start) })
	for at, i := range order {
		for _, j := range order[at+1:] {
			a, b := lines[i], lines[j]
			overlap := min(a.end(), b.end()) - b.Start
			if overlap <= slotSlack {
				if a.end() <= b.Start {
					break
				}
				continue
			}
			f := Finding{
				Rule: "DUB002", Event: a.EventID, Index: i, Measured: overlap.Seconds(), Unit: "s",
				Message: fmt.Sprintf("runs %.2f s into line %s", overlap.Seconds(), b.EventID),
			}
			if a.Speaker == "" || a.Speaker != b.Speaker {
				original := min(a.SourceEnd, b.SourceEnd) - max(a.SourceStart, b.SourceStart)
				if overlap <= max(0, original)+slotSlack {
					continue
				}
				f.Severity, f.Limit = Major, max(0, original).Seconds()
			}
			r.add(f)
		}
	}
}

func checkLevels(r *report, m Levels, l DubLimits) {
	if off := m.Dialogue - l.Loudness; round(off) > l.Tolerance || round(off) < -l.Tolerance {
		r.add(Finding{
			Rule: "DUB004", Index: -1, Measured: m.Dialogue, Limit: l.Loudness, Unit: "LKFS",
			Message: fmt.Sprintf("dialogue at %.1f LKFS, wanted %g +/-%g", m.Dialogue, l.Loudness, l.Tolerance),
		})
	}
	if m.TruePeak > l.TruePeak {
		r.add(Finding{
			Rule: "DUB005", Index: -1, Measured: m.TruePeak, Limit: l.TruePeak, Unit: "dBTP",
			Message: fmt.Sprintf("true peak at %.1f dBTP, the most is %g", m.TruePeak, l.TruePeak),
		})
	}
}
