package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
)

// shownGate is all that a gate has to show.
type shownGate struct {
	Job        string          `json:"job"`
	WorkflowID string          `json:"workflowId"`
	Language   string          `json:"language"`
	UI         string          `json:"ui,omitempty"`
	Gate       gate.Gate       `json:"gate"`
	Report     *qa.Report      `json:"report,omitempty"`
	Document   json.RawMessage `json:"document,omitempty"`
	Lines      []shownLine     `json:"lines"`
	Facts      []string        `json:"facts,omitempty"`
	Media      []string        `json:"media,omitempty"` // files that --media wrote
}

// shownLine is one line of the document as a person compares it.
type shownLine struct {
	ID     string `json:"id"`
	At     string `json:"at,omitempty"`
	Who    string `json:"who,omitempty"`
	Source string `json:"source"`
	Target string `json:"target"`
	Note   string `json:"note,omitempty"`
}

func (a *app) showCommand() *cobra.Command {
	var f gateFlags
	var out string
	cmd := &cobra.Command{
		Use:   "show JOB",
		Short: "Show what a gate asks to decide on: the whole document and every finding",
		Args:  cobra.ExactArgs(1),
	}
	f.bind(cmd)
	cmd.Flags().StringVar(&out, "media", "", "also put what can be heard and seen into this `directory`")
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error {
		target, err := f.find(ctx, s, args[0])
		if err != nil {
			return err
		}
		shown, err := a.show(ctx, s, target, out)
		if err != nil {
			return err
		}
		return a.print(shown, func(w io.Writer) { shown.write(w, target) })
	})
	return a.jsonFlag(cmd)
}

// show reads what a gate shows from the store.
func (a *app) show(ctx context.Context, s service, t gateTarget, out string) (shownGate, error) {
	shown := shownGate{
		Job: t.Job, WorkflowID: t.workflowID, Language: t.Language, UI: s.Link(t.workflowID), Gate: t.gate, Lines: []shownLine{},
	}
	if t.gate.Subject.Revision == "" {
		return shown, exitf(exitNotFound, "gate %s has nothing to show yet; `babelreel explain %s` says why", t.name(), t.Job)
	}
	blobs, err := a.blobs()
	if err != nil {
		return shown, err
	}
	if shown.Document, err = readBlob(ctx, blobs, t.gate.Subject.Revision); err != nil {
		return shown, err
	}
	if !t.gate.Subject.Report.IsZero() {
		report, err := loadBlob[qa.Report](ctx, blobs, t.gate.Subject.Report)
		if err != nil {
			return shown, err
		}
		shown.Report = &report
	}
	x := &exhibit{blobs: blobs, of: t.Status, shown: &shown}
	if err := x.lay(ctx); err != nil {
		return shown, err
	}
	if out != "" {
		if err := x.unpack(ctx, out); err != nil {
			return shown, err
		}
	}
	return shown, nil
}

// exhibit lays out the document of a gate.
type exhibit struct {
	blobs store.Blobs
	of    contract.Status // of the workflow whose gate it is
	shown *shownGate
	media []mediaFile
}

// mediaFile is something to hear or see.
type mediaFile struct {
	name string
	blob script.Blob
}

// stage is the document of another stage of the same workflow.
func (x *exhibit) stage(name contract.StageName) script.Blob {
	i := slices.IndexFunc(x.of.Stages, func(s contract.StageStatus) bool { return s.Stage == name })
	if i < 0 {
		return script.Blob{}
	}
	return x.of.Stages[i].Doc
}

func (x *exhibit) fact(format string, args ...any) {
	x.shown.Facts = append(x.shown.Facts, fmt.Sprintf(format, args...))
}

