package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

// historySize is how much history one workflow of a job has, in its last run.
type historySize struct {
	WorkflowID string `json:"workflowId"`
	Events     int64  `json:"events"`
	Bytes      int64  `json:"bytes"`
}

func (a *app) historyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history JOB",
		Short: "Say how many events and bytes a job's histories hold",
		Long:  "Say how many events and bytes the history of each workflow of a job holds, as the server\nstores it. The budget of one language of a 60-minute title is 1,500 events and 2 MB.",
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error { return a.history(ctx, s, args[0]) })
	return a.jsonFlag(cmd)
}

func (a *app) history(ctx context.Context, s service, job string) error {
	r, err := inspect(ctx, s, job)
	if err != nil {
		return err
	}
	var sizes []historySize
	for _, part := range r.Workflows {
		e, err := s.Look(ctx, part.WorkflowID)
		if err != nil {
			return err
		}
		sizes = append(sizes, historySize{part.WorkflowID, e.Events, e.Bytes})
	}
	return a.print(sizes, func(w io.Writer) {
		t := table{header: []string{"WORKFLOW", "EVENTS", "BYTES"}}
		for _, size := range sizes {
			t.add(size.WorkflowID, strconv.FormatInt(size.Events, 10), strconv.FormatInt(size.Bytes, 10))
		}
		t.write(w)
		fmt.Fprintln(w)
	})
}
