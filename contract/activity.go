// Package contract is what crosses the Temporal boundary: the names of
// workflows, activities, updates, queues and search attributes, and the types
// they exchange.
//
// Everything here ends up in workflow histories that outlive any release, so
// the package only ever grows: fields and names are added, never renamed,
// retyped or removed. It holds no behaviour beyond calling and registering.
package contract

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Activity ties an activity's wire name to its input and output types, so that
// the caller in a workflow and the function on a worker cannot drift apart.
type Activity[In, Out any] struct {
	// Name is the activity type in histories. It has no dot: on replay the SDK
	// compares only what follows the last one.
	Name string
}

// Call runs the activity and waits for it. The activity options must already
// be in ctx.
func (a Activity[In, Out]) Call(ctx workflow.Context, in In) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(ctx, a.Name, in).Get(ctx, &out)
	return out, err
}

// Start schedules the activity and returns at once; use it to fan out.
func (a Activity[In, Out]) Start(ctx workflow.Context, in In) workflow.Future {
	return workflow.ExecuteActivity(ctx, a.Name, in)
}

// Register makes fn the implementation of the activity on a worker. Its errors
// go through ToFailure.
func (a Activity[In, Out]) Register(r worker.ActivityRegistry, fn func(context.Context, In) (Out, error)) {
	classified := func(ctx context.Context, in In) (Out, error) {
		out, err := fn(ctx, in)
		return out, ToFailure(err)
	}
	r.RegisterActivityWithOptions(classified, activity.RegisterOptions{Name: a.Name})
}
