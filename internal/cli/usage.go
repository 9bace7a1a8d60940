package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/store"
)

func (a *app) usageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "usage [JOB]",
		Short: "Add up what engines made, and what it cost",
		Long:  "Add up what engines made, and what it cost: for one job what it paid for itself, without a\njob for all of them. What a job took from another's results is counted there.",
		Args:  cobra.MaximumNArgs(1),
	}
	cmd.RunE = a.run(func(ctx context.Context, args []string) (err error) {
		db, err := a.records(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		job := strings.Join(args, "")
		if job != "" {
			if _, ok, err := db.Job(ctx, job); err != nil {
				return err
			} else if !ok {
				return exitf(exitNotFound, "there is no job %s in the records", job)
			}
		}
		sums, err := db.Usage(ctx, job)
		if err != nil {
			return err
		}
		return a.print(append([]store.Usage{}, sums...), func(w io.Writer) { writeUsage(w, sums) })
	})
	return a.jsonFlag(cmd)
}

func writeUsage(w io.Writer, sums []store.Usage) {
	if len(sums) == 0 {
		fmt.Fprintln(w, "Nothing was paid for.")
		return
	}
	t := table{header: []string{"KIND", "ENGINE", "RESULTS", "UNITS", "COST", "WORK"}}
	var cost, millis int64
	for _, u := range sums {
		engine, _, _ := strings.Cut(u.Engine, "#") // the hash of the weights says nothing here
		t.add(u.Kind, engine, strconv.FormatInt(u.Calls, 10), strconv.FormatFloat(u.Units, 'f', -1, 64)+" "+u.Unit, dollars(u.CostMicroUSD), span(u.Millis))
		cost, millis = cost+u.CostMicroUSD, millis+u.Millis
	}
	t.add("total", "", "", "", dollars(cost), span(millis))
	t.write(w)
}

func dollars(micro int64) string { return fmt.Sprintf("$%.4f", float64(micro)/1e6) }

func span(millis int64) string {
	return (time.Duration(millis) * time.Millisecond).Round(100 * time.Millisecond).String()
}