// unpack puts the media of the gate into the directory out.
func (x *exhibit) unpack(ctx context.Context, out string) error {
	if len(x.media) == 0 {
		return usagef("--media: gate %s has nothing to hear or see", x.shown.Gate.Name)
	}
	if err := os.MkdirAll(out, 0o750); err != nil {
		return err
	}
	for _, m := range x.media {
		path := filepath.Join(out, fmt.Sprintf("%s.%s-%s", x.shown.WorkflowID, short(m.blob.SHA256), m.name))
		if err := copyBlob(ctx, x.blobs, m.blob, path); err != nil {
			return err
		}
		x.shown.Media = append(x.shown.Media, path)
	}
	return nil
}

// write shows the gate to a person.
func (g shownGate) write(w io.Writer, t gateTarget) {
	fmt.Fprintf(w, "job %s  gate %s  %s\nrevision %s\n", g.Job, t.name(), g.Gate.State, g.Gate.Subject.Revision)
	if g.UI != "" {
		fmt.Fprintf(w, "see it   %s\n", g.UI)
	}
	if g.Gate.Approval != nil {
		fmt.Fprintf(w, "approved by %s (%s) at %s\n", oneLine(g.Gate.Approval.By), g.Gate.Approval.Identity, g.Gate.Approval.At.Format("2006-01-02 15:04 MST"))
	}
	if g.Gate.Rejected != nil {
		fmt.Fprintf(w, "changes asked for by %s: %s\n", oneLine(g.Gate.Rejected.By), oneLine(g.Gate.Rejected.Comment))
	}
	for _, fact := range g.Facts {
		fmt.Fprintln(w, oneLine(fact))
	}
	for _, label := range t.Labels {
		fmt.Fprintf(w, "label: %s\n", oneLine(label))
	}
	for _, path := range g.Media {
		fmt.Fprintf(w, "media: %s\n", path)
	}
	g.writeLines(w)
	g.writeFindings(w)
	g.writeNext(w, t)
}

func (g shownGate) writeLines(w io.Writer) {
	t := table{header: []string{"ID", "AT", "WHO", "SOURCE", "TARGET", "NOTE"}}
	if g.Gate.Name == gate.Dialogue {
		t.header[3] = "TEXT"
	}
	for _, l := range g.Lines {
		t.add(l.ID, l.At, l.Who, l.Source, l.Target, l.Note)
	}
	if len(t.rows) > 0 {
		fmt.Fprintln(w)
	}
	t.trim()
	t.write(w)
}

func (g shownGate) writeFindings(w io.Writer) {
	if g.Report == nil {
		return
	}
	fmt.Fprintf(w, "\n%s (rules %s)\n", findings(g.Gate.Subject), g.Report.RulesVersion)
	t := table{header: []string{"FINDING", "SEVERITY", "RULE", "EVENT", "MESSAGE"}}
	for _, f := range g.Report.Findings {
		t.add(f.ID(), string(f.Severity), f.Name, f.Event, f.Message)
	}
	t.write(w)
	for _, skipped := range g.Report.NotChecked {
		fmt.Fprintf(w, "not checked: %s: %s\n", skipped.Rule, oneLine(skipped.Reason))
	}
}

// writeNext tells how to decide.
func (g shownGate) writeNext(w io.Writer, t gateTarget) {
	if !t.open() {
		return
	}
	args := fmt.Sprintf("%s --gate %s", shellWord(g.Job), g.Gate.Name)
	if g.Language != "" {
		args += " --lang " + g.Language
	}
	if g.Gate.State == gate.Waiting {
		fmt.Fprintf(w, "\napprove  babelreel review approve %s --revision %s --by YOU\n", args, short(g.Gate.Subject.Revision))
	} else {
		fmt.Fprintln(w)
	}
	if g.Gate.Name == gate.Final { // what it shows is mended where it was made
		fmt.Fprintf(w, "refuse   babelreel review reject %s --revision %s --by YOU --comment WHY\n", args, short(g.Gate.Subject.Revision))
		fmt.Fprintf(w, "mend     %s\n", mend(g.Job, g.Language))
		return
	}
	fmt.Fprintf(w, "change   babelreel review change %s --revision %s --by YOU --replace ID=TEXT\n", args, short(g.Gate.Subject.Revision))
}
