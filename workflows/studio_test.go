package workflows_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/workflows"
)

const (
	titleID  = "title-film"
	germanID = "title-film:de"
	// look is how often the people of the tests look at what waits for them.
	look = time.Hour
	// patience is how many looks a test takes before it gives up: two months.
	patience = 60 * 24
)

// studio is all that surrounds the workflows of a test: activities, a store,
// records and people. Its activities behave as the real ones do: a document is
// a pure function of what it is made from, and its hash stands for it.
type studio struct {
	t       *testing.T
	env     *testsuite.TestWorkflowEnvironment
	regions int                        // stretches of speech in the programme
	lines   int                        // localized events in it
	shots   int                        // in its picture
	found   map[gate.Name]gate.Subject // what the brief of a gate counts
	people  func(workflowID string, s contract.Status)

	failures map[int]script.Failure // what no batch can make, by the index of the item

	looks   int
	updates int
	refused []string // what validators said
	began   time.Time

	mu      sync.Mutex // what follows is written by activities
	faults  map[string]func(in any) error
	calls   []call
	records map[string]gate.Decision
	order   []string // ids of records
}

// call is one activity that ran to its end.
type call struct {
	name string
	in   any
}

// newStudio is a studio in which every activity succeeds at once, and people
// approve all that is shown to them.
func newStudio(t *testing.T) *studio {
	t.Helper()
	s := &studio{
		t: t, regions: 3, lines: 30, shots: 6,
		found: map[gate.Name]gate.Subject{}, faults: map[string]func(any) error{}, records: map[string]gate.Decision{},
	}
	s.people = s.approveAll
	s.newEnv(titleID)
	return s
}

// newEnv starts a workflow environment for the next run of workflow id.
func (s *studio) newEnv(id string) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	s.env = suite.NewTestWorkflowEnvironment()
	s.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: contract.QueueFlow})
	s.env.RegisterWorkflowWithOptions(workflows.LocalizeTitle, workflow.RegisterOptions{Name: contract.LocalizeTitle})
	s.env.RegisterWorkflowWithOptions(workflows.LocalizeLanguage, workflow.RegisterOptions{Name: contract.LocalizeLanguage})
	s.register()
	s.began = s.env.Now()
	s.watch()
}

func (s *studio) register() {
	model := func(id string) contract.Model {
		return contract.Model{ID: id, Fingerprint: id + "@1#w", Grade: "draft"}
	}
	fake(s, contract.Admit, func(contract.Order) (contract.Admission, error) {
		return contract.Admission{FindSpeech: model("vad"), Transcribe: model("asr")}, nil
	})
	fake(s, contract.Ingest, func(in contract.IngestIn) (contract.Made, error) {
		return contract.Made{Doc: document(contract.Ingest.Name, in), Items: 1}, nil
	})
	fake(s, contract.PlanLanguage, func(in contract.Work) (contract.Planned, error) {
		return contract.Planned{
			Made: contract.Made{Doc: document(contract.PlanLanguage.Name, in)},
			Plan: contract.LanguagePlan{From: in.From, To: in.To, Translate: model("mt"), Speak: model("tts"), Hear: model("asr"), LipSync: model("lips")},
		}, nil
	})
	one := 1
	for _, a := range []struct {
		contract.Activity[contract.Work, contract.Made]
		items *int
	}{
		{contract.FindShots, &s.shots},
		{contract.FindSpeech, &s.regions},
		{contract.Transcribe, &s.lines},
		{contract.AssembleTranslation, &s.lines},
		{contract.AuthorSubtitles, &s.lines},
		{contract.PrepareDub, &s.lines},
		{contract.AssembleTakes, &s.lines},
		{contract.BuildPremix, &one},
		{contract.MixDub, &one},
		{contract.HearDub, &s.lines},
		{contract.AssemblePicture, &s.shots},
		{contract.AssembleMaster, &one},
	} {
		fake(s, a.Activity, func(w contract.Work) (contract.Made, error) {
			w.Job, w.Title = "", ""
			return contract.Made{Doc: document(a.Name, w), Items: *a.items, Language: "en", Labels: []string{a.Name + " is a draft"}}, nil
		})
	}
	for _, act := range []contract.Activity[contract.Work, contract.Batch]{contract.Translate, contract.Synthesize, contract.SyncLips} {
		fake(s, act, func(w contract.Work) (contract.Batch, error) {
			out := contract.Batch{Made: w.Count}
			for i := w.First; i < w.First+w.Count; i++ {
				if f, failed := s.failures[i]; failed {
					out.Failures = append(out.Failures, f)
				}
			}
			return out, nil
		})
	}
	fake(s, contract.Package, s.pack)
	fake(s, contract.BuildBrief, func(in contract.BriefIn) (gate.Subject, error) {
		subject := s.found[in.Gate]
		subject.Revision, subject.Rules, subject.Brief = in.Doc.SHA256, "rules-1", "Look at it."
		return subject, nil
	})
	fake(s, contract.RecordDecision, s.record)
}

