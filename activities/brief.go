package activities

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// BuildBrief says what a gate shows of one revision: how many lines, what was
// found, the first lines side by side, and the ids of open critical findings.
func (p *Parts) BuildBrief(ctx context.Context, in contract.BriefIn) (gate.Subject, error) {
	subject := gate.Subject{Revision: in.Doc.SHA256, Report: in.Report}
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
		return p.translationLines(ctx, in)
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

// translationLines shows the lines in the order of the programme, those without
// a translation with the source that a person needs to write one.
func (p *Parts) translationLines(ctx context.Context, in contract.BriefIn) (what string, t table, err error) {
	doc, err := load[script.Translation](ctx, p, in.Doc)
	if err != nil {
		return "", t, err
	}
	list, err := beside[script.DialogueList](ctx, p, in, contract.StageDialogue)
	if err != nil {
		return "", t, err
	}
	target := map[string]string{}
	for _, l := range doc.Lines {
		target[l.Event] = cell(l.Text)
	}
	for _, f := range doc.Failures {
		target[f.Event] = missing + ": " + cell(f.Reason)
	}
	t.heads = []string{"id", doc.From, doc.To}
	for _, e := range list.Localized() {
		if text, ok := target[e.ID]; ok {
			t.add(e.ID, cell(e.Text), text)
		}
	}
	return fmt.Sprintf("Translation from %s to %s: %d of %s", doc.From, doc.To, len(doc.Lines), counted(len(target), "line")), t, nil
}

// beside is the document of a stage that a gate shows another one with; empty
// where there is none.
func beside[T any](ctx context.Context, p *Parts, in contract.BriefIn, stage contract.StageName) (T, error) {
	for _, doc := range in.Context {
		if doc.Stage == stage {
			return load[T](ctx, p, doc.Doc)
		}
	}
	var none T
	return none, nil
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
	dub, err := beside[script.DubScript](ctx, p, in, contract.StageDubScript)
	if err != nil {
		return "", t, err
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
