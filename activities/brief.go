package activities

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// What a brief shows: it travels in a URL of the Temporal UI and stands in
// histories, so it stays short. The command line and the store have all of it.
const (
	briefLines    = 20
	briefFindings = 10
	briefText     = 90    // letters of a cell
	briefSentence = 200   // letters of a finding or a label
	briefBytes    = 5_000 // of the table; three gates and how to decide on them fit in the 20,000 of a workflow's details
)

// table is what a gate shows line by line. Cells are markdown.
type table struct {
	heads []string
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// BuildBrief says what a gate shows of one revision: how many lines, what was
// found, the first lines side by side, and the ids of open critical findings.
func (p *Parts) BuildBrief(ctx context.Context, in contract.BriefIn) (gate.Subject, error) {
	subject := gate.Subject{Revision: in.Doc.SHA256, Rules: qa.RulesVersion, Report: in.Report}
	var report qa.Report
	if !in.Report.IsZero() {
		var err error
		if report, err = load[qa.Report](ctx, p, in.Report); err != nil {
			return gate.Subject{}, err
		}
	}
	subject.Rules = report.RulesVersion
	subject.Criticals, subject.Majors, subject.Minors = report.Counts.Critical, report.Counts.Major, report.Counts.Minor
	for _, f := range report.Findings {
		if f.Severity == qa.Critical && len(subject.Critical) < gate.MaxCritical {
			subject.Critical = append(subject.Critical, f.ID())
		}
	}
	what, lines, err := p.lines(ctx, in)
	if err != nil {
		return gate.Subject{}, err
	}
	subject.Brief = brief(in, what, lines, report)
	return subject, nil
}

// lines says what a document is and shows it line by line.
func (p *Parts) lines(ctx context.Context, in contract.BriefIn) (what string, t table, err error) {
	switch in.Gate {
	case gate.Dialogue:
		list, err := load[script.DialogueList](ctx, p, in.Doc)
		if err != nil {
			return "", t, err
		}
		t.heads = []string{"id", "time", "line", "who"}
		for _, e := range list.Events {
			t.add(e.ID, clock(e.Start), cell(e.Text), cell(speaker(e)))
		}
		return fmt.Sprintf("Dialogue list in %s: %s, %d to localize", list.Language, counted(len(list.Events), "line"), len(list.Localized())), t, nil
	case gate.Translation:
		doc, err := load[script.Translation](ctx, p, in.Doc)
		if err != nil {
			return "", t, err
		}
		t.heads = []string{"id", doc.From, doc.To}
		for _, l := range doc.Lines {
			t.add(l.Event, cell(l.Source), cell(l.Text))
		}
		for _, f := range doc.Failures {
			t.add(f.Event, "", missing+": "+cell(f.Reason))
		}
		return fmt.Sprintf("Translation from %s to %s: %s", doc.From, doc.To, counted(len(doc.Lines), "line")), t, nil
	case gate.Subtitles:
		doc, err := load[timedtext.Document](ctx, p, in.Doc)
		if err != nil {
			return "", t, err
		}
		t.heads = []string{"id", "time", "subtitle", "seconds"}
		for _, c := range doc.Cues {
			t.add(c.ID, clock(c.Start), cell(strings.Join(c.Lines, " / ")), fmt.Sprintf("%.2f", c.Duration().Seconds()))
		}
		return fmt.Sprintf("Subtitles in %s: %s", doc.Language, counted(len(doc.Cues), "subtitle")), t, nil
	case gate.Premix:
		return p.premixLines(ctx, in)
	case gate.Final:
		what, err := p.finalSummary(ctx, in)
		return what, t, err
	}
	return string(in.Gate), t, nil
}

// missing marks a line that could not be made.
const missing = "**missing**"

// speaker is who says e, and what is unusual about it.
func speaker(e script.Event) string {
	parts := []string{e.Character}
	if e.Kind != script.Dialogue {
		parts = append(parts, string(e.Kind))
	}
	if e.Presence == script.OffScreen {
		parts = append(parts, "off screen")
	}
	if !e.Localized() {
		parts = append(parts, "kept original")
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func (p *Parts) premixLines(ctx context.Context, in contract.BriefIn) (what string, t table, err error) {
	premix, err := load[contract.Premix](ctx, p, in.Doc)
	if err != nil {
		return "", t, err
	}
	takes, err := load[script.Takes](ctx, p, premix.Takes)
	if err != nil {
		return "", t, err
	}
	var dub script.DubScript
	for _, doc := range in.Context {
		if doc.Stage == contract.StageDubScript {
			if dub, err = load[script.DubScript](ctx, p, doc.Doc); err != nil {
				return "", t, err
			}
		}
	}
	t.heads = []string{"id", "time", "line", "voice and fit"}
	for _, l := range dub.Lines {
		t.add(l.Event, clock(l.Start), cell(l.Text), fit(takes, l))
	}
	return fmt.Sprintf("Premix in %s: %d of %s voiced", takes.Language, len(takes.Takes), counted(len(dub.Lines), "line")), t, nil
}

// fit says how a line was voiced: by which voice, how long of the time it has,
// and how fast where that is not how the voice speaks by itself.
func fit(takes script.Takes, l script.DubLine) string {
	for _, t := range takes.Takes {
		if t.Event == l.Event {
			how := fmt.Sprintf("%s, %.2f of %.2f s", cell(l.Voice), t.Duration.Seconds(), l.Slot.Seconds())
			if math.Abs(t.Ratio-1) >= 0.005 {
				how += fmt.Sprintf(", %.2f times natural speed", t.Ratio)
			}
			return how
		}
	}
	for _, f := range takes.Failures {
		if f.Event == l.Event {
			return missing + ": " + cell(f.Reason)
		}
	}
	return missing
}

// showing is the command that shows all of what a gate shows.
func showing(in contract.BriefIn) string {
	command := fmt.Sprintf("babelreel review show %s --gate %s", in.Job, in.Gate)
	if in.To != "" {
		command += " --lang " + in.To
	}
	return command
}

func (p *Parts) finalSummary(ctx context.Context, in contract.BriefIn) (string, error) {
	master, err := load[contract.Master](ctx, p, in.Doc)
	if err != nil {
		return "", err
	}
	mix, err := load[contract.Mix](ctx, p, master.Mix)
	if err != nil {
		return "", err
	}
	what := fmt.Sprintf("Final master in %s: mix at %.1f LUFS, true peak %.1f dBTP, over the %s", in.To, mix.LUFS, mix.PeakDBTP, mix.BedKind)
	if !master.Picture.IsZero() {
		picture, err := load[contract.Picture](ctx, p, master.Picture)
		if err != nil {
			return "", err
		}
		what += fmt.Sprintf(". Lip-sync (%s grade): %s, %d of %d lip closures hit",
			picture.Grade, counted(picture.Shots, "shot"), picture.ClosuresHit, picture.Closures)
	}
	return what, nil
}

// brief is the markdown of a gate: tables, no images, which the UI blocks.
func brief(in contract.BriefIn, what string, lines table, report qa.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s. Revision `%.12s`, %s\n", what, in.Doc.SHA256, found(report))
	for _, label := range in.Labels {
		fmt.Fprintf(&b, "\n- %s", plain(label, briefSentence))
	}
	for i, f := range report.Findings {
		if i == briefFindings {
			fmt.Fprintf(&b, "\n- and %d more: `%s`", len(report.Findings)-i, showing(in))
			break
		}
		fmt.Fprintf(&b, "\n- %s `%s`: %s", f.Severity, f.ID(), plain(f.Message, briefSentence))
	}
	b.WriteString("\n")
	lines.write(&b, showing(in))
	if in.Gate == gate.Premix || in.Gate == gate.Final {
		fmt.Fprintf(&b, "\nTo hear it, for the Temporal UI plays nothing: `%s --media DIR`\n", showing(in))
	}
	return b.String()
}

// found says what the rules found.
func found(r qa.Report) string {
	switch {
	case r.RulesVersion == "":
		return "not checked by rules."
	case len(r.Findings) == 0:
		return "checked by rules " + r.RulesVersion + ": nothing found."
	default:
		return fmt.Sprintf("checked by rules %s: **%d critical, %d major, %d minor**.", r.RulesVersion, r.Counts.Critical, r.Counts.Major, r.Counts.Minor)
	}
}

// write appends t as a markdown table, as far as it stays short; showing is the
// command that shows the rest.
func (t table) write(b *strings.Builder, showing string) {
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s |\n|%s\n", strings.Join(t.heads, " | "), strings.Repeat("---|", len(t.heads)))
	room := b.Len() + briefBytes
	for i, cells := range t.rows {
		line := "| " + strings.Join(cells, " | ") + " |\n"
		if i == briefLines || b.Len()+len(line) > room {
			fmt.Fprintf(b, "\nThe other %d: `%s`\n", len(t.rows)-i, showing)
			return
		}
		b.WriteString(line)
	}
}

// markup escapes what would end a cell of a table or be read as markdown.
var markup = strings.NewReplacer("\n", " ", "\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "[", "\\[", "~", "\\~", "<", "&lt;", "&", "&amp;", "`", "'")

// plain is s as text within markdown, cut to n letters.
func plain(s string, n int) string { return markup.Replace(clipLetters(s, n)) }

// cell is s as a cell of a table.
func cell(s string) string { return plain(s, briefText) }

// counted is n of what, in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func clipLetters(s string, n int) string {
	letters := []rune(s)
	if len(letters) <= n {
		return s
	}
	return string(letters[:n-1]) + "…"
}

// clock is a time as people find it in a player: minutes, seconds and tenths,
// with hours only where there are any.
func clock(t time.Duration) string {
	tenths := t.Round(100 * time.Millisecond)
	short := fmt.Sprintf("%02d:%04.1f", int(tenths.Minutes())%60, (tenths % time.Minute).Seconds())
	if tenths < time.Hour {
		return short
	}
	return fmt.Sprintf("%d:%s", int(tenths.Hours()), short)
}
