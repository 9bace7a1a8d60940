package embed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/embed"
)

// asCommand makes the test binary be the command, so that a test can kill it.
const asCommand = "BABELREEL_TEMPORAL_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	err := embed.Command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var reviewState = temporal.NewSearchAttributeKeyKeyword("ReviewState")

// review waits for one decision and returns it.
func review(ctx workflow.Context) (string, error) {
	var decision string
	err := workflow.SetUpdateHandler(ctx, "decide", func(_ workflow.Context, d string) error {
		decision = d
		return nil
	})
	if err != nil {
		return "", err
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, reviewState.ValueSet("awaiting_linguist")); err != nil {
		return "", err
	}
	return decision, workflow.Await(ctx, func() bool { return decision != "" })
}

func TestKilledServerGoesOn(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Join(t.TempDir(), "a file: 100% #1?")
	require.NoError(t, os.Mkdir(dir, 0o700))
	db := filepath.Join(dir, "temporal.db")
	first := serve(t, "--db", db, "--port", "0", "--ui-port", "0", "--search-attribute", "ReviewState=Keyword")
	c := dial(t, first.Address)
	work(t, c, worker.DeploymentOptions{})
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "title-1", TaskQueue: "flow"}, review)
	require.NoError(t, err)
	requireListed(t, c, `ReviewState = "awaiting_linguist"`, run.GetRunID())

	first.kill(t)
	port, uiPort := portOf(t, first.Address), portOf(t, first.UI[len("http://"):])
	second := serve(t, "--db", db, "--port", port, "--ui-port", uiPort, "--retention", "48h",
		"--search-attribute", "ReviewState=Keyword", "--search-attribute", "Due=Datetime")
	handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: "title-1", UpdateName: "decide", Args: []any{"approve"}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(t, err)
	require.NoError(t, handle.Get(ctx, nil))
	var decision string
	require.NoError(t, run.Get(ctx, &decision))

	require.Equal(t, "approve", decision)
	require.Equal(t, first.Address, second.Address)
	require.Equal(t, first.UI, second.UI)
	requireListed(t, c, `ReviewState = "awaiting_linguist" AND Due IS NULL AND ExecutionStatus = "Completed"`, run.GetRunID())
	namespace, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: "default"})
	require.NoError(t, err)
	require.Equal(t, 48*time.Hour, namespace.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration())
	require.Equal(t, http.StatusOK, get(t, second.UI+"/").StatusCode)
	require.Equal(t, http.StatusOK, get(t, second.UI+"/api/v1/namespaces/default/workflows/title-1").StatusCode)
}

func TestCommandEnds(t *testing.T) {
	tests := map[string]func(*served) error{
		"with its stdin": func(s *served) error { return s.stdin.Close() },
		"at a SIGTERM":   func(s *served) error { return s.cmd.Process.Signal(syscall.SIGTERM) },
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "--db", filepath.Join(t.TempDir(), "temporal.db"), "--port", "0", "--ui-port", "0")
			work(t, dial(t, s.Address), worker.DeploymentOptions{}) // its long polls must not hold up the end
			begun := time.Now()

			require.NoError(t, end(s))

			require.NoError(t, s.cmd.Wait(), "exit status 0")
			require.Less(t, time.Since(begun), 7*time.Second)
		})
	}
}

func TestStart(t *testing.T) {
	keyword := map[string]enums.IndexedValueType{"ReviewState": enums.INDEXED_VALUE_TYPE_KEYWORD}
	db := filepath.Join(t.TempDir(), "temporal.db")
	options := embed.Options{DB: db, SearchAttributes: keyword, Panel: "https://127.0.0.1:8443/panel", LogLevel: "error"}
	server, err := embed.Start(t.Context(), options)
	require.NoError(t, err)
	stop := sync.OnceFunc(server.Stop)
	t.Cleanup(stop)

	var panel struct {
		IframeExtensions []struct{ AllowedOrigin string }
	}
	require.NoError(t, json.NewDecoder(get(t, server.UI()+"/api/v1/ui-extensions").Body).Decode(&panel))
	var settings struct{ DisableNewsFetch bool }
	require.NoError(t, json.NewDecoder(get(t, server.UI()+"/api/v1/settings").Body).Decode(&settings))
	info, err := os.Stat(db)
	require.NoError(t, err)
	impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, second := embed.Start(impatient, options)
	stop()
	_, clash := embed.Start(t.Context(), embed.Options{
		DB: db, SearchAttributes: map[string]enums.IndexedValueType{"ReviewState": enums.INDEXED_VALUE_TYPE_INT}, LogLevel: "error",
	})

	require.Len(t, panel.IframeExtensions, 1)
	require.Equal(t, "https://127.0.0.1:8443", panel.IframeExtensions[0].AllowedOrigin)
	require.True(t, settings.DisableNewsFetch)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.ErrorContains(t, second, "another server uses it")
	require.ErrorIs(t, second, context.DeadlineExceeded)
	require.ErrorContains(t, clash, "search attribute ReviewState: is Keyword in this database, wanted as Int")
}

