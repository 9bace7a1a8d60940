package gate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	revA = strings.Repeat("a", 64)
	revB = strings.Repeat("b", 64)
)

// waiting is a translation gate that shows revA with the given open critical
// findings.
func waiting(critical ...string) gate.Gate {
	g := gate.New(gate.Translation, gate.Required)
	g.Show(gate.Subject{Revision: revA, Critical: critical, Criticals: len(critical)}, noon)
	return g
}

// decided is g after the decisions d were taken and recorded.
func decided(g gate.Gate, ds ...gate.Decision) gate.Gate {
	for _, d := range ds {
		g.Take(d)
		g.Recorded()
	}
	return g
}

func TestCheck(t *testing.T) {
	approve := gate.Decision{Gate: gate.Translation, Revision: revA, Verdict: gate.Approve, By: "ana"}
	change := gate.Decision{Gate: gate.Translation, Revision: revA, Verdict: gate.Change, By: "ana", Edits: []script.Edit{{Op: script.Replace, ID: "e001", Text: "x"}}}
	rejection := gate.Decision{Gate: gate.Translation, Revision: revA, Verdict: gate.Reject, By: "bea", Comment: "names"}
	reopen := gate.Decision{Gate: gate.Translation, Revision: revA, Verdict: gate.Reopen, By: "ana", Comment: "typo"}
	with := func(d gate.Decision, change func(*gate.Decision)) gate.Decision {
		change(&d)
		return d
	}
	recording := waiting()
	recording.Take(approve)
	updating := waiting()
	updating.Update()
	rejected := decided(waiting(), rejection)
	approved := decided(waiting(), approve)
	crowded := waiting()
	crowded.Subject.Critical, crowded.Subject.Criticals = []string{"f1"}, 300

	tests := map[string]struct {
		gate gate.Gate
		d    gate.Decision
		want string // the whole refusal, "" where the decision is taken
	}{
		"approve":              {waiting(), approve, ""},
		"change":               {waiting(), change, ""},
		"reject":               {waiting(), rejection, ""},
		"reopen":               {approved, reopen, ""},
		"change what was bad":  {rejected, change, ""},
		"reject again":         {rejected, rejection, ""},
		"nobody":               {waiting(), with(approve, func(d *gate.Decision) { d.By = " " }), "by: name the reviewer, for example an e-mail address"},
		"no verdict":           {waiting(), with(approve, func(d *gate.Decision) { d.Verdict = "" }), `verdict: want "approve", "change", "reject" or "reopen", got ""`},
		"another verdict":      {waiting(), with(approve, func(d *gate.Decision) { d.Verdict = "ok" }), `verdict: want "approve", "change", "reject" or "reopen", got "ok"`},
		"closed":               {gate.New(gate.Translation, ""), approve, "gate translation: nothing waits there yet; it opens when its document is made"},
		"stale":                {waiting(), with(approve, func(d *gate.Decision) { d.Revision = revB }), "gate translation: revision bbbbbbbbbbbb is stale; the one on show is aaaaaaaaaaaa. Look at it and decide again"},
		"no revision":          {waiting(), with(approve, func(d *gate.Decision) { d.Revision = "" }), "gate translation: revision (none) is stale; the one on show is aaaaaaaaaaaa. Look at it and decide again"},
		"a short revision":     {waiting(), with(approve, func(d *gate.Decision) { d.Revision = "aaa" }), "gate translation: revision aaa is stale; the one on show is aaaaaaaaaaaa. Look at it and decide again"},
		"being recorded":       {recording, rejection, "gate translation: approve by ana is being recorded"},
		"being made anew":      {updating, approve, "gate translation: the document is being made anew; decide on the new revision when it is shown"},
		"reopen, not decided":  {waiting(), reopen, "gate translation: is neither approved nor rejected, so there is nothing to reopen"},
		"withdraw a rejection": {rejected, reopen, ""},
		"reopen without why":   {approved, with(reopen, func(d *gate.Decision) { d.Comment = " " }), "comment: say why the decision no longer holds"},
		"approved already":     {approved, approve, `gate translation: already approved by ana; to change it, send verdict "reopen" with a comment first`},
		"change the approved":  {approved, change, `gate translation: already approved by ana; to change it, send verdict "reopen" with a comment first`},
		"a bare rejection":     {waiting(), with(rejection, func(d *gate.Decision) { d.Comment = "\n" }), "comment: say what must change; a rejection without a reason helps nobody"},
		"approve the rejected": {rejected, approve, "gate translation: revision aaaaaaaaaaaa was rejected by bea (names); change it, or withdraw the rejection with verdict \"reopen\" and a comment"},
		"approve with edits":   {waiting(), with(change, func(d *gate.Decision) { d.Verdict = gate.Approve }), `edits: an approval is of the exact bytes on show; send the edits with verdict "change", then approve what they make`},
		"change nothing":       {waiting(), with(change, func(d *gate.Decision) { d.Edits = nil }), `edits: give at least one, such as {"op":"replace","id":"e001","text":"..."}`},
		"change too much":      {waiting(), with(change, func(d *gate.Decision) { d.Edits = make([]script.Edit, 201) }), "edits: 201 are too many for one decision; send at most 200 at a time"},
		"change with a fault": {
			waiting(), with(change, func(d *gate.Decision) { d.Edits = append(d.Edits, script.Edit{Op: script.Delete}) }),
			`edits[1]: delete: give the "id" of the entry`,
		},
		"a critical finding stands": {
			waiting("f1", "f2"), with(approve, func(d *gate.Decision) { d.Waive = []gate.Waiver{{Finding: "f1", Reason: "a name"}} }),
			`critical finding f2 stands (2 in all); mend it with verdict "change", or waive it: "waive":[{"finding":"f2","reason":"..."}]`,
		},
		"all findings waived": {
			waiting("f1", "f2"), with(approve, func(d *gate.Decision) {
				d.Waive = []gate.Waiver{{Finding: "f2", Reason: "a name"}, {Finding: "f1", Reason: "a name"}}
			}), "",
		},
		"a waiver of nothing":       {waiting("f1"), with(approve, func(d *gate.Decision) { d.Waive = []gate.Waiver{{Finding: "f9", Reason: "x"}} }), `waive: no open critical finding has the id "f9"`},
		"a waiver without a reason": {waiting("f1"), with(approve, func(d *gate.Decision) { d.Waive = []gate.Waiver{{Finding: "f1", Reason: " "}} }), "waive f1: give a reason"},
		"more than can be waived": {
			crowded, with(approve, func(d *gate.Decision) { d.Waive = []gate.Waiver{{Finding: "f1", Reason: "x"}} }),
			"300 critical findings stand, more than can be waived at once; mend some first",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := fmt.Sprintf("%+v", tt.gate)

			err := tt.gate.Check(tt.d)

			if tt.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, tt.want)
			}
			require.Equal(t, before, fmt.Sprintf("%+v", tt.gate), "a check changes nothing")
		})
	}
}

