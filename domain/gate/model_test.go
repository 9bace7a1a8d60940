package gate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// reference is what a gate promises, told naively: the list of everything that
// went on record, and what is on show.
type reference struct {
	shown    string          // revision on show, "" before the first
	making   bool            // the document is being made anew
	rejected bool            // what is on show was turned down while it was on show
	pending  *gate.Decision  // taken, not on record
	onRecord []gate.Decision // in order
}

// holds is the revision whose approval stands: that of the last approval on
// record, unless one was reopened since.
func (r *reference) holds() string {
	revision := ""
	for _, d := range r.onRecord {
		switch d.Verdict {
		case gate.Approve:
			revision = d.Revision
		case gate.Reopen:
			if revision == d.Revision {
				revision = ""
			}
		case gate.Change, gate.Reject:
		}
	}
	return revision
}

// contested reports whether a person ever turned revision down.
func (r *reference) contested(revision string) bool {
	return slices.ContainsFunc(r.onRecord, func(d gate.Decision) bool {
		return d.Revision == revision && (d.Verdict == gate.Reject || d.Verdict == gate.Reopen)
	})
}

// machine drives a gate and its reference side by side, as a workflow would.
type machine struct {
	gate     gate.Gate
	want     reference
	serial   int
	subjects map[string]gate.Subject
}

var revisions = []string{revA, revB, "c", "d"}

func newMachine(t *rapid.T) *machine {
	m := &machine{subjects: map[string]gate.Subject{}}
	m.gate = gate.New(gate.Translation, rapid.SampledFrom([]gate.Policy{"", gate.Required, gate.Automatic, gate.Off}).Draw(t, "policy"))
	for _, revision := range revisions { // a revision is exact bytes: its findings never differ
		s := gate.Subject{Revision: revision, Majors: rapid.IntRange(0, 1).Draw(t, "majors")}
		if rapid.IntRange(0, 3).Draw(t, "critical") == 0 {
			s.Critical, s.Criticals = []string{"f1"}, 1
		}
		m.subjects[revision] = s
	}
	return m
}

// Show puts a document before the gate: a new one, or an old one made again.
func (m *machine) Show(t *rapid.T) {
	revision := rapid.SampledFrom(revisions).Draw(t, "revision")
	m.gate.Show(m.subjects[revision], noon)
	m.want.rejected = m.want.rejected && m.want.shown == revision
	m.want.shown, m.want.making = revision, false
	if d, own := m.gate.Policies(); own {
		require.False(t, m.want.contested(revision), "a policy overruled a person")
		require.NoError(t, m.gate.Check(d))
		m.take(d)
	}
}

// Update says that the document is being made anew.
func (m *machine) Update(*rapid.T) {
	m.gate.Update()
	if m.want.shown != "" && m.want.pending == nil {
		m.want.making = true
	}
}

// Decide is somebody's decision, good or bad.
func (m *machine) Decide(t *rapid.T) {
	d := gate.Decision{
		Revision: rapid.SampledFrom(append([]string{m.want.shown, m.want.shown, m.want.shown, ""}, revisions...)).Draw(t, "revision"),
		Verdict:  rapid.SampledFrom([]gate.Verdict{gate.Approve, gate.Approve, gate.Change, gate.Reject, gate.Reopen, "ok"}).Draw(t, "verdict"),
		By:       rapid.SampledFrom([]string{"ana", "bea", "bea", ""}).Draw(t, "by"),
		Comment:  rapid.SampledFrom([]string{"why", "why", ""}).Draw(t, "comment"),
	}
	if rapid.Bool().Draw(t, "edits") {
		d.Edits = []script.Edit{{Op: script.Replace, ID: "e001", Text: rapid.SampledFrom([]string{"x", ""}).Draw(t, "text")}}
	}
	if rapid.Bool().Draw(t, "waive") {
		d.Waive = []gate.Waiver{{Finding: "f1", Reason: "a name"}}
	}

	err := m.gate.Check(d)

	if want := m.refusal(d); want != "" {
		require.Error(t, err, want)
		return
	}
	require.NoError(t, err)
	m.take(d)
}

