// Package qa judges subtitles, translations and dubs by rules, and repairs what
// can be repaired without changing a word.
//
// It is pure: no clock, file, network, randomness or Temporal. Times are offsets
// from the first frame of the cut. The same input always gives the same report.
package qa

import (
	"cmp"
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/timedtext"
)

// RulesVersion names what the rules of this package measure. It changes whenever
// a rule, a severity or a number changes, so that an approval names the rules it
// was given under.
const RulesVersion = "2026-11-22.1"

// Severity says how bad a finding is. Only what can be measured without doubt
// is Critical.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical" // must not be delivered
	Major    Severity = "major"    // a viewer is disturbed
	Minor    Severity = "minor"    // a professional would see it
)

// Weight is what one finding adds to a Score: the MQM severity multipliers.
func (s Severity) Weight() int {
	switch s {
	case Critical:
		return 25
	case Major:
		return 5
	default:
		return 1
	}
}

// Fix is a cue as it would be after a repair. It changes times or line breaks,
// never words.
type Fix struct {
	Start time.Duration `json:"start"`
	End   time.Duration `json:"end"`
	Lines []string      `json:"lines"`
}

// Finding is one breach of one rule.
type Finding struct {
	Rule     string   `json:"rule"` // "TIM002", see Rules
	Name     string   `json:"name"` // "min-duration"
	Severity Severity `json:"severity"`
	Event    string   `json:"event,omitempty"` // id of the dialogue event, "" where it is not known
	Cue      string   `json:"cue,omitempty"`   // id of the cue, "" where none is concerned
	Index    int      `json:"index"`           // of the cue or line in what was checked, -1 where none is concerned
	Measured float64  `json:"measured"`
	Limit    float64  `json:"limit"`
	Unit     string   `json:"unit"`   // of both: "s", "frames", "cps", "characters", "lines"...
	Source   string   `json:"source"` // the clause that sets the limit
	Message  string   `json:"message"`
	Fix      *Fix     `json:"fix,omitempty"` // a repair worth trying; nil where a person must act
}

// NotChecked is a rule that could not be applied, and why.
type NotChecked struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// Counts are the numbers of findings by severity.
type Counts struct {
	Critical int `json:"critical"`
	Major    int `json:"major"`
	Minor    int `json:"minor"`
}

// Report is the outcome of a check. Findings are in order of Index, then of
// severity, then of rule.
type Report struct {
	RulesVersion string       `json:"rulesVersion"`
	Profile      string       `json:"profile,omitempty"`
	Language     string       `json:"language"`
	Findings     []Finding    `json:"findings"`
	NotChecked   []NotChecked `json:"notChecked,omitempty"`
	Counts       Counts       `json:"counts"`
	Score        int          `json:"score"` // sum of the weights of the findings; 0 is flawless
}

// Clean reports whether nothing worse than minor was found.
func (r Report) Clean() bool { return r.Counts.Critical == 0 && r.Counts.Major == 0 }

// report collects findings.
type report struct{ Report }

func newReport(profile, language string) *report {
	return &report{Report{RulesVersion: RulesVersion, Profile: profile, Language: language, Findings: []Finding{}}}
}

// add completes a finding with what the table of rules says.
func (r *report) add(f Finding) {
	rule := ruleOf(f.Rule)
	f.Name = rule.Name
	f.Severity = cmp.Or(f.Severity, rule.Severity)
	f.Source = cmp.Or(f.Source, rule.Source)
	r.Findings = append(r.Findings, f)
}

func (r *report) skip(reason string, rules ...string) {
	for _, rule := range rules {
		r.NotChecked = append(r.NotChecked, NotChecked{rule, reason})
	}
}

// finish sorts and counts.
func (r *report) finish() Report {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(b.Severity.Weight(), a.Severity.Weight()), cmp.Compare(a.Rule, b.Rule))
	})
	for _, f := range r.Findings {
		switch f.Severity {
		case Critical:
			r.Counts.Critical++
		case Major:
			r.Counts.Major++
		default:
			r.Counts.Minor++
		}
		r.Score += f.Severity.Weight()
	}
	return r.Report
}

// event is the id of the first dialogue event that a cue shows.
func event(c timedtext.Cue) string {
	if len(c.Events) == 0 {
		return ""
	}
	return c.Events[0]
}
