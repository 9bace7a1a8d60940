package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// patience is how long watch puts up with a server or workers that do not
// answer: a restart of either takes seconds.
const patience = time.Minute

func (a *app) watchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch JOB",
		Short: "Follow a job until it ends",
		Long: "Follow a job until it ends: a table that is redrawn on a terminal, one line per change\n" +
			"elsewhere, and with --json one line of JSON per change. It says what the job waits for,\n" +
			"and the command that unblocks it.",
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = a.served(func(ctx context.Context, s service, args []string) error { return a.watch(ctx, s, args[0]) })
	return a.jsonFlag(cmd)
}

// watch shows every change of a job until it ends, and returns an error if it
// did not end well.
func (a *app) watch(ctx context.Context, s service, job string) error {
	show := a.viewer()
	tick := time.NewTicker(a.poll)
	defer tick.Stop()
	var silent time.Time // since when nobody answers
	seen := false
	for {
		r, err := inspect(ctx, s, job)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			seen, silent = true, time.Time{}
			if err := show(r); err != nil {
				return err
			}
			if r.ended() {
				return r.err()
			}
		case !seen || codeOf(err) != exitUnreachable:
			return err
		case silent.IsZero():
			silent = a.now()
			fmt.Fprintf(a.Stderr, "babelreel: %s; trying again\n", visible(err.Error()))
		case a.now().Sub(silent) > patience:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// viewer is how reports are shown on the present stdout.
func (a *app) viewer() func(jobReport) error {
	columns, lines, terminal := screen(a.Stdout)
	switch {
	case a.asJSON:
		return a.jsonViewer()
	case terminal:
		p := &painter{w: a.Stdout, columns: columns, lines: lines}
		return func(r jobReport) error { return p.paint(picture(r)) }
	default:
		return a.lineViewer()
	}
}

// jsonViewer prints a report whenever it differs from the one before.
func (a *app) jsonViewer() func(jobReport) error {
	last := ""
	return func(r jobReport) error {
		now := strings.Join(changes(nil, facts(r)), "\n")
		if now == last {
			return nil
		}
		last = now
		return a.line(r)
	}
}

// lineViewer prints one line for each fact that changed.
func (a *app) lineViewer() func(jobReport) error {
	var last []fact
	return func(r jobReport) error {
		now := facts(r)
		for _, line := range changes(last, now) {
			if _, err := fmt.Fprintf(a.Stdout, "%s  %s\n", a.now().Format(time.TimeOnly), line); err != nil {
				return err
			}
		}
		last = now
		return nil
	}
}

// fact is one thing about a job that may change.
type fact struct {
	about string
	say   string
}

// facts is a report as lines, each with what it is about.
func facts(r jobReport) []fact {
	var all []fact
	for _, part := range r.Workflows {
		name := part.name()
		for _, stage := range part.Stages {
			all = append(all, fact{name + "/" + string(stage.Stage), fmt.Sprintf("%-8s %-10s %s", name, stage.Stage, stage.say())})
		}
		if part.State != stateRunning && part.Language != "" {
			all = append(all, fact{name, fmt.Sprintf("%-8s %s", name, ended(part.State, part.Reason))})
		}
	}
	for _, w := range r.Waits {
		about := fmt.Sprintf("%s/%s%s waits", w.Language, w.Gate, w.Stage)
		all = append(all, fact{about, fmt.Sprintf("%-8s waiting    %s: %s", partReport{Language: w.Language}.name(), oneLine(w.Why), w.Command)})
	}
	if r.ended() {
		all = append(all, fact{"", "job " + r.Job + ": " + ended(r.State, r.Reason) + after(r)})
	}
	return all
}

func ended(state, reason string) string {
	if reason == "" {
		return state
	}
	return state + ": " + oneLine(reason)
}

// after is what to do with a job that has ended.
func after(r jobReport) string {
	for _, part := range r.Workflows {
		if part.Language != "" && part.State == "delivered" {
			return "; fetch it with `babelreel deliver " + shellWord(r.Job) + " --out DIR`"
		}
	}
	return ""
}

// changes are the facts of now that last does not hold so.
func changes(last, now []fact) []string {
	known := map[string]string{}
	for _, f := range last {
		known[f.about] = f.say
	}
	var lines []string
	for _, f := range now {
		if known[f.about] != f.say {
			lines = append(lines, f.say)
		}
	}
	return lines
}

// name is a language for people.
func (p partReport) name() string {
	if p.Language == "" {
		return "title"
	}
	return p.Language
}

// say is where a stage stands, in words.
func (s stageReport) say() string {
	say := s.State
	if s.Why != "" {
		say += " " + oneLine(s.Why)
	}
	w := s.Activity
	if w == nil {
		return say
	}
	if w.Queued == w.Count {
		say += ", queued for a worker"
	}
	if w.Total > 1 { // of one whole thing there is no part to tell of
		say += fmt.Sprintf(" %d/%d", w.Done, w.Total)
	}
	if w.Attempt > 1 {
		say += fmt.Sprintf(", attempt %d", w.Attempt)
	}
	if w.Failure != "" {
		say += " after: " + w.Failure
	}
	return say
}

// picture is a report as a table, for a terminal.
func picture(r jobReport) string {
	var b strings.Builder
	fmt.Fprintf(&b, "job %s  %s  %s\n\n", r.Job, oneLine(r.Title), r.State)
	t := table{header: []string{"LANGUAGE", "STAGE", "STATE"}}
	for _, part := range r.Workflows {
		name := part.name()
		if part.State != stateRunning {
			t.add(name, "", ended(part.State, part.Reason))
		}
		for _, stage := range part.Stages {
			t.add(name, string(stage.Stage), stage.say())
			name = ""
		}
	}
	t.write(&b)
	writeWaits(&b, r.Waits)
	if r.ended() {
		fmt.Fprintf(&b, "\n%s%s\n", ended(r.State, r.Reason), after(r))
	}
	return b.String()
}

// writeWaits writes what a job waits for and how to go on.
func writeWaits(w io.Writer, waits []wait) {
	for _, wait := range waits {
		fmt.Fprintf(w, "\n%s: %s\n  who      %s\n  command  %s\n", partReport{Language: wait.Language}.name(), oneLine(wait.Why), wait.Who, wait.Command)
	}
}