// refusal is why d must not be taken, by the rules a reviewer is told; "" where
// it must.
func (m *machine) refusal(d gate.Decision) string {
	approved := m.want.holds() != "" && m.want.holds() == m.want.shown
	switch {
	case d.By == "" || d.Verdict == "ok":
		return "incomplete"
	case m.want.shown == "" || d.Revision != m.want.shown:
		return "not the revision on show"
	case m.want.pending != nil:
		return "another decision is being recorded"
	case m.want.making:
		return "nothing to decide on"
	case (d.Verdict == gate.Reject || d.Verdict == gate.Reopen) && d.Comment == "":
		return "no reason given"
	case d.Verdict == gate.Reopen && !approved && !m.want.rejected:
		return "only a decision is reopened"
	case d.Verdict != gate.Reopen && approved:
		return "approved is reopened, and nothing else is"
	case d.Verdict == gate.Change && (len(d.Edits) == 0 || d.Edits[0].Text == ""):
		return "no edits, or bad ones"
	case d.Verdict != gate.Approve:
		return ""
	case len(d.Edits) > 0:
		return "an approval does not change"
	case m.want.rejected:
		return "rejected"
	case (len(d.Waive) > 0) != (m.subjects[m.want.shown].Criticals > 0):
		return "every critical finding is waived, and nothing else is"
	}
	return ""
}

func (m *machine) take(d gate.Decision) {
	m.serial++
	d.ID, d.At = fmt.Sprintf("job/%d", m.serial), noon
	m.gate.Take(d)
	m.want.pending = &d
}

// Recorded puts the pending decision on record.
func (m *machine) Recorded(t *rapid.T) {
	if m.want.pending == nil {
		return
	}
	got := m.gate.Recorded()
	require.Equal(t, *m.want.pending, got)
	m.want.onRecord = append(m.want.onRecord, got)
	m.want.pending = nil
	m.want.making = m.want.making || got.Verdict == gate.Change
	m.want.rejected = got.Verdict != gate.Reopen && m.want.rejected || got.Verdict == gate.Reject && got.Revision == m.want.shown
}

// Continue carries the gate over a continue-as-new; so does a cancelled run
// that is started again from what it knew.
func (m *machine) Continue(t *rapid.T) {
	data, err := json.Marshal(m.gate)
	require.NoError(t, err)
	var carried gate.Gate
	require.NoError(t, json.Unmarshal(data, &carried))
	require.Equal(t, m.gate, carried)
	m.gate = carried
}

// Check holds after every step.
func (m *machine) Check(t *rapid.T) {
	for _, revision := range append([]string{""}, revisions...) {
		require.Equal(t, revision != "" && revision == m.want.holds(), m.gate.Holds(revision), "approval of %q", revision)
	}
	require.Equal(t, m.want.pending, m.gate.Pending, "a decision that was taken waits until it is on record")
	require.Equal(t, m.want.shown, m.gate.Subject.Revision)
	require.Equal(t, m.want.shown == "", m.gate.State == gate.Closed)
	require.Equal(t, m.want.pending != nil, m.gate.State == gate.Recording)
	if m.want.shown != "" && m.want.pending == nil {
		require.Equal(t, m.want.making, m.gate.State == gate.Updating)
	}
	if m.gate.State == gate.Approved {
		require.True(t, m.gate.Holds(m.want.shown), "approved is this very revision")
	}
	if m.gate.State == gate.Waiting || m.gate.State == gate.Changes {
		require.False(t, m.gate.Holds(m.want.shown), "nobody is asked twice")
	}
}

// Whatever comes, in whatever order: no recorded approval is lost, none is of
// another revision than the one it was given to, and no decision is dropped.
func TestGateModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		t.Repeat(map[string]func(*rapid.T){
			"show":     m.Show,
			"update":   m.Update,
			"decide":   m.Decide,
			"decide 2": m.Decide,
			"recorded": m.Recorded,
			"continue": m.Continue,
			"":         m.Check,
		})
	})
}
