package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// workflowStatus is what one workflow of a job says of itself.
type workflowStatus struct {
	contract.Status

	workflowID string
}

// statuses asks a running title and its running languages, or one language
// alone where it is named.
func statuses(ctx context.Context, s service, job, language string) ([]workflowStatus, error) {
	id := contract.TitleID(job)
	e, err := s.Look(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.State != stateRunning {
		return nil, exitf(exitNotFound, "job %s has ended (%s): nothing in it can be decided or run again", job, e.State)
	}
	title, err := s.Status(ctx, id)
	if err != nil {
		return nil, err
	}
	all := []workflowStatus{{title, id}}
	if language != "" {
		all = nil
	}
	var known []string
	for _, child := range title.Children {
		known = append(known, child.Language)
		if child.State != stateRunning || language != "" && child.Language != language {
			continue
		}
		status, err := s.Status(ctx, child.WorkflowID)
		if err != nil {
			return nil, err
		}
		all = append(all, workflowStatus{status, child.WorkflowID})
	}
	if len(all) == 0 {
		return nil, noLanguage(job, language, title, known)
	}
	return all, nil
}

// noLanguage says why a language cannot be asked.
func noLanguage(job, language string, title contract.Status, known []string) error {
	for _, child := range title.Children {
		if child.Language == language {
			return exitf(exitNotFound, "job %s: %s has ended (%s)", job, language, child.State)
		}
	}
	if len(known) == 0 {
		return exitf(exitNotFound, "job %s: no language runs yet; they start when the dialogue list is approved", job)
	}
	return exitf(exitNotFound, "job %s has no language %q; it has %s", job, language, strings.Join(known, ", "))
}

// gateTarget is one gate, and the workflow that it is of.
type gateTarget struct {
	workflowStatus

	gate gate.Gate
}

// name is the gate for people.
func (t gateTarget) name() string {
	if t.Language == "" {
		return string(t.gate.Name)
	}
	return string(t.gate.Name) + " (" + t.Language + ")"
}

// open reports whether the gate waits for people.
func (t gateTarget) open() bool { return t.gate.State == gate.Waiting || t.gate.State == gate.Changes }

// findGate is the gate that is meant: the one named or, without a name, the only
// one that waits. Where several fit, the error lists them.
func findGate(ctx context.Context, s service, job string, name gate.Name, language string) (gateTarget, error) {
	if name != "" && !slices.Contains(gate.Names(), name) {
		return gateTarget{}, usagef("--gate: there is no gate %q; there are %s", name, join(gate.Names()))
	}
	all, err := statuses(ctx, s, job, language)
	if err != nil {
		return gateTarget{}, err
	}
	var named, open []gateTarget
	for _, st := range all {
		for _, g := range st.Gates {
			t := gateTarget{st, g}
			if name != "" && g.Name != name {
				continue
			}
			named = append(named, t)
			if t.open() {
				open = append(open, t)
			}
		}
	}
	switch {
	case len(open) == 1:
		return open[0], nil
	case name != "" && len(open) == 0 && len(named) == 1:
		return named[0], nil
	case len(named) == 0:
		return gateTarget{}, exitf(exitNotFound, "job %s has no gate %s yet; `babelreel explain %s` shows what it has", job, name, job)
	case len(open) == 0 && name == "":
		return gateTarget{}, exitf(exitNotFound, "job %s: no gate waits; `babelreel explain %s` says what it does", job, job)
	case len(open) == 0:
		open = named
	}
	return gateTarget{}, usagef("several gates fit; name one:%s", choices(open))
}

func choices(targets []gateTarget) string {
	var b strings.Builder
	for _, t := range targets {
		fmt.Fprintf(&b, "\n  --gate %s", t.gate.Name)
		if t.Language != "" {
			b.WriteString(" --lang " + t.Language)
		}
	}
	return b.String()
}