// pack makes a delivery of the approvals that are on record, and of them alone.
func (s *studio) pack(in contract.PackageIn) (contract.Made, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var approvals []string
	for _, id := range in.Approved {
		d, ok := s.records[id]
		if !ok || d.Verdict != gate.Approve {
			return contract.Made{}, fault.New(fault.Invalid, "package", "%s is no approval on record", id)
		}
		approvals = append(approvals, string(d.Gate)+"="+d.Revision)
	}
	in.Approved = approvals
	return contract.Made{Doc: document(contract.Package.Name, in), Items: 1, Labels: in.Labels}, nil
}

// record keeps a decision. A retry finds it there already.
func (s *studio) record(in contract.DecisionIn) (contract.DecisionOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.records[in.Decision.ID]; !known {
		s.order = append(s.order, in.Decision.ID)
	}
	s.records[in.Decision.ID] = in.Decision
	if len(in.Decision.Edits) == 0 {
		return contract.DecisionOut{}, nil
	}
	return contract.DecisionOut{EditSet: document("edits", in.Decision.Edits)}, nil
}

// fake makes fn the activity act of the studio, after whatever fault it has.
func fake[In, Out any](s *studio, act contract.Activity[In, Out], fn func(In) (Out, error)) {
	act.Register(s.env, func(_ context.Context, in In) (Out, error) {
		var none Out
		s.mu.Lock()
		broken := s.faults[act.Name]
		s.mu.Unlock()
		if broken != nil {
			if err := broken(in); err != nil {
				return none, err
			}
		}
		out, err := fn(in)
		if err == nil {
			s.mu.Lock()
			s.calls = append(s.calls, call{act.Name, in})
			s.mu.Unlock()
		}
		return out, err
	})
}

// document is what the work kind makes of in.
func document(kind string, in any) script.Blob {
	data, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(append([]byte(kind+"\n"), data...))
	return script.Blob{SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(data)), Type: "application/json"}
}

// fault gives an activity a fault: fn is asked before each call.
func (s *studio) fault(act string, fn func(in any) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[act] = fn
}

// slow makes an activity succeed only when the studio is d old.
func (s *studio) slow(act string, d time.Duration) {
	s.fault(act, func(any) error {
		left := d - s.env.Now().Sub(s.began)
		if left <= 0 {
			return nil
		}
		err := fault.New(fault.Busy, act, "come back later")
		err.After = left
		return err
	})
}

// tally counts the calls so far by activity.
func (s *studio) tally() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := map[string]int{}
	for _, c := range s.calls {
		n[c.name]++
	}
	return n
}

// since names the activities that ran after the tally was taken, sorted, and
// leaves out those around the gates.
func (s *studio) since(before map[string]int) []string {
	names := []string{}
	for name, n := range s.tally() {
		if n > before[name] && name != contract.BuildBrief.Name && name != contract.RecordDecision.Name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// inputs are the inputs of an activity, in the order of its calls.
func inputs[In, Out any](s *studio, act contract.Activity[In, Out]) []In {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []In
	for _, c := range s.calls {
		if c.name == act.Name {
			all = append(all, c.in.(In))
		}
	}
	return all
}

// said lists what went on record, as "gate verdict by", in order.
func (s *studio) said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, id := range s.order {
		d := s.records[id]
		all = append(all, fmt.Sprintf("%s %s %s", d.Gate, d.Verdict, d.By))
	}
	return all
}
