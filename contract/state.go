package contract

import (
	"time"

	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// State is everything a reconcile loop knows. It is small, it survives JSON,
// and a continue-as-new carries it over whole.
type State struct {
	Results []StageResult `json:"results,omitempty"`
	Gates   []gate.Gate   `json:"gates,omitempty"`
	Edits   []StageEdits  `json:"edits,omitempty"`
	Blocked []Blocked     `json:"blocked,omitempty"`
	Taken   int           `json:"taken,omitempty"` // decisions taken so far; numbers their ids
	Turns   int           `json:"turns,omitempty"` // continue-as-new so far
}

// StageResult is the last outcome of a stage and the key it was made under. It
// counts only while the key is still the one that the inputs give.
type StageResult struct {
	Subject gate.Subject `json:"subject,omitzero"` // what the stage's gate shows of it
	Stage   StageName    `json:"stage"`
	Key     string       `json:"key"`
	Made    Made         `json:"made"`
}

// StageEdits are the edit sets that people put over a stage's document.
type StageEdits struct {
	Stage StageName     `json:"stage"`
	Sets  []script.Blob `json:"sets"`
}

// Blocked is a stage that cannot go on until a person acts.
type Blocked struct {
	Stage  StageName `json:"stage"`
	Key    string    `json:"key"`
	Kind   string    `json:"kind"` // fault.Kind
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// LanguageIn starts a LocalizeLanguage workflow.
type LanguageIn struct {
	Order    Order      `json:"order"`
	Language string     `json:"language"`
	From     string     `json:"from"`
	Source   []StageDoc `json:"source"` // the documents of LocalizeTitle
	Labels   []string   `json:"labels,omitempty"`
	Plan     Planned    `json:"plan,omitzero"` // fixed by the first run
	Resume   State      `json:"resume,omitzero"`
	// ContinueEvery forces a continue-as-new after that many stages, for tests; 0 never.
	ContinueEvery int `json:"continueEvery,omitempty"`
}

// LanguageOut is what a finished LocalizeLanguage workflow returns.
type LanguageOut struct {
	Language string      `json:"language"`
	Manifest script.Blob `json:"manifest"`
	Labels   []string    `json:"labels"`
}

// TitleIn starts a LocalizeTitle workflow.
type TitleIn struct {
	Order
	ContinueEvery int `json:"continueEvery,omitempty"` // handed to every language, for tests
}

// Outcome is how a title ended.
type Outcome string

// The outcomes.
const (
	OutcomeDelivered  Outcome = "delivered"   // every language
	OutcomePartial    Outcome = "partial"     // some languages failed; Failed names them
	OutcomeNoDialogue Outcome = "no-dialogue" // nobody speaks in the programme; nothing was made
)

// TitleOut is what a finished LocalizeTitle workflow returns.
type TitleOut struct {
	Outcome   Outcome          `json:"outcome"`
	Languages []LanguageOut    `json:"languages,omitempty"`
	Failed    []FailedLanguage `json:"failed,omitempty"`
}

// FailedLanguage is a language that was not delivered, and why.
type FailedLanguage struct {
	Language string `json:"language"`
	Kind     string `json:"kind"` // fault.Kind, "" where cancelled
	Reason   string `json:"reason"`
}

// Decide is the input of UpdateDecide, as a person types it.
type Decide struct {
	Gate     gate.Name     `json:"gate"`
	Revision string        `json:"revision"` // or its first 12 letters
	Verdict  gate.Verdict  `json:"verdict"`
	By       string        `json:"by"`
	Comment  string        `json:"comment,omitempty"`
	Edits    []script.Edit `json:"edits,omitempty"`
	Waive    []gate.Waiver `json:"waive,omitempty"`
}

// Retry is the input of UpdateRetry.
type Retry struct {
	Stage StageName `json:"stage"`
	By    string    `json:"by"`
}

// AddLanguage is the input of UpdateAddLanguage.
type AddLanguage struct {
	Language string `json:"language"`
	By       string `json:"by"`
}

// Receipt confirms that an update was taken.
type Receipt struct {
	ID  string `json:"id"`
	Say string `json:"say"` // what happens next, for people
}

// SourceRevised is the signal by which a title tells a language that documents
// it is made from have changed.
type SourceRevised struct {
	Source []StageDoc `json:"source"`
	From   string     `json:"from"`
}

// Status is what QueryStatus answers.
type Status struct {
	Job       string        `json:"job"`
	Title     string        `json:"title"`
	Language  string        `json:"language,omitempty"`
	Stages    []StageStatus `json:"stages"`
	Gates     []gate.Gate   `json:"gates"`
	Blocked   []Blocked     `json:"blocked,omitempty"`
	Children  []ChildStatus `json:"children,omitempty"`
	Labels    []string      `json:"labels,omitempty"`
	Decisions int           `json:"decisions"`
}

// StageStatus is where one stage stands.
type StageStatus struct {
	Stage StageName   `json:"stage"`
	State string      `json:"state"` // one of the Stage states
	Why   string      `json:"why,omitempty"`
	Key   string      `json:"key,omitempty"`
	Doc   script.Blob `json:"doc,omitzero"`
	Items int         `json:"items,omitempty"`
}

// The states of a stage.
const (
	StageWaits   = "waits" // for an earlier stage or gate, Why says which
	StageRunning = "running"
	StageStale   = "stale" // has a result, but of inputs that changed
	StageAtGate  = "at-gate"
	StageDone    = "done"
	StageBlocked = "blocked"
)

// ChildStatus is one language of a title.
type ChildStatus struct {
	Language   string `json:"language"`
	WorkflowID string `json:"workflowId"`
	State      string `json:"state"` // running, delivered, failed or cancelled
	Reason     string `json:"reason,omitempty"`
}
