//go:build e2e

// Package e2e runs whole jobs: the real embedded server, real workers, and
// either the engine host with its neural engines or the engine simulator.
package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/workers"
)

// root is the repository.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// process is a child that printed a ready line.
type process struct {
	*exec.Cmd
	stdin io.WriteCloser
	ready map[string]any
}

// spawn starts a program of ours and reads its ready line. It ends with the test.
func spawn(tb testing.TB, env []string, path string, args ...string) *process {
	tb.Helper()
	cmd := exec.Command(path, args...)
	cmd.Dir = root()
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = &logWriter{t: tb, name: filepath.Base(path)}
	stdin, err := cmd.StdinPipe()
	require.NoError(tb, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	p := &process{Cmd: cmd, stdin: stdin}
	tb.Cleanup(func() {
		_ = stdin.Close()
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
	})
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadBytes('\n')
	require.NoError(tb, err, "%s printed no ready line", path)
	require.NoError(tb, json.Unmarshal(line, &p.ready), "%s", line)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return p
}

// logWriter sends what a child logs to the test's log, while the test runs.
type logWriter struct {
	t    testing.TB
	name string
}

func (w *logWriter) Write(b []byte) (int, error) {
	if testing.Verbose() {
		_, _ = os.Stderr.Write(append([]byte(w.name+": "), b...))
	}
	return len(b), nil
}

// stack is a whole Babelreel in this process: embedded server, one worker for
// all queues, and an engine.
type stack struct {
	t       testing.TB
	Data    string
	UI      string
	Client  client.Client
	Parts   *activities.Parts
	Sim     *simengine.Server // nil with real engines
	address string
	engine  string
}

// newStack starts a stack on sim, or on the real engine host where sim is nil.
func newStack(tb testing.TB, sim *simengine.Options) *stack {
	tb.Helper()
	s := &stack{t: tb, Data: tb.TempDir()}
	if sim == nil {
		s.engine = spawnHost(tb).url()
	} else {
		var err error
		s.Sim, err = simengine.New(*sim)
		require.NoError(tb, err)
		tb.Cleanup(s.Sim.Close)
		s.engine = s.Sim.URL
	}
	s.startServer()
	s.startWorker()
	return s
}

// host is the engine host with its neural engines.
type host struct{ *process }

func spawnHost(tb testing.TB) host {
	tb.Helper()
	env := []string{"PYTHONPATH=engine/host", "HF_HUB_OFFLINE=1"}
	return host{spawn(tb, env, ".cache/enginehost/venv/bin/python", "-m", "enginehost", "--models", ".cache/enginehost/models")}
}

func (h host) url() string { return "http://127.0.0.1:" + strconv.Itoa(int(h.ready["port"].(float64))) }

func (s *stack) startServer() {
	args := []string{"--db", filepath.Join(s.Data, "temporal.db"), "--port", "0", "--ui-port", "0"}
	for _, a := range contract.Attributes() {
		args = append(args, "--search-attribute", a.Name+"="+a.Type)
	}
	server := spawn(s.t, nil, filepath.Join(root(), "bin", "babelreel-temporal"), args...)
	s.address, s.UI = server.ready["address"].(string), server.ready["ui"].(string)
	c, err := client.Dial(client.Options{HostPort: s.address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	require.NoError(s.t, err)
	s.t.Cleanup(c.Close)
	s.Client = c
}

// startWorker serves all queues until the test ends.
func (s *stack) startWorker() {
	cfg := config.Default()
	cfg.Data, cfg.LeaseTTL = s.Data, 5*time.Second
	cfg.Engines = map[string]config.Engine{config.LocalEngine: {URL: s.engine}}
	parts, closeParts, err := workers.Open(s.t.Context(), cfg, os.Getenv)
	require.NoError(s.t, err)
	s.Parts = parts
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- workers.Run(ctx, s.Client, workers.Options{Queues: config.Queues(), Drain: time.Second}, parts)
	}()
	s.t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, closeParts()); err != nil {
			s.t.Log("worker:", err)
		}
	})
}

func (s *stack) Engine() engine.Engine { return openai.New(s.engine, "") }

