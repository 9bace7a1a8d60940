package workflows_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/workflows"
)

// TestReplay runs today's workflow code against the histories of every release
// that may still be in flight. A failure means that a deploy would break
// running jobs: put the change behind workflow.GetVersion or pin it to a new
// worker version; do not re-record the history.
func TestReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/histories/*.json*")
	require.NoError(t, err)
	require.NotEmpty(t, histories, "no recorded histories: the guard would be blind")

	for _, path := range histories {
		t.Run(filepath.Base(path), func(t *testing.T) {
			history, err := client.HistoryFromJSON(open(t, path), client.HistoryJSONOptions{})
			require.NoError(t, err)
			r := worker.NewWorkflowReplayer()
			r.RegisterWorkflowWithOptions(workflows.LocalizeTitle, workflow.RegisterOptions{Name: contract.LocalizeTitle})
			r.RegisterWorkflowWithOptions(workflows.LocalizeLanguage, workflow.RegisterOptions{Name: contract.LocalizeLanguage})

			require.NoError(t, r.ReplayWorkflowHistory(nil, history))
		})
	}
}

// open reads a history, which may be compressed.
func open(t *testing.T, path string) io.Reader {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	if !strings.HasSuffix(path, ".gz") {
		return file
	}
	plain, err := gzip.NewReader(file)
	require.NoError(t, err)
	return plain
}
