package cli

import (
	"fmt"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
)

// waits lists what a workflow waits for people with.
func waits(job string, status contract.Status) []wait {
	var all []wait
	language := ""
	if status.Language != "" {
		language = " --lang " + status.Language
	}
	for _, g := range status.Gates {
		review := func(verb string) string {
			return fmt.Sprintf("babelreel review %s %s --gate %s%s", verb, shellWord(job), g.Name, language)
		}
		switch g.State {
		case gate.Waiting:
			all = append(all, wait{
				Language: status.Language, Gate: g.Name, Who: "a linguist", Command: review("show"),
				Why: fmt.Sprintf("gate %s waits for a decision on revision %s (%s)", g.Name, short(g.Subject.Revision), findings(g.Subject)),
			})
		case gate.Changes:
			command := review("change") + " --by YOU --replace ID=TEXT"
			if g.Name == gate.Final {
				command = mend(job, status.Language)
			}
			all = append(all, wait{
				Language: status.Language, Gate: g.Name, Who: "a linguist", Command: command,
				Why: fmt.Sprintf("gate %s: %s asked for changes: %s", g.Name, g.Rejected.By, oneLine(g.Rejected.Comment)),
			})
		default: // nothing to look at, or nothing to do
		}
	}
	for _, b := range status.Blocked {
		all = append(all, wait{
			Language: status.Language, Stage: b.Stage, Who: remedies(fault.Kind(b.Kind)),
			Why:     fmt.Sprintf("stage %s is blocked (%s): %s", b.Stage, b.Kind, oneLine(b.Reason)),
			Command: fmt.Sprintf("babelreel retry %s %s%s --by YOU", shellWord(job), b.Stage, language),
		})
	}
	return all
}

// mend is the command that goes back from the final gate to where the lines of
// a dub can be changed.
func mend(job, language string) string {
	return fmt.Sprintf("babelreel review reopen %s --gate %s --lang %s --by YOU --comment WHY", shellWord(job), gate.Premix, language)
}

// findings counts what was found in a subject.
func findings(s gate.Subject) string {
	if s.Criticals+s.Majors+s.Minors == 0 {
		return "no findings"
	}
	return fmt.Sprintf("%d critical, %d major, %d minor", s.Criticals, s.Majors, s.Minors)
}

// remedies says who can put a fault right, as package fault tells.
func remedies(k fault.Kind) string {
	switch k {
	case fault.Invalid:
		return "the job's owner: input is malformed or unsupported"
	case fault.Denied:
		return "an administrator: credentials, quota or consent are missing"
	case fault.Missing:
		return "the job's owner: a named asset, voice or language is not there"
	case fault.Refused:
		return "a reviewer: the engine declined the content"
	case fault.Busy:
		return "nobody: it passes"
	default:
		return "an operator: a defect or an outage"
	}
}