// start begins a job with the order's blanks filled in.
func (s *stack) start(in contract.TitleIn) (job string, run client.WorkflowRun) {
	s.t.Helper()
	in.Job = "t" + uuid.NewString()[:8]
	if in.Title == "" {
		in.Title = "TEST"
	}
	if in.Languages == nil {
		in.Languages = []string{"pt-BR"}
	}
	run, err := s.Client.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{
		ID: contract.TitleID(in.Job), TaskQueue: contract.QueueFlow,
	}, contract.LocalizeTitle, in)
	require.NoError(s.t, err)
	return in.Job, run
}

func (s *stack) status(id string) (contract.Status, error) {
	var out contract.Status
	v, err := s.Client.QueryWorkflow(s.t.Context(), id, "", contract.QueryStatus)
	if err != nil {
		return out, err
	}
	return out, v.Get(&out)
}

// awaitGate waits until a gate of a workflow shows something to decide on.
func (s *stack) awaitGate(id string, name gate.Name) gate.Gate {
	s.t.Helper()
	var found gate.Gate
	var last contract.Status
	var lastErr error
	ok := poll(5*time.Minute, func() bool {
		last, lastErr = s.status(id)
		for _, g := range last.Gates {
			if g.Name == name && g.State == gate.Waiting {
				found = g
				return true
			}
		}
		return lastErr == nil && len(last.Blocked) > 0
	})
	require.True(s.t, ok && found.Name != "", "gate %s of %s did not open: %v %+v %v", name, id, last.Blocked, last.Stages, lastErr)
	return found
}

// gate is a gate of a workflow as it stands.
func (s *stack) gate(id string, name gate.Name) gate.Gate {
	s.t.Helper()
	status, err := s.status(id)
	require.NoError(s.t, err)
	for _, g := range status.Gates {
		if g.Name == name {
			return g
		}
	}
	s.t.Fatalf("%s has no gate %s", id, name)
	return gate.Gate{}
}

// awaitRevision waits until a gate shows another revision than the given one.
func (s *stack) awaitRevision(id string, name gate.Name, not string) {
	s.t.Helper()
	require.True(s.t, poll(time.Minute, func() bool {
		status, err := s.status(id)
		return err == nil && slices.ContainsFunc(status.Gates, func(g gate.Gate) bool {
			return g.Name == name && g.State == gate.Waiting && g.Subject.Revision != not
		})
	}), "gate %s shows no new revision", name)
}

// decide sends a decision and returns the refusal, if any.
func (s *stack) decide(id string, d contract.Decide) error {
	if d.By == "" {
		d.By = "tester"
	}
	h, err := s.Client.UpdateWorkflow(s.t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: contract.UpdateDecide, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return h.Get(s.t.Context(), nil)
}

// approve waits for a gate and approves what it shows.
func (s *stack) approve(id string, names ...gate.Name) {
	s.t.Helper()
	for _, name := range names {
		g := s.awaitGate(id, name)
		require.NoError(s.t, s.decide(id, contract.Decide{Gate: name, Revision: g.Subject.Revision, Verdict: gate.Approve}), "%s", g.Subject.Brief)
	}
}

// manifest waits for the title to end and reads the delivery of a language.
func (s *stack) manifest(run client.WorkflowRun, language string) contract.Manifest {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	var out contract.TitleOut
	require.NoError(s.t, run.Get(ctx, &out))
	for _, l := range out.Languages {
		if l.Language == language {
			return document[contract.Manifest](s, l.Manifest)
		}
	}
	s.t.Fatalf("%s was not delivered: %+v", language, out)
	return contract.Manifest{}
}

// document reads a document of the store.
func document[T any](s *stack, b script.Blob) T {
	s.t.Helper()
	r, err := s.Parts.Blobs.Open(s.t.Context(), b.SHA256)
	require.NoError(s.t, err)
	defer r.Close()
	var doc T
	require.NoError(s.t, json.NewDecoder(r).Decode(&doc))
	return doc
}

// fetchAll puts every file of a delivery into a folder.
func (s *stack) fetchAll(m contract.Manifest) string {
	s.t.Helper()
	dir := s.t.TempDir()
	for _, f := range m.Files {
		require.NoError(s.t, s.Parts.Blobs.Fetch(s.t.Context(), f.Blob.SHA256, filepath.Join(dir, f.Name)))
	}
	return dir
}

// poll asks until it is answered yes or time is up.
func poll(limit time.Duration, yes func() bool) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if yes() {
			return true
		}
		select {
		case <-deadline.C:
			return false
		case <-tick.C:
		}
	}
}
