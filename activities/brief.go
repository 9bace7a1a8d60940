package activities

import (
	"context"
	"fmt"
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
	briefLines    = 10
	briefFindings = 10
	briefText     = 90 // letters of a line
)

// row is one line of a brief's table.
type row struct{ id, at, left, right string }

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
	what, rows, err := p.rows(ctx, in)
	if err != nil {
		return gate.Subject{}, err
	}
	subject.Brief = brief(in, what, rows, report)
	return subject, nil
}

// rows says what a document is and shows its lines.
func (p *Parts) rows(ctx context.Context, in contract.BriefIn) (what string, rows []row, err error) {
	switch in.Gate {
	case gate.Dialogue:
		list, err := load[script.DialogueList](ctx, p, in.Doc)
		if err != nil {
			return "", nil, err
		}
		for _, e := range list.Events {
			kind := string(e.Kind)
			if !e.Localized() {
				kind += ", kept original"
			}
			rows = append(rows, row{e.ID, clock(e.Start), e.Text, strings.TrimSpace(e.Character + " " + kind)})
		}
		return fmt.Sprintf("Dialogue list in %s: %d events, %d to localize", list.Language, len(list.Events), len(list.Localized())), rows, nil
	case gate.Translation:
		t, err := load[script.Translation](ctx, p, in.Doc)
		if err != nil {
			return "", nil, err
		}
		for _, l := range t.Lines {
			rows = append(rows, row{l.Event, "", l.Source, l.Text})
		}
		for _, f := range t.Failures {
			rows = append(rows, row{f.Event, "", "**missing**", f.Reason})
		}
		return fmt.Sprintf("Translation %s to %s: %d lines", t.From, t.To, len(t.Lines)), rows, nil
	case gate.Subtitles:
		doc, err := load[timedtext.Document](ctx, p, in.Doc)
		if err != nil {
			return "", nil, err
		}
		for _, c := range doc.Cues {
			rows = append(rows, row{c.ID, clock(c.Start), strings.Join(c.Lines, " / "), fmt.Sprintf("%.2f s", c.Duration().Seconds())})
		}
		return fmt.Sprintf("Subtitles in %s: %d cues", doc.Language, len(doc.Cues)), rows, nil
	case gate.Premix:
		return p.premixRows(ctx, in)
	case gate.Final:
		return p.finalRows(ctx, in)
	}
	return string(in.Gate), nil, nil
}

func (p *Parts) premixRows(ctx context.Context, in contract.BriefIn) (string, []row, error) {
	premix, err := load[contract.Premix](ctx, p, in.Doc)
	if err != nil {
		return "", nil, err
	}
	takes, err := load[script.Takes](ctx, p, premix.Takes)
	if err != nil {
		return "", nil, err
	}
	var dub script.DubScript
	for _, doc := range in.Context {
		if doc.Stage == contract.StageDubScript {
			if dub, err = load[script.DubScript](ctx, p, doc.Doc); err != nil {
				return "", nil, err
			}
		}
	}
	var rows []row
	for _, l := range dub.Lines {
		rows = append(rows, row{l.Event, clock(l.Start), l.Text, takeNote(takes, l)})
	}
	return fmt.Sprintf("Premix in %s: %d of %d lines voiced, over the %s. Listen to blob %.12s", takes.Language, len(takes.Takes), len(dub.Lines),
		premix.BedKind, premix.Guide.SHA256), rows, nil
}

func takeNote(takes script.Takes, l script.DubLine) string {
	for _, t := range takes.Takes {
		if t.Event == l.Event {
			return fmt.Sprintf("%s, %s, %.2f s of %.2f s, ratio %.2f", l.Voice, t.Method, t.Duration.Seconds(), l.Slot.Seconds(), t.Ratio)
		}
	}
	for _, f := range takes.Failures {
		if f.Event == l.Event {
			return "**missing**: " + f.Reason
		}
	}
	return "**missing**"
}

func (p *Parts) finalRows(ctx context.Context, in contract.BriefIn) (string, []row, error) {
	master, err := load[contract.Master](ctx, p, in.Doc)
	if err != nil {
		return "", nil, err
	}
	mix, err := load[contract.Mix](ctx, p, master.Mix)
	if err != nil {
		return "", nil, err
	}
	what := fmt.Sprintf("Final: mix at %.1f LUFS, true peak %.1f dBTP, over the %s. Listen to blob %.12s", mix.LUFS, mix.PeakDBTP, mix.BedKind, mix.Mix.SHA256)
	if !master.Picture.IsZero() {
		picture, err := load[contract.Picture](ctx, p, master.Picture)
		if err != nil {
			return "", nil, err
		}
		what += fmt.Sprintf(". Lip-sync (%s grade): %d shots, %d of %d lip closures hit; watch blob %.12s",
			picture.Grade, picture.Shots, picture.ClosuresHit, picture.Closures, picture.Video.SHA256)
	}
	return what, nil, nil
}

// brief is the markdown of a gate: tables, no images, which the UI blocks.
func brief(in contract.BriefIn, what string, rows []row, report qa.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s. Revision `%.12s`, rules %s: **%d critical, %d major, %d minor**.\n", what, in.Doc.SHA256, report.RulesVersion,
		report.Counts.Critical, report.Counts.Major, report.Counts.Minor)
	for _, label := range in.Labels {
		fmt.Fprintf(&b, "\n- %s", label)
	}
	for i, f := range report.Findings {
		if i == briefFindings {
			fmt.Fprintf(&b, "\n- and %d more: `babelreel review show %s`", len(report.Findings)-i, in.Job)
			break
		}
		fmt.Fprintf(&b, "\n- %s `%s` %s", f.Severity, f.ID(), cell(f.Message))
	}
	if len(rows) > 0 {
		b.WriteString("\n\n| id | at | | |\n|---|---|---|---|\n")
	}
	for i, r := range rows {
		if i == briefLines {
			fmt.Fprintf(&b, "\n%d more lines: `babelreel review show %s`\n", len(rows)-i, in.Job)
			break
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.id, r.at, cell(r.left), cell(r.right))
	}
	return b.String()
}

// cell is text that cannot break out of a markdown table or become markup.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "`", "'").Replace(clipLetters(s, briefText))
}

func clipLetters(s string, n int) string {
	letters := []rune(s)
	if len(letters) <= n {
		return s
	}
	return string(letters[:n-1]) + "…"
}

func clock(t time.Duration) string {
	return fmt.Sprintf("%02d:%02d:%06.3f", int(t.Hours()), int(t.Minutes())%60, (t % time.Minute).Seconds())
}
