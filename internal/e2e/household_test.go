//go:build e2e

package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/store"
	"github.com/babelreel/babelreel/store/records"
)

// household is `babelreel up` with the simulator for its engine host, and the
// person beside it who runs commands. Every process of it has dir in its command
// line.
type household struct {
	*stack // only what speaks to Temporal
	dir    string
	ports  [2]int // of Temporal and of its UI
	host   string // command of the engine host
	lease  time.Duration
	up     *process
	ended  chan error // of up
}

// newHousehold starts one that can hear a film of the given lines, and makes the
// film. Each call of its engines takes latency.
func newHousehold(t *testing.T, lines []string, latency time.Duration) (h *household, film string) {
	t.Helper()
	h = emptyHousehold(t, latency)
	sim, err := simengine.New(simengine.Options{Seed: 1, Lines: h.path("lines.jsonl")})
	require.NoError(t, err)
	defer sim.Close()
	film = simFilm(t, openai.New(sim.URL, ""), lines)
	h.start()
	return h, film
}

// emptyHousehold is one that is not started.
func emptyHousehold(t *testing.T, latency time.Duration) *household {
	t.Helper()
	dir := t.TempDir()
	host := filepath.Join(dir, "simengine")
	run(t, "go", "build", "-o", host, "github.com/babelreel/babelreel/internal/simengine/cmd")
	h := &household{stack: &stack{t: t, Data: filepath.Join(dir, "data")}, dir: dir, ports: [2]int{freePort(t), freePort(t)}, lease: 3 * time.Second}
	h.host = strings.Join([]string{host, "-seed", "1", "-latency", latency.String(), "-lines", h.path("lines.jsonl"), "-journal", h.path("journal.jsonl")}, ",")
	h.address = "127.0.0.1:" + strconv.Itoa(h.ports[0])
	c, err := client.NewLazyClient(client.Options{HostPort: h.address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	h.Client = c
	return h
}

// freePort is a port that nobody uses, below those that the kernel gives to
// connections: one of these would take it while a server is being restarted.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		if listener, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)); err == nil {
			require.NoError(t, listener.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

func (h *household) path(name string) string { return filepath.Join(h.dir, name) }

// program is the binary under test.
func program() string { return filepath.Join(root(), "bin", "babelreel") }

// settings are the flags of all commands.
func (h *household) settings() []string {
	return []string{
		"--data", h.Data, "--temporal-port", strconv.Itoa(h.ports[0]), "--temporal-ui-port", strconv.Itoa(h.ports[1]),
		"--host-command", h.host, "--lease-ttl", h.lease.String(), "--drain", "1s",
	}
}

// start runs up until the test ends.
func (h *household) start() {
	h.t.Helper()
	up := spawn(h.t, nil, program(), append([]string{"up", "--json"}, h.settings()...)...)
	ended := make(chan error, 1)
	go func() { ended <- up.Wait() }()
	h.up, h.ended = up, ended
	h.t.Cleanup(func() {
		if up == h.up && up.ProcessState == nil {
			h.stop()
		}
	})
	require.Equal(h.t, h.address, up.ready["address"])
}

// stop ends up as Ctrl-C does, which must succeed and leave nothing behind.
func (h *household) stop() {
	h.t.Helper()
	require.NoError(h.t, h.up.Process.Signal(os.Interrupt))
	require.NoError(h.t, h.wait(), "the exit status of up")
	require.Empty(h.t, h.processes(), "up is gone, and these are not")
}

// wait waits for the end of up.
func (h *household) wait() error {
	select {
	case err := <-h.ended:
		return err
	case <-time.After(time.Minute):
		return errors.New("up does not end")
	}
}

// cli runs a command that must succeed, and reads what it prints into out.
func (h *household) cli(out any, args ...string) {
	h.t.Helper()
	printed, said, code := h.try(args...)
	require.Zero(h.t, code, "babelreel %v: %s", args, said)
	require.NoError(h.t, json.Unmarshal(printed, out), "%s", printed)
}

// try runs a command.
func (h *household) try(args ...string) (stdout []byte, stderr string, code int) {
	h.t.Helper()
	cmd := exec.Command(program(), append(args, h.settings()...)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&said, &logWriter{t: h.t, name: args[0]})
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); !ended {
		require.NoError(h.t, err)
	}
	return out.Bytes(), said.String(), cmd.ProcessState.ExitCode()
}

// order starts a job for film by the command line.
func (h *household) order(job, film, services string) {
	h.t.Helper()
	var started struct{ Job string }
	h.cli(&started, "start", film, "--from", "en", "--to", "pt-BR", "--services", services, "--title", "CRASH", "--job", job, "--json")
	require.Equal(h.t, job, started.Job)
}

// receipt is what a decision answers.
type receipt struct{ Receipt, Revision string }

// sign waits for gates and approves what they show by the command line.
func (h *household) sign(job string, names ...gate.Name) (last receipt) {
	h.t.Helper()
	for _, name := range names {
		g := h.awaitGate(workflowOf(job, name), name)
		args := []string{"review", "approve", job, "--gate", string(name), "--revision", g.Subject.Revision, "--by", "tester", "--json"}
		h.cli(&last, args...)
	}
	return last
}

// workflowOf is the workflow of a job that has a gate.
func workflowOf(job string, name gate.Name) string {
	if name == gate.Dialogue {
		return contract.TitleID(job)
	}
	return contract.LanguageID(job, "pt-BR")
}

// approveAtOnce approves what a gate shows without the start of a program.
func (h *household) approveAtOnce(job string, g gate.Gate) error {
	return h.decide(workflowOf(job, g.Name), contract.Decide{Gate: g.Name, Revision: g.Subject.Revision, Verdict: gate.Approve})
}

// insist approves what a gate shows, unless that was done already.
func (h *household) insist(job string, g gate.Gate) (err error) {
	poll(time.Minute, func() bool {
		err = h.approveAtOnce(job, g)
		if err != nil && strings.Contains(err.Error(), "already approved") {
			err = nil
		}
		return err == nil
	})
	return err
}

// awaitApproval waits until a gate is approved, and returns by which decision.
func (h *household) awaitApproval(job string, name gate.Name) gate.Decision {
	h.t.Helper()
	var approval gate.Decision
	require.True(h.t, poll(2*time.Minute, func() bool {
		status, err := h.status(workflowOf(job, name))
		for _, g := range status.Gates {
			if err == nil && g.Name == name && g.State == gate.Approved {
				approval = *g.Approval
			}
		}
		return approval.ID != ""
	}), "gate %s is not approved", name)
	return approval
}

// decisions are those on record for the workflow of a gate.
func (h *household) decisions(job string, name gate.Name) []store.Decision {
	h.t.Helper()
	db, err := records.Open(h.t.Context(), filepath.Join(h.Data, "records.db"), time.Now)
	require.NoError(h.t, err)
	defer db.Close()
	all, err := db.Decisions(h.t.Context(), workflowOf(job, name))
	require.NoError(h.t, err)
	return all
}

// calls are those that the engines got.
func (h *household) calls() []simengine.Entry {
	h.t.Helper()
	calls, err := simengine.ReadJournal(h.path("journal.jsonl"))
	require.NoError(h.t, err)
	return calls
}

// spoken is how often each line was asked to be spoken, by its key.
func (h *household) spoken() map[string]int {
	h.t.Helper()
	by := map[string]int{}
	for _, call := range h.calls() {
		if call.Capability == engine.CanSpeak {
			by[call.Key]++
		}
	}
	return by
}

// awaitSpoken waits until so many lines were asked to be spoken.
func (h *household) awaitSpoken(lines int) {
	h.t.Helper()
	require.True(h.t, poll(2*time.Minute, func() bool { return len(h.spoken()) >= lines }), "only %d lines were asked for", len(h.spoken()))
}

// finished waits until a job has delivered, as watch sees it.
func (h *household) finished(job string) {
	h.t.Helper()
	printed, said, code := h.try("watch", job, "--json")
	require.Zero(h.t, code, "%s\n%s", said, printed)
}

// delivered hands a job over, and returns the directory and the files' hashes,
// each proven by deliver.
func (h *household) delivered(job string) (dir string, sums map[string]string) {
	h.t.Helper()
	out := h.path("delivery-" + job)
	var done struct{ Missing []string }
	h.cli(&done, "deliver", job, "--out", out, "--json")
	require.Empty(h.t, done.Missing)
	dir = filepath.Join(out, "pt-BR")
	return dir, hashes(readJSON[contract.Manifest](h.t, filepath.Join(dir, "manifest.json")))
}
