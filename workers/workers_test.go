package workers_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/workers"
)

// registry keeps the names of what is registered.
type registry struct {
	worker.Registry
	activities, workflows []string
}

func (r *registry) RegisterActivityWithOptions(_ any, o activity.RegisterOptions) {
	r.activities = append(r.activities, o.Name)
}

func (r *registry) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	r.workflows = append(r.workflows, o.Name)
}

// served are the queues by activity, as the workers serve them.
func served(t *testing.T) (queues map[string]string, flows []string) {
	t.Helper()
	queues = map[string]string{}
	for _, queue := range contract.Queues() {
		var r registry
		require.NoError(t, workers.Register(&r, queue, &activities.Parts{}))
		for _, name := range r.activities {
			require.Empty(t, queues[name], "%s is served twice", name)
			queues[name] = queue
		}
		if queue != contract.QueueFlow {
			require.Empty(t, r.workflows, "workflows run on the queue flow alone")
		}
		flows = append(flows, r.workflows...)
	}
	return queues, flows
}

// asked are the queues by activity, as the budgets of the workflows name them.
func asked(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "workflows", "options.go"), nil, 0)
	require.NoError(t, err)
	constant := map[string]string{
		"QueueFlow": contract.QueueFlow, "QueueMedia": contract.QueueMedia, "QueueCPU": contract.QueueCPU,
		"QueueGPU": contract.QueueGPU, "QueueNet": contract.QueueNet,
	}
	queues := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != "budgets" {
			return true
		}
		for _, row := range spec.Values[0].(*ast.CompositeLit).Elts {
			row := row.(*ast.KeyValueExpr)
			name := row.Key.(*ast.SelectorExpr).X.(*ast.SelectorExpr).Sel.Name // contract.Admit.Name
			queue := row.Value.(*ast.CompositeLit).Elts[0].(*ast.SelectorExpr).Sel.Name
			require.Contains(t, constant, queue)
			queues[name] = constant[queue]
		}
		return false
	})
	return queues
}

// An activity on another queue than its budget names would wait for ever.
func TestEveryActivityIsServedWhereItIsAskedFor(t *testing.T) {
	queues, flows := served(t)

	require.Equal(t, asked(t), queues)
	require.Len(t, queues, len(contract.ActivityNames()))
	for _, name := range contract.ActivityNames() {
		require.Contains(t, queues, name)
	}
	require.Equal(t, []string{contract.LocalizeTitle, contract.LocalizeLanguage}, flows)
}

func TestQueuesAreThoseOfTheContract(t *testing.T) {
	require.Equal(t, contract.Queues(), config.Queues())
}

func TestRegisterRefusesAnUnknownQueue(t *testing.T) {
	err := workers.Register(&registry{}, "tpu", &activities.Parts{})

	require.EqualError(t, err, "worker tpu: unknown task queue; there are [flow media cpu gpu net]")
}

// Engines are taken in order of name, each with the token that its variable holds.
func TestEngines(t *testing.T) {
	open, err := simengine.New(simengine.Options{})
	require.NoError(t, err)
	t.Cleanup(open.Close)
	guarded, err := simengine.New(simengine.Options{Token: "open sesame"})
	require.NoError(t, err)
	t.Cleanup(guarded.Close)
	cfg := config.Default()
	cfg.Engines = map[string]config.Engine{"b": {URL: open.URL}, "a": {URL: guarded.URL, TokenEnv: "CAVE"}}
	getenv := func(key string) string { return map[string]string{"CAVE": "open sesame"}[key] }

	pool, err := workers.Engines(cfg, getenv)
	require.NoError(t, err)
	models, err := pool.Models(t.Context())
	require.NoError(t, err)
	locked, err := workers.Engines(cfg, func(string) string { return "" })
	require.NoError(t, err)
	_, denied := locked.Models(t.Context())

	require.Len(t, pool, 2)
	require.Len(t, models, 2*len(simengine.Models()))
	require.Equal(t, fault.Denied, fault.Of(denied))
	require.NotContains(t, denied.Error(), "sesame")
}

func TestEnginesNeedAnAddress(t *testing.T) {
	cfg := config.Default()
	cfg.Engines = map[string]config.Engine{"studio": {TokenEnv: "TOKEN"}}

	_, err := workers.Engines(cfg, os.Getenv)

	require.EqualError(t, err, "engines.studio.url: is not set; `babelreel up` sets it for its workers, elsewhere name the address of the engine")
}

// Open makes the folders that it needs, and no two processes share an owner.
func TestOpen(t *testing.T) {
	cfg := config.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.Engines = map[string]config.Engine{config.LocalEngine: {URL: "http://127.0.0.1:1"}}

	first, closeFirst, err := workers.Open(t.Context(), cfg, os.Getenv)
	require.NoError(t, err)
	second, closeSecond, err := workers.Open(t.Context(), cfg, os.Getenv)
	require.NoError(t, err)

	blob, err := first.Blobs.Put(t.Context(), strings.NewReader("shared"))
	require.NoError(t, err)
	_, ok, err := second.Blobs.Has(context.Background(), blob.SHA256)
	require.NoError(t, err)
	require.True(t, ok, "processes share their store")
	require.NotEqual(t, first.Owner, second.Owner)
	require.Equal(t, cfg.LeaseTTL, first.LeaseTTL)
	require.NoError(t, closeFirst())
	require.NoError(t, closeSecond())
}
