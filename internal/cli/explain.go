package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
)

// explanation is a report with why each stage stands where it does.
type explanation struct {
	jobReport

	Unserved []string `json:"unservedQueues,omitempty"` // for which no worker asks
}

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain JOB",
		Short: "Say why a job waits, and who or what can unblock it",
		Args:  cobra.ExactArgs(1),
	}
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error { return a.explain(ctx, s, args[0]) })
	return a.jsonFlag(cmd)
}

func (a *app) explain(ctx context.Context, s service, job string) error {
	r, err := inspect(ctx, s, job)
	if err != nil {
		return err
	}
	out := explanation{jobReport: r}
	for i := range out.Workflows {
		out.Workflows[i].root()
	}
	if queued(r) {
		for _, queue := range contract.Queues() {
			n, err := s.Pollers(ctx, queue)
			if err != nil {
				return err
			}
			if n == 0 && queue != contract.QueueNet { // no stage works there yet
				out.Unserved = append(out.Unserved, queue)
			}
		}
	}
	return a.print(out, out.write)
}

// queued reports whether an activity waits for a worker to take it.
func queued(r jobReport) bool {
	for _, part := range r.Workflows {
		for _, stage := range part.Stages {
			if stage.Activity != nil && stage.Activity.Queued > 0 {
				return true
			}
		}
	}
	return false
}

// root adds to what each waiting stage waits for where that begins: "for mix"
// becomes "for mix (translate: for a decision at translation)".
func (p *partReport) root() {
	at := map[string]stageReport{} // by how others wait for it
	for _, stage := range p.Stages {
		at["for "+string(stage.Stage)] = stage
	}
	for i, stage := range p.Stages {
		last, waits := stageReport{}, false
		next, ok := at[stage.Why]
		for range p.Stages { // each at most once
			if !ok {
				break
			}
			last, waits = next, true
			next, ok = at[next.Why]
		}
		if waits {
			p.Stages[i].Why += fmt.Sprintf(" (%s: %s)", last.Stage, last.stands())
		}
	}
}

// stands is why a stage stands, or else its state.
func (s stageReport) stands() string {
	if s.Why != "" {
		return oneLine(s.Why)
	}
	return s.State
}

func (e explanation) write(w io.Writer) {
	fmt.Fprintf(w, "job %s  %s  %s\n", e.Job, oneLine(e.Title), ended(e.State, e.Reason))
	for _, part := range e.Workflows {
		fmt.Fprintf(w, "\n%s: %s", part.name(), ended(part.State, part.Reason))
		if part.UI != "" {
			fmt.Fprintf(w, "  %s", part.UI)
		}
		fmt.Fprintln(w)
		t := table{header: []string{"STAGE", "STATE", "DOCUMENT", "KEY", "WHY"}}
		for _, stage := range part.Stages {
			t.add(string(stage.Stage), stage.State, short(stage.Document), shortKey(stage.Key), stage.because())
		}
		t.write(w)
		for _, label := range part.Labels {
			fmt.Fprintf(w, "label: %s\n", oneLine(label))
		}
	}
	for _, queue := range e.Unserved {
		fmt.Fprintf(w, "\nNo worker serves queue %s: start `babelreel up`, or `babelreel worker --queues %s` where it can be served.\n", queue, queue)
	}
	if len(e.Waits) == 0 && !e.ended() {
		fmt.Fprintln(w, "\nIt waits for nobody: machines are at work.")
	}
	writeWaits(w, e.Waits)
}

// because is why a stage stands where it does.
func (s stageReport) because() string {
	full := s.say()
	return oneLine(full[min(len(s.State), len(full)):])
}

// shortKey is the end of a result key, where keys differ.
func shortKey(key string) string { return key[max(0, len(key)-12):] }
