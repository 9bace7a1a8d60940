package records

import (
	"context"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
)

const decisionColumns = `id, job, workflow_id, language, gate, revision, rules_version, verdict, decided_by, identity, comment, edit_set, decided_at`

func scanDecision(scan func(...any) error) (d store.Decision, err error) {
	var at int64
	err = scan(&d.ID, &d.Job, &d.WorkflowID, &d.Language, &d.Gate, &d.Revision, &d.RulesVersion, &d.Verdict, &d.By, &d.Identity, &d.Comment, &d.EditSet, &at)
	d.At = loaded(at)
	return d, err
}

// RecordDecision adds d. Adding it again changes nothing; another decision under
// the same ID, and one that lacks what makes it a decision, is fault.Invalid.
func (db *DB) RecordDecision(ctx context.Context, d store.Decision) error {
	const op = "record decision"
	switch d.Identity {
	case store.Unverified, store.Verified, store.Policy:
	default:
		return fault.New(fault.Invalid, "store/records: "+op, "identity %q is not one of unverified, verified, policy", d.Identity)
	}
	if d.ID == "" || d.WorkflowID == "" || d.Gate == "" || d.Revision == "" || d.Verdict == "" || d.By == "" || d.At.IsZero() {
		return fault.New(fault.Invalid, "store/records: "+op, "decision %q lacks its id, workflow, gate, revision, verdict, author or time", d.ID)
	}
	d.At = loaded(stored(d.At))
	_, err := db.write.ExecContext(ctx, `INSERT INTO decisions (`+decisionColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
		d.ID, d.Job, d.WorkflowID, d.Language, d.Gate, d.Revision, d.RulesVersion, d.Verdict, d.By, string(d.Identity), d.Comment, d.EditSet, stored(d.At))
	if err != nil {
		return failed(op, err)
	}
	kept, _, err := first(ctx, db.read, scanDecision, `SELECT `+decisionColumns+` FROM decisions WHERE id = $1`, d.ID)
	if err != nil {
		return failed(op, err)
	}
	if kept != d {
		return fault.New(fault.Invalid, "store/records: "+op, "decision %s is recorded already, and is another one", d.ID)
	}
	return nil
}

// Decisions lists the decisions of one workflow, oldest first.
func (db *DB) Decisions(ctx context.Context, workflowID string) ([]store.Decision, error) {
	found, err := rows(ctx, db.read, scanDecision, `SELECT `+decisionColumns+` FROM decisions WHERE workflow_id = $1 ORDER BY decided_at, id`, workflowID)
	return found, failed("decisions", err)
}