func TestPolicies(t *testing.T) {
	clean := gate.Subject{Revision: revA, Minors: 3}
	major := gate.Subject{Revision: revA, Majors: 1}
	critical := gate.Subject{Revision: revA, Critical: []string{"f1"}, Criticals: 1}
	tests := map[string]struct {
		policy  gate.Policy
		subject gate.Subject
		own     bool
	}{
		"required, clean":     {gate.Required, clean, false},
		"none is required":    {"", clean, false},
		"automatic, clean":    {gate.Automatic, clean, true},
		"automatic, major":    {gate.Automatic, major, false},
		"automatic, critical": {gate.Automatic, critical, false},
		"off, clean":          {gate.Off, clean, true},
		"off, major":          {gate.Off, major, true},
		"off, critical":       {gate.Off, critical, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := gate.New(gate.Final, tt.policy)
			require.True(t, tt.policy.Valid())
			_, early := g.Policies()
			g.Show(tt.subject, noon)

			d, own := g.Policies()

			require.False(t, early, "a closed gate decides nothing")
			require.Equal(t, tt.own, own)
			if own {
				require.NoError(t, g.Check(d), "a policy may do what a person may")
				require.Equal(t, gate.ByPolicy, d.Identity, "recorded as what it is")
				require.Equal(t, "policy:"+string(tt.policy), d.By)
				require.Equal(t, revA, d.Revision)
			}
		})
	}
	require.False(t, gate.Policy("never").Valid())
}

// A policy asks nobody, but it never overrules somebody who spoke.
func TestPolicyNeverOverrulesAPerson(t *testing.T) {
	subject := gate.Subject{Revision: revA}
	tests := map[string][]gate.Decision{
		"rejected": {{Revision: revA, Verdict: gate.Reject, By: "ana", Comment: "names"}},
		"reopened": {{Revision: revA, Verdict: gate.Approve, By: "policy:off"}, {Revision: revA, Verdict: gate.Reopen, By: "ana", Comment: "names"}},
	}
	for name, decisions := range tests {
		t.Run(name, func(t *testing.T) {
			g := gate.New(gate.Translation, gate.Off)
			g.Show(subject, noon)
			g = decided(g, decisions...)
			g.Update()
			g.Show(gate.Subject{Revision: revB}, noon)
			_, other := g.Policies()
			g.Update()
			g.Show(subject, noon)

			_, same := g.Policies()

			require.True(t, other, "another revision is the policy's again")
			require.False(t, same)
			require.NoError(t, g.Check(gate.Decision{Revision: revA, Verdict: gate.Approve, By: "bea"}))
		})
	}
}
