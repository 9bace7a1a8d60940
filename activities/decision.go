package activities

import (
	"context"
	"strings"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
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
		set, err := p.save(ctx, script.EditSet{Base: d.Revision, By: d.By, Edits: d.Edits})
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
