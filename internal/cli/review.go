package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

func (a *app) reviewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "review",
		Short: "See the gates that wait, and decide",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q", args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(
		a.listCommand(), a.showCommand(),
		a.decideCommand(gate.Approve), a.decideCommand(gate.Change), a.decideCommand(gate.Reject), a.decideCommand(gate.Reopen),
	)
	return cmd
}

// waitingGate is one line of review list.
type waitingGate struct {
	Job        string      `json:"job"`
	Title      string      `json:"title"`
	Language   string      `json:"language"`
	Gate       gate.Name   `json:"gate"`
	State      gate.State  `json:"state"`
	Policy     gate.Policy `json:"policy"`
	Revision   string      `json:"revision"`
	Criticals  int         `json:"criticals"`
	Majors     int         `json:"majors"`
	Minors     int         `json:"minors"`
	Since      time.Time   `json:"since"`
	WorkflowID string      `json:"workflowId"`
	UI         string      `json:"ui,omitempty"`
	Command    string      `json:"command"` // that shows it
}

func (a *app) listCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List every gate that waits for a decision", Args: cobra.NoArgs}
	cmd.RunE = a.served(func(ctx context.Context, s service, _ []string) error {
		gates, err := waiting(ctx, s)
		if err != nil {
			return err
		}
		return a.print(gates, func(w io.Writer) { writeGates(w, gates, a.now()) })
	})
	return a.jsonFlag(cmd)
}

// waitingQuery finds the workflows with open gates. One that is also blocked
// at another stage says so instead, so both states are looked for.
var waitingQuery = fmt.Sprintf(`ExecutionStatus = "Running" AND (%[1]s = %[2]q OR %[1]s = %[3]q)`,
	contract.AttrReviewState.GetName(), contract.ReviewLinguist, contract.ReviewBlocked)

// waiting lists every open gate, those that wait longest first.
func waiting(ctx context.Context, s service) ([]waitingGate, error) {
	found, err := s.Find(ctx, waitingQuery)
	if err != nil {
		return nil, err
	}
	each := make([][]waitingGate, len(found))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8) // each is one query of a worker
	for i, e := range found {
		group.Go(func() error {
			status, err := s.Status(ctx, e.WorkflowID)
			if codeOf(err) == exitNotFound {
				return nil // it ended since
			}
			for _, g := range status.Gates {
				if t := (gateTarget{workflowStatus{status, e.WorkflowID}, g}); t.open() {
					each[i] = append(each[i], t.line(s))
				}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	gates := slices.Concat(each...)
	slices.SortStableFunc(gates, func(a, b waitingGate) int { return a.Since.Compare(b.Since) })
	return append([]waitingGate{}, gates...), nil
}

func (t gateTarget) line(s service) waitingGate {
	command := fmt.Sprintf("babelreel review show %s --gate %s", shellWord(t.Job), t.gate.Name)
	if t.Language != "" {
		command += " --lang " + t.Language
	}
	return waitingGate{
		Job: t.Job, Title: t.Title, Language: t.Language, Gate: t.gate.Name, State: t.gate.State, Policy: t.gate.Policy,
		Revision: t.gate.Subject.Revision, Criticals: t.gate.Subject.Criticals, Majors: t.gate.Subject.Majors, Minors: t.gate.Subject.Minors,
		Since: t.gate.Since, WorkflowID: t.workflowID, UI: s.Link(t.workflowID), Command: command,
	}
}

func writeGates(w io.Writer, gates []waitingGate, now time.Time) {
	if len(gates) == 0 {
		fmt.Fprintln(w, "No gate waits for a decision.")
		return
	}
	t := table{header: []string{"JOB", "LANGUAGE", "GATE", "REVISION", "CRITICAL", "MAJOR", "MINOR", "WAITS", "STATE"}}
	for _, g := range gates {
		t.add(g.Job, g.Language, string(g.Gate), short(g.Revision), strconv.Itoa(g.Criticals), strconv.Itoa(g.Majors), strconv.Itoa(g.Minors),
			age(now.Sub(g.Since)), string(g.State))
	}
	t.write(w)
	fmt.Fprintf(w, "\nSee one: %s\n", gates[0].Command)
}

// age is a stretch of time in its two largest units.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	default:
		return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
	}
}

// gateFlags choose a gate.
type gateFlags struct{ gate, language string }

func (f *gateFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.gate, "gate", "", "`gate`: "+join(gate.Names())+" (default: the only one that waits)")
	cmd.Flags().StringVar(&f.language, "lang", "", "`language`, where several have the gate")
}

func (f *gateFlags) find(ctx context.Context, s service, job string) (gateTarget, error) {
	return findGate(ctx, s, job, gate.Name(strings.TrimSpace(f.gate)), f.language)
}
