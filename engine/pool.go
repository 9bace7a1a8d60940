package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
)

// Pool is several engines seen as one. Where two serve the same model, or fit
// the same wish, the first does the work.
type Pool []Engine

// Models lists what all engines can do, in order of the engines. An engine that
// does not answer fails the list: a plan must not depend on who is up.
func (p Pool) Models(ctx context.Context) ([]Model, error) {
	var all []Model
	for _, e := range p {
		models, err := e.Models(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, models...)
	}
	return all, nil
}

// Serving is the engine that serves the model with the given id and fingerprint.
// A model that is gone, or was replaced, is fault.Missing. An engine that does
// not answer fails the search only where no other serves the model.
func (p Pool) Serving(ctx context.Context, id, fingerprint string) (Engine, error) {
	var down error
	for _, e := range p {
		models, err := e.Models(ctx)
		if err != nil {
			down = cmp.Or(down, err)
			continue
		}
		if slices.ContainsFunc(models, func(m Model) bool { return m.ID == id && m.Fingerprint() == fingerprint }) {
			return e, nil
		}
	}
	if down != nil {
		return nil, down
	}
	return nil, fault.New(fault.Missing, "engine", "no configured engine serves %s; start the one this job was planned with, or plan the job again", fingerprint)
}

// Find is the first model with capability c that accepts reports true for. Where
// there is none the fault.Missing says what there is.
func (p Pool) Find(ctx context.Context, c Capability, want string, accepts func(Model) bool) (Model, error) {
	models, err := p.Models(ctx)
	if err != nil {
		return Model{}, err
	}
	var have []string
	for _, m := range models {
		if m.Capability != c {
			continue
		}
		if accepts(m) {
			return m, nil
		}
		have = append(have, m.Languages...)
	}
	if have == nil {
		have = []string{"nothing"}
	}
	slices.Sort(have)
	return Model{}, fault.New(fault.Missing, "engine", "no configured engine offers %s for %s; offered: %s",
		c, want, strings.Join(slices.Compact(have), ", "))
}