// A pinned workflow runs on the version of its worker deployment.
func TestWorkerDeployments(t *testing.T) {
	ctx := t.Context()
	server, err := embed.Start(ctx, embed.Options{DB: filepath.Join(t.TempDir(), "temporal.db"), LogLevel: "error"})
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	c := dial(t, server.Address())
	version := worker.WorkerDeploymentVersion{DeploymentName: "flow", BuildID: "1"}
	work(t, c, worker.DeploymentOptions{
		UseVersioning: true, Version: version, DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
	})
	deployment := c.WorkerDeploymentClient().GetHandle(version.DeploymentName)
	require.Eventually(t, func() bool {
		_, err := deployment.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: version.BuildID})
		return err == nil
	}, 20*time.Second, 100*time.Millisecond)

	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: "flow"}, hops, 1)
	require.NoError(t, err)
	require.NoError(t, run.Get(ctx, nil))
	info, err := c.DescribeWorkflowExecution(ctx, run.GetID(), "")
	require.NoError(t, err)

	require.Equal(t, version.BuildID, info.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId())
}

func TestCommandRefuses(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	port := portOf(t, taken.Addr().String())
	dir := t.TempDir()
	db := filepath.Join(dir, "temporal.db")
	note := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(note, []byte("this is no database at all"), 0o600))

	tests := map[string]struct {
		args []string
		want string
	}{
		"a taken port":            {[]string{"--db", db, "--port", port}, "port " + port + " is not free: end the program that uses it, or give another --port"},
		"a taken UI port":         {[]string{"--db", db, "--port", "0", "--ui-port", port}, "give another --ui-port"},
		"a port out of range":     {[]string{"--db", db, "--port", "70000"}, "--port: want 0 to 65535, got 70000"},
		"no file":                 {nil, "--db: name the database file"},
		"a file of another kind":  {[]string{"--db", note}, "notes.txt: not an SQLite database"},
		"an absent directory":     {[]string{"--db", filepath.Join(dir, "absent", "t.db")}, "no such file or directory"},
		"an unknown type":         {[]string{"--db", db, "--search-attribute", "A=Number"}, `A: unknown type "Number"`},
		"an attribute bare":       {[]string{"--db", db, "--search-attribute", "A"}, "want Name=Type"},
		"a reserved attribute":    {[]string{"--db", db, "--search-attribute", "TaskQueue=Keyword"}, `"TaskQueue": the name is reserved`},
		"a name with a space":     {[]string{"--db", db, "--search-attribute", "Due day=Datetime"}, `"Due day": the name is reserved or not made of`},
		"four of three Ints":      {[]string{"--db", db, "--port", "0", "--ui-port", "0", "--search-attribute", "A=Int", "--search-attribute", "B=Int", "--search-attribute", "C=Int", "--search-attribute", "D=Int"}, "cannot have more than 3 search attributes of type Int"},
		"a panel without TLS":     {[]string{"--db", db, "--port", "0", "--ui-port", "0", "--panel", "http://127.0.0.1:1/panel"}, "--panel http://127.0.0.1:1/panel: want an https:// address"},
		"a retention of a minute": {[]string{"--db", db, "--retention", "1m"}, "--retention: want at least 1h"},
		"an unknown log level":    {[]string{"--db", db, "--log-level", "loud"}, "--log-level: want debug"},
		"a stray argument":        {[]string{"--db", db, "up"}, `unexpected argument "up"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stdin, parent := io.Pipe()
			t.Cleanup(func() { _ = parent.Close() })
			var stdout bytes.Buffer

			err := embed.Command(t.Context(), tt.args, stdin, &stdout, io.Discard)

			require.ErrorContains(t, err, tt.want)
			require.Empty(t, stdout.String(), "no ready line")
		})
	}
}
