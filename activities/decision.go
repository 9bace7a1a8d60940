package activities

import (
	"context"
	"strings"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/store"
)

// RecordDecision puts a decision, and the edits it carries, on record. Doing it
// again changes nothing.
func (p *Parts) RecordDecision(ctx context.Context, in contract.DecisionIn) (contract.DecisionOut, error) {
	d := in.Decision
	if d.ID == "" {
		return contract.DecisionOut{}, fault.New(fault.Invalid, "decision", "has no id")
	}
	var out contract.DecisionOut
	if d.Verdict == gate.Change {
		saw, err := p.saw(ctx, d)
		if err != nil {
			return contract.DecisionOut{}, err
		}
		set, err := p.save(ctx, script.EditSet{Base: d.Revision, By: d.By, Edits: script.Remember(d.Edits, saw)})
		if err != nil {
			return contract.DecisionOut{}, err
		}
		out.EditSet = set
	}
	var comment []string
	if d.Comment != "" {
		comment = append(comment, d.Comment)
	}
	for _, waiver := range d.Waive {
		comment = append(comment, "waived "+waiver.Finding+": "+waiver.Reason)
	}
	return out, p.Records.RecordDecision(ctx, store.Decision{
		ID: d.ID, Job: in.Job, WorkflowID: in.WorkflowID, Language: in.Language, Gate: string(d.Gate), Revision: d.Revision,
		RulesVersion: in.Rules, Verdict: string(d.Verdict), By: d.By, Identity: store.Identity(d.Identity),
		Comment: strings.Join(comment, "\n"), EditSet: out.EditSet.SHA256, At: d.At,
	})
}

// saw is what stood in the revision that a decision is about, by entry: see
// script.Edit.Was.
func (p *Parts) saw(ctx context.Context, d gate.Decision) (map[string]string, error) {
	saw := map[string]string{}
	revision := script.Blob{SHA256: d.Revision}
	switch d.Gate {
	case gate.Dialogue:
		list, err := load[script.DialogueList](ctx, p, revision)
		if err != nil {
			return nil, err
		}
		for _, e := range list.Events {
			saw[e.ID] = e.Text
		}
	case gate.Translation:
		t, err := load[script.Translation](ctx, p, revision)
		if err != nil {
			return nil, err
		}
		for _, l := range t.Lines {
			saw[l.Event] = l.Source
		}
	case gate.Subtitles:
		doc, err := load[timedtext.Document](ctx, p, revision)
		if err != nil {
			return nil, err
		}
		for _, c := range doc.Cues {
			saw[c.ID] = strings.Join(c.Lines, "\n")
		}
	case gate.Premix:
		premix, err := load[contract.Premix](ctx, p, revision)
		if err != nil {
			return nil, err
		}
		s, err := load[script.DubScript](ctx, p, premix.Script)
		if err != nil {
			return nil, err
		}
		for _, l := range s.Lines {
			saw[l.Event] = l.Text
		}
	case gate.Final: // takes no edits
	}
	return saw, nil
}
