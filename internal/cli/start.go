package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
)

// started is what start prints.
type started struct {
	Job        string `json:"job"`
	WorkflowID string `json:"workflowId"`
	RunID      string `json:"runId"`
	UI         string `json:"ui,omitempty"`
	Watch      string `json:"watch"` // the command that follows the job
}

func (a *app) startCommand() *cobra.Command {
	var flags orderFlags
	cmd := &cobra.Command{
		Use:   "start FILE --to LANGUAGES --services SERVICES",
		Short: "Start a job",
		Long:  "Start a job: take the programme in FILE into other languages. People decide at gates;\n`babelreel watch` follows the job, `babelreel review` shows the gates.",
		Example: "  babelreel start film.mkv --to pt-BR --services subs,dub,lipsync\n" +
			"  babelreel start film.mkv --from en --to pt-BR,es --services subs --gate dialogue=automatic-when-clean",
		Args: cobra.MaximumNArgs(1),
	}
	flags.bind(cmd.Flags())
	cmd.RunE = a.run(func(ctx context.Context, args []string) error {
		order, err := flags.order(strings.Join(args, ""), a.Stdin, a.now())
		if err != nil {
			return err
		}
		s, err := a.dial(ctx)
		if err != nil {
			return err
		}
		defer s.Close()
		return a.start(ctx, s, order)
	})
	return a.jsonFlag(cmd)
}

func (a *app) start(ctx context.Context, s service, order contract.Order) error {
	run, err := s.Start(ctx, contract.TitleIn{Order: order})
	if err != nil {
		return err
	}
	id := contract.TitleID(order.Job)
	out := started{Job: order.Job, WorkflowID: id, RunID: run, UI: s.Link(id), Watch: "babelreel watch " + order.Job}
	return a.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "job %s: %s\n", out.Job, visible(summary(order)))
		if out.UI != "" {
			fmt.Fprintf(w, "see it   %s\n", out.UI)
		}
		fmt.Fprintf(w, "next     %s\n", out.Watch)
	})
}

// maxSummary is how many bytes the server keeps of a workflow's summary.
const maxSummary = 400

// summary is an order in one line.
func summary(o contract.Order) string {
	s := fmt.Sprintf("%s to %s: %s", o.Title, strings.Join(o.Languages, ", "), join(o.Services))
	return strings.ToValidUTF8(s[:min(len(s), maxSummary)], "")
}
