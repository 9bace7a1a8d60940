package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/internal/cli"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// moment is one state of a fake server.
type moment struct {
	executions map[string]cli.Execution
	statuses   map[string]contract.Status
	outcome    contract.TitleOut
	outcomeErr error
	err        error // of every look
}

// fake is a server whose jobs stand where the test says. Each look at the title
// moves it on to the next moment, until the last.
type fake struct {
	mu      sync.Mutex
	moments []moment
	looks   int
	sent    []any // what was started or updated
	to      []string
	refuse  error
	pollers map[string]int
	queries []string
}

func (f *fake) now() moment { return f.moments[min(max(f.looks-1, 0), len(f.moments)-1)] }

func (f *fake) Start(_ context.Context, in contract.TitleIn) (string, error) {
	f.sent = append(f.sent, in)
	return "run-1", f.refuse
}

func (f *fake) Look(_ context.Context, id string) (cli.Execution, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !strings.Contains(id, ":") { // the title
		f.looks++
	}
	m := f.now()
	if m.err != nil {
		return cli.Execution{}, m.err
	}
	e, ok := m.executions[id]
	if !ok {
		return e, cli.Exit(5, "there is no workflow "+id)
	}
	return e, nil
}

func (f *fake) Status(_ context.Context, id string) (contract.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, ok := f.now().statuses[id]
	if !ok {
		return s, cli.Exit(5, "there is no workflow "+id)
	}
	return s, nil
}

func (f *fake) Outcome(context.Context, string) (contract.TitleOut, error) {
	return f.now().outcome, f.now().outcomeErr
}

func (f *fake) Find(_ context.Context, query string) ([]cli.Execution, error) {
	f.queries = append(f.queries, query)
	var all []cli.Execution
	for _, e := range f.now().executions {
		all = append(all, e)
	}
	return all, nil
}

// Update refuses what the real gate would refuse.
func (f *fake) Update(_ context.Context, id, name string, in any) (contract.Receipt, error) {
	f.sent, f.to = append(f.sent, in), append(f.to, id+" "+name)
	if d, ok := in.(contract.Decide); ok {
		for _, g := range f.now().statuses[id].Gates {
			if g.Name != d.Gate {
				continue
			}
			err := g.Check(gate.Decision{Gate: d.Gate, Revision: d.Revision, Verdict: d.Verdict, By: d.By, Comment: d.Comment, Edits: d.Edits, Waive: d.Waive})
			if err != nil {
				return contract.Receipt{}, cli.Exit(4, err.Error())
			}
		}
	}
	return contract.Receipt{ID: id + "/1", Say: "taken"}, f.refuse
}

func (f *fake) Cancel(_ context.Context, id string) error {
	f.to = append(f.to, id)
	return f.refuse
}

func (f *fake) Pollers(_ context.Context, queue string) (int, error) { return f.pollers[queue], nil }

func (f *fake) Link(id string) string { return "http://ui/" + id }

func (f *fake) Close() {}

// result is what a command line did.
type result struct {
	code           int
	stdout, stderr string
}

// run runs a command line against a server, or against none where it is an error.
func run(t *testing.T, server any, args ...string) result {
	t.Helper()
	return runWith(t, server, "", args...)
}

func runWith(t *testing.T, server any, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.MainWith(t.Context(), cli.Process{
		Args: args, Getenv: func(string) string { return "" }, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr,
	}, server, func() time.Time { return noon })
	return result{code, stdout.String(), stderr.String()}
}

// decode reads the JSON that a command printed.
func decode[T any](t *testing.T, r result) (v T) {
	t.Helper()
	require.Zero(t, r.code, r.stderr)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &v), r.stdout)
	return v
}

const (
	title    = "title-film"
	language = "title-film:pt-BR"
)

// waiting is a job whose translation waits at its gate.
func waiting() moment {
	g := gate.New(gate.Translation, "")
	g.Show(gate.Subject{Revision: strings.Repeat("ab", 32), Critical: []string{"TRN001:e002"}, Criticals: 1, Majors: 2}, noon.Add(-90*time.Minute))
	dialogue := gate.New(gate.Dialogue, gate.Off)
	dialogue.Show(gate.Subject{Revision: strings.Repeat("cd", 32)}, noon)
	dialogue.Take(gate.Decision{Revision: strings.Repeat("cd", 32), Verdict: gate.Approve, By: "ana"})
	dialogue.Recorded()
	return moment{
		executions: map[string]cli.Execution{
			title:    {WorkflowID: title, Job: "film", State: cli.StateRunning},
			language: {WorkflowID: language, Job: "film", Language: "pt-BR", State: cli.StateRunning},
		},
		statuses: map[string]contract.Status{
			title: {
				Job: "film", Title: "Film", Gates: []gate.Gate{dialogue},
				Stages:   []contract.StageStatus{{Stage: contract.StageDialogue, State: contract.StageDone}},
				Children: []contract.ChildStatus{{Language: "pt-BR", WorkflowID: language, State: "running"}},
			},
			language: {
				Job: "film", Title: "Film", Language: "pt-BR", Gates: []gate.Gate{g, gate.New(gate.Subtitles, "")},
				Stages: []contract.StageStatus{
					{Stage: contract.StageTranslate, State: contract.StageAtGate, Why: "for a decision at translation"},
					{Stage: contract.StageSubtitles, State: contract.StageWaits, Why: "for translate"},
					{Stage: contract.StagePackage, State: contract.StageWaits, Why: "for subtitles"},
				},
			},
		},
	}
}

// over is a job that has ended.
func over(out contract.TitleOut) moment {
	return moment{executions: map[string]cli.Execution{title: {WorkflowID: title, Job: "film", Title: "Film", State: cli.StateCompleted}}, outcome: out}
}
