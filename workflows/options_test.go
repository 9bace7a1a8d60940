package workflows

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
)

func TestBudgets(t *testing.T) {
	for _, name := range contract.ActivityNames() {
		t.Run(name, func(t *testing.T) {
			b, ok := budgets[name]

			require.True(t, ok, "every activity has a budget")
			require.True(t, slices.Contains(contract.Queues(), b.queue), "somebody serves the queue %q", b.queue)
			require.NotEmpty(t, b.why, "every number has a reason")
			require.Positive(t, b.try)
			require.Greater(t, b.total, b.try, "room for at least one retry")
			require.False(t, b.try > 10*time.Minute && b.beat == 0, "long work heartbeats")
			require.LessOrEqual(t, b.beat, heartbeat, "a dead worker is noticed in time")
		})
	}
	require.Len(t, budgets, len(contract.ActivityNames()), "no budget outlives its activity")
	require.GreaterOrEqual(t, budgets[contract.RecordDecision.Name].total, patience, "what a person decided is never dropped")
}
