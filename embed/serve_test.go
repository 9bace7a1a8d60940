package embed_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/embed"
)

// BenchmarkActivityHop is the time from one no-op activity of a workflow to the
// next, with one workflow in flight. Run it with -benchtime 500x.
func BenchmarkActivityHop(b *testing.B) {
	server, err := embed.Start(b.Context(), embed.Options{DB: filepath.Join(b.TempDir(), "temporal.db"), LogLevel: "error"})
	require.NoError(b, err)
	b.Cleanup(server.Stop)
	c := dial(b, server.Address())
	work(b, c, worker.DeploymentOptions{})
	b.ResetTimer()

	for left := b.N; left > 0; left -= 500 { // a history holds some 8,000 activities
		run, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{TaskQueue: "flow"}, hops, min(left, 500))
		require.NoError(b, err)
		require.NoError(b, run.Get(b.Context(), nil))
	}

	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/hop")
}

// served is the command running as a process of its own.
type served struct {
	embed.Ready
	cmd   *exec.Cmd
	stdin io.Closer
}

// serve starts the command and waits for its ready line.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stderr = t.Output()
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})

	s := &served{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &s.Ready))
	require.True(t, s.Ready.Ready)
	require.Equal(t, cmd.Process.Pid, s.PID)
	return s
}

func (s *served) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Kill())
	require.Error(t, s.cmd.Wait())
}

func dial(tb testing.TB, address string) client.Client {
	tb.Helper()
	c, err := client.DialContext(tb.Context(), client.Options{
		HostPort: address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(tb, err)
	tb.Cleanup(c.Close)
	return c
}

// work serves the queue "flow", as part of a deployment or of none.
func work(tb testing.TB, c client.Client, deployment worker.DeploymentOptions) {
	tb.Helper()
	w := worker.New(c, "flow", worker.Options{DeploymentOptions: deployment})
	w.RegisterWorkflow(review)
	w.RegisterWorkflow(hops)
	w.RegisterActivity(noop)
	require.NoError(tb, w.Start())
	tb.Cleanup(w.Stop)
}

// hops runs n activities, one after the other.
func hops(ctx workflow.Context, n int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range n {
		if err := workflow.ExecuteActivity(ctx, noop).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func noop(context.Context) error { return nil }

// requireListed waits until query finds exactly the run.
func requireListed(t *testing.T, c client.Client, query, runID string) {
	t.Helper()
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		got, err := c.ListWorkflow(context.Background(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
		require.NoError(t, err)
		require.Len(t, got.GetExecutions(), 1)
		require.Equal(t, runID, got.GetExecutions()[0].GetExecution().GetRunId())
	}, 10*time.Second, 50*time.Millisecond)
}

func get(t *testing.T, page string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	return port
}
