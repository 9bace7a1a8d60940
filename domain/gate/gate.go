// Package gate is the pure model of a review gate: what waits for a decision,
// who decided what on which exact revision, and when an approval holds.
//
// Workflows drive it and panels show it. It reads no clock: times are given.
// A Gate is a plain value that survives JSON, so a workflow can carry it over
// a continue-as-new.
package gate

import (
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// Name is one of the points at which a job waits for people.
type Name string

// The gates, in the order of a job.
const (
	Dialogue    Name = "dialogue"
	Translation Name = "translation"
	Subtitles   Name = "subtitles"
	Premix      Name = "premix"
	Final       Name = "final"
)

// Names lists every gate in the order of a job.
func Names() []Name { return []Name{Dialogue, Translation, Subtitles, Premix, Final} }

// Policy says when a gate asks for a person.
type Policy string

// The policies. An order that names none for a gate means Required.
const (
	Required  Policy = "required"             // a person decides
	Automatic Policy = "automatic-when-clean" // a person decides unless no major or critical finding is open
	Off       Policy = "off"                  // never asks; critical findings hold it all the same
)

// Valid reports whether p is a policy or empty.
func (p Policy) Valid() bool {
	return slices.Contains([]Policy{"", Required, Automatic, Off}, p)
}

// State says what a gate is doing.
type State string

// The states.
const (
	Closed    State = "closed"            // nothing to look at yet
	Waiting   State = "waiting"           // for a decision on Subject.Revision
	Recording State = "recording"         // a decision was taken and is being written to the records
	Updating  State = "updating"          // the document is being made anew; nothing can be decided on the old one
	Changes   State = "changes-requested" // Subject.Revision was rejected; an edit makes a new one
	Approved  State = "approved"          // the approval of Subject.Revision is on record
)

// Subject is what a gate shows: one revision and what was found in it.
type Subject struct {
	Revision  string      `json:"revision"` // sha256 of the document
	Rules     string      `json:"rules"`    // version of the rules that checked it
	Critical  []string    `json:"critical"` // ids of the open critical findings, at most MaxCritical
	Criticals int         `json:"criticals"`
	Majors    int         `json:"majors"`
	Minors    int         `json:"minors"`
	Report    script.Blob `json:"report"` // the full report
	Brief     string      `json:"brief"`  // short markdown for people
}

// MaxCritical is how many critical findings a Subject lists, so that it stays
// small in a history.
const MaxCritical = 200

// clean reports whether a policy of Automatic approves s without a person.
func (s Subject) clean() bool { return s.Criticals == 0 && s.Majors == 0 }

// Verdict is the answer of a decision.
type Verdict string

// The verdicts.
const (
	Approve Verdict = "approve" // this exact revision is right
	Change  Verdict = "change"  // with these edits; they make a new revision to decide on
	Reject  Verdict = "reject"  // not acceptable, for the reason given
	Reopen  Verdict = "reopen"  // an approval or a rejection no longer holds, for the reason given
)

// Decision is what one person says about one revision.
type Decision struct {
	ID       string        `json:"id"`
	Gate     Name          `json:"gate"`
	Revision string        `json:"revision"`
	Verdict  Verdict       `json:"verdict"`
	Edits    []script.Edit `json:"edits,omitempty"`
	Waive    []Waiver      `json:"waive,omitempty"`
	Comment  string        `json:"comment,omitempty"`
	By       string        `json:"by"`
	Identity Identity      `json:"identity"`
	At       time.Time     `json:"at"`
}

// Waiver accepts one critical finding with a reason.
type Waiver struct {
	Finding string `json:"finding"`
	Reason  string `json:"reason"`
}

// Identity says how far By can be trusted.
type Identity string

// The identities. Without a signed statement a name is only what was typed.
const (
	Unverified Identity = "unverified"
	ByPolicy   Identity = "policy"
)

// MaxEdits is how many edits one decision may carry.
const MaxEdits = 200

// Gate is one review gate of one document.
type Gate struct {
	Name     Name      `json:"name"`
	Policy   Policy    `json:"policy"`
	State    State     `json:"state"`
	Subject  Subject   `json:"subject"`
	Pending  *Decision `json:"pending,omitempty"`  // taken, not yet on record
	Approval *Decision `json:"approval,omitempty"` // the last approval that was not reopened
	Rejected *Decision `json:"rejected,omitempty"` // why State is Changes
	Since    time.Time `json:"since"`              // when Subject was shown
	// Contested are the revisions that a person rejected or reopened: whatever
	// the policy, only a person approves them again.
	Contested []string `json:"contested,omitempty"`
}

// New is a closed gate.
func New(name Name, policy Policy) Gate {
	if policy == "" {
		policy = Required
	}
	return Gate{Name: name, Policy: policy, State: Closed}
}

// Show puts subject before the reviewers. An approval given to this very
// revision still holds; one given to another does not. While a decision is
// being recorded the new subject replaces the old one and the decision, being
// about another revision, will only be kept on record.
func (g *Gate) Show(subject Subject, at time.Time) {
	if g.State == Closed || g.Subject.Revision != subject.Revision {
		g.Since, g.Rejected = at, nil
	}
	g.Subject = subject
	switch {
	case g.Pending != nil:
		g.State = Recording
	case g.Rejected != nil:
		g.State = Changes
	case g.Approval != nil && g.Approval.Revision == subject.Revision:
		g.State = Approved
	default:
		g.State = Waiting
	}
}

// Update says that the document is being made anew, because of an edit or of
// something it was made from. Nothing can be decided until Show.
func (g *Gate) Update() {
	if g.State != Closed && g.Pending == nil {
		g.State = Updating
	}
}

// Holds reports whether revision has an approval on record that was not reopened.
func (g *Gate) Holds(revision string) bool {
	return g.Approval != nil && g.Approval.Revision == revision
}

// Policies gives the decision that the gate's policy takes by itself on the
// subject it shows, if it takes one. It never overrules a person.
func (g *Gate) Policies() (Decision, bool) {
	own := g.Policy == Off && g.Subject.Criticals == 0 || g.Policy == Automatic && g.Subject.clean()
	if g.State != Waiting || !own || slices.Contains(g.Contested, g.Subject.Revision) {
		return Decision{}, false
	}
	return Decision{
		Gate: g.Name, Revision: g.Subject.Revision, Verdict: Approve,
		By: "policy:" + string(g.Policy), Identity: ByPolicy, Comment: "no person looked at this revision",
	}, true
}

// Take accepts a decision that Check let through: from here on it must be put
// on record, and Recorded be called, before anything follows from it.
func (g *Gate) Take(d Decision) {
	g.Pending, g.State = &d, Recording
}

// Recorded says that the pending decision is on record, and lets it take
// effect. It returns the decision.
func (g *Gate) Recorded() Decision {
	d := *g.Pending
	g.Pending = nil
	g.State = Waiting
	if (d.Verdict == Reject || d.Verdict == Reopen) && !slices.Contains(g.Contested, d.Revision) {
		g.Contested = append(slices.Clip(g.Contested), d.Revision)
	}
	switch d.Verdict {
	case Approve:
		g.Approval = &d
	case Reopen:
		g.Rejected = nil
		if g.Holds(d.Revision) {
			g.Approval = nil
		}
	case Reject:
		if d.Revision == g.Subject.Revision {
			g.Rejected, g.State = &d, Changes
		}
	case Change: // the document that the edits make is shown when it is there
		g.State = Updating
		return d
	}
	if g.Approval != nil && g.Approval.Revision == g.Subject.Revision {
		g.State = Approved
	}
	return d
}
