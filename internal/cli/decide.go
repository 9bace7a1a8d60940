package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// decision is what the commands that decide print.
type decision struct {
	Job        string       `json:"job"`
	WorkflowID string       `json:"workflowId"`
	Language   string       `json:"language"`
	Gate       gate.Name    `json:"gate"`
	Revision   string       `json:"revision"`
	Verdict    gate.Verdict `json:"verdict"`
	Receipt    string       `json:"receipt"` // id of the decision
	Say        string       `json:"say"`
}

// decideFlags are the flags of the commands that decide.
type decideFlags struct {
	gateFlags

	by, revision, comment, edits string
	waive, replace               []string
}

var verdictHelp = map[gate.Verdict]string{
	gate.Approve: "Approve the revision that a gate shows",
	gate.Change:  "Change what a gate shows; the edits make a new revision to decide on",
	gate.Reject:  "Reject the revision that a gate shows, and say why",
	gate.Reopen:  "Take an approval back, and say why",
}

func (a *app) decideCommand(verdict gate.Verdict) *cobra.Command {
	var f decideFlags
	cmd := &cobra.Command{Use: string(verdict) + " JOB --by WHO", Short: verdictHelp[verdict], Args: cobra.ExactArgs(1)}
	f.bind(cmd)
	cmd.Flags().StringVar(&f.by, "by", "", "`name` of who decides, such as an e-mail address")
	cmd.Flags().StringVar(&f.revision, "revision", "", "`hash` that was looked at, or its first 12 letters (default: the one on show)")
	cmd.Flags().StringVar(&f.comment, "comment", "", "`text` for the records")
	switch verdict {
	case gate.Approve:
		cmd.Flags().StringArrayVar(&f.waive, "waive", nil, "`FINDING=REASON`: accept a critical finding; may be repeated")
	case gate.Change:
		cmd.Flags().StringArrayVar(&f.replace, "replace", nil, "`ID=TEXT`: new text for a line; may be repeated")
		cmd.Flags().StringVar(&f.edits, "edits", "", "edits as a JSON `file`, - for stdin: a list such as [{\"op\":\"replace\",\"id\":\"e001\",\"text\":\"...\"}]")
	default: // the others need no more
	}
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error {
		return a.decide(ctx, s, args[0], verdict, f)
	})
	return a.jsonFlag(cmd)
}

func (a *app) decide(ctx context.Context, s service, job string, verdict gate.Verdict, f decideFlags) error {
	in := contract.Decide{Verdict: verdict, By: strings.TrimSpace(f.by), Comment: f.comment}
	errs := []error{f.waivers(&in), f.changes(&in, a.Stdin)}
	if in.By == "" {
		errs = append(errs, errors.New("--by: name who decides"))
	}
	if err := errors.Join(errs...); err != nil {
		return &exit{exitUsage, err}
	}
	target, err := f.find(ctx, s, job)
	if err != nil {
		return err
	}
	in.Gate, in.Revision = target.gate.Name, f.revision
	if in.Revision == "" {
		in.Revision = target.gate.Subject.Revision
	}
	got, err := s.Update(ctx, target.workflowID, contract.UpdateDecide, in)
	if err != nil {
		return err
	}
	out := decision{
		Job: job, WorkflowID: target.workflowID, Language: target.Language, Gate: in.Gate, Revision: in.Revision,
		Verdict: verdict, Receipt: got.ID, Say: got.Say,
	}
	return a.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "job %s, gate %s, revision %s: %s\nreceipt  %s\n", job, target.name(), short(out.Revision), oneLine(out.Say), out.Receipt)
	})
}

func (f *decideFlags) waivers(in *contract.Decide) error {
	var errs []error
	for _, pair := range f.waive {
		finding, why, ok := strings.Cut(pair, "=")
		if !ok {
			errs = append(errs, fmt.Errorf("--waive %s: want FINDING=REASON", pair))
			continue
		}
		in.Waive = append(in.Waive, gate.Waiver{Finding: finding, Reason: why})
	}
	return errors.Join(errs...)
}

func (f *decideFlags) changes(in *contract.Decide, stdin io.Reader) error {
	var errs []error
	for _, pair := range f.replace {
		id, text, ok := strings.Cut(pair, "=")
		if !ok {
			errs = append(errs, fmt.Errorf("--replace %s: want ID=TEXT", pair))
			continue
		}
		in.Edits = append(in.Edits, script.Edit{Op: script.Replace, ID: id, Text: text})
	}
	if f.edits != "" {
		edits, err := readEdits(f.edits, stdin)
		if err != nil {
			errs = append(errs, fmt.Errorf("--edits %s: %w", f.edits, err))
		}
		in.Edits = append(in.Edits, edits...)
	}
	if in.Verdict == gate.Change && len(in.Edits) == 0 && len(errs) == 0 {
		errs = append(errs, errors.New("give the change: --replace ID=TEXT or --edits FILE"))
	}
	return errors.Join(errs...)
}

func readEdits(name string, stdin io.Reader) (edits []script.Edit, err error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	return edits, decodeStrictly(in, &edits)
}
