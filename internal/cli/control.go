package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
)

// receipt is what the commands that change a job print.
type receipt struct {
	Job        string `json:"job"`
	WorkflowID string `json:"workflowId"`
	Say        string `json:"say"`
}

func (r receipt) write(w io.Writer) { fmt.Fprintf(w, "job %s: %s\n", r.Job, oneLine(r.Say)) }

func (a *app) retryCommand() *cobra.Command {
	var by, language string
	cmd := &cobra.Command{
		Use:   "retry JOB STAGE --by WHO",
		Short: "Run a stage again, for what it could not make",
		Long:  "Run a stage again, for what it could not make. Nothing that was made is paid again.\n`babelreel explain JOB` names the stages.",
		Args:  cobra.ExactArgs(2),
	}
	cmd.Flags().StringVar(&by, "by", "", "`name` of who asks for it")
	cmd.Flags().StringVar(&language, "lang", "", "`language`, where several have the stage")
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error {
		if by == "" {
			return usagef("--by: name who asks for it")
		}
		target, err := stageTarget(ctx, s, args[0], contract.StageName(args[1]), language)
		if err != nil {
			return err
		}
		got, err := s.Update(ctx, target, contract.UpdateRetry, contract.Retry{Stage: contract.StageName(args[1]), By: by})
		if err != nil {
			return err
		}
		out := receipt{Job: args[0], WorkflowID: target, Say: args[1] + ": " + got.Say}
		return a.print(out, out.write)
	})
	return a.jsonFlag(cmd)
}

// stageTarget is the one workflow of a job that has a stage.
func stageTarget(ctx context.Context, s service, job string, stage contract.StageName, language string) (string, error) {
	statuses, err := statuses(ctx, s, job, language)
	if err != nil {
		return "", err
	}
	var found []string
	for _, st := range statuses {
		has := slices.ContainsFunc(st.Stages, func(got contract.StageStatus) bool { return got.Stage == stage }) ||
			slices.ContainsFunc(st.Blocked, func(got contract.Blocked) bool { return got.Stage == stage })
		if has {
			found = append(found, st.workflowID)
		}
	}
	switch len(found) {
	case 0:
		return "", exitf(exitNotFound, "job %s has no stage %q; `babelreel explain %s` names them", job, stage, job)
	case 1:
		return found[0], nil
	default:
		return "", usagef("several languages have stage %s; name one with --lang", stage)
	}
}

func (a *app) cancelCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cancel JOB",
		Short: "End a job and its languages",
		Long:  "End a job and its languages. What was made and decided stays in the store and the records:\na job for the same programme pays only for what is new.",
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error {
		id := contract.TitleID(args[0])
		if err := s.Cancel(ctx, id); err != nil {
			return err
		}
		out := receipt{Job: args[0], WorkflowID: id, Say: "asked to end; `babelreel watch " + args[0] + "` shows when it has"}
		return a.print(out, out.write)
	})
	return a.jsonFlag(cmd)
}
