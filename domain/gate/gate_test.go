package gate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

func TestGateStates(t *testing.T) {
	approve := gate.Decision{ID: "1", Revision: revA, Verdict: gate.Approve, By: "ana"}
	reopen := gate.Decision{ID: "2", Revision: revA, Verdict: gate.Reopen, By: "ana", Comment: "typo"}
	rejection := gate.Decision{ID: "3", Revision: revA, Verdict: gate.Reject, By: "ana", Comment: "names"}
	change := gate.Decision{ID: "4", Revision: revA, Verdict: gate.Change, By: "ana", Edits: []script.Edit{{Op: script.Delete, ID: "e001"}}}
	show := func(g *gate.Gate, revision string) { g.Show(gate.Subject{Revision: revision}, noon) }
	take := func(g *gate.Gate, d gate.Decision) { g.Take(d); g.Recorded() }

	tests := map[string]struct {
		do    func(*gate.Gate)
		state gate.State
		holds string // the revision that has an approval
	}{
		"new":                                {func(*gate.Gate) {}, gate.Closed, ""},
		"nothing to update":                  {func(g *gate.Gate) { g.Update() }, gate.Closed, ""},
		"shown":                              {func(g *gate.Gate) { show(g, revA) }, gate.Waiting, ""},
		"taken, not recorded":                {func(g *gate.Gate) { show(g, revA); g.Take(approve) }, gate.Recording, ""},
		"approved":                           {func(g *gate.Gate) { show(g, revA); take(g, approve) }, gate.Approved, revA},
		"reopened":                           {func(g *gate.Gate) { show(g, revA); take(g, approve); take(g, reopen) }, gate.Waiting, ""},
		"rejected":                           {func(g *gate.Gate) { show(g, revA); take(g, rejection) }, gate.Changes, ""},
		"rejected, made anew alike":          {func(g *gate.Gate) { show(g, revA); take(g, rejection); g.Update(); show(g, revA) }, gate.Changes, ""},
		"rejected, changed":                  {func(g *gate.Gate) { show(g, revA); take(g, rejection); take(g, change) }, gate.Updating, ""},
		"rejected, then another":             {func(g *gate.Gate) { show(g, revA); take(g, rejection); g.Update(); show(g, revB) }, gate.Waiting, ""},
		"changed":                            {func(g *gate.Gate) { show(g, revA); take(g, change) }, gate.Updating, ""},
		"approved, made anew":                {func(g *gate.Gate) { show(g, revA); take(g, approve); g.Update() }, gate.Updating, revA},
		"approved, made anew alike":          {func(g *gate.Gate) { show(g, revA); take(g, approve); g.Update(); show(g, revA) }, gate.Approved, revA},
		"approved, then another":             {func(g *gate.Gate) { show(g, revA); take(g, approve); g.Update(); show(g, revB) }, gate.Waiting, revA},
		"a new one while recording":          {func(g *gate.Gate) { show(g, revA); g.Take(approve); show(g, revB) }, gate.Recording, ""},
		"no update while recording":          {func(g *gate.Gate) { show(g, revA); g.Take(approve); g.Update() }, gate.Recording, ""},
		"recorded too late":                  {func(g *gate.Gate) { show(g, revA); g.Take(approve); show(g, revB); g.Recorded() }, gate.Waiting, revA},
		"rejection recorded too late":        {func(g *gate.Gate) { show(g, revA); g.Take(rejection); show(g, revB); g.Recorded() }, gate.Waiting, ""},
		"recorded too late, then made again": {func(g *gate.Gate) { show(g, revA); g.Take(approve); show(g, revB); g.Recorded(); show(g, revA) }, gate.Approved, revA},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := gate.New(gate.Translation, gate.Required)

			tt.do(&g)

			require.Equal(t, tt.state, g.State)
			require.Equal(t, tt.holds == revA, g.Holds(revA))
			require.False(t, g.Holds(revB))
			require.False(t, g.Holds(""))
		})
	}
}

func TestShowKeepsSince(t *testing.T) {
	g := gate.New(gate.Final, "")

	g.Show(gate.Subject{Revision: revA}, noon)
	g.Show(gate.Subject{Revision: revA}, noon.Add(time.Hour))
	same := g.Since
	g.Show(gate.Subject{Revision: revB}, noon.Add(time.Hour))

	require.Equal(t, gate.Required, g.Policy)
	require.Equal(t, noon, same, "a revision waits since it was first shown")
	require.Equal(t, noon.Add(time.Hour), g.Since)
}

func TestNames(t *testing.T) {
	require.Equal(t, []gate.Name{gate.Dialogue, gate.Translation, gate.Subtitles, gate.Premix, gate.Final}, gate.Names())
}
