package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/store"
)

// A decision is on record once, however often it is recorded, with the reason
// for every waiver and the edits it carries.
func TestRecordDecision(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	shown, err := s.Blobs.Put(t.Context(), strings.NewReader(`{"lines":[{"event":"e001","source":"Hi.","text":"Ola."}]}`))
	require.NoError(t, err)
	approval := contract.DecisionIn{Job: "film-7", WorkflowID: "title-film-7:pt-BR", Language: "pt-BR", Rules: "rules-1", Decision: gate.Decision{
		ID: "d1", Gate: gate.Translation, Revision: "aa", Verdict: gate.Approve, By: "ana", Identity: gate.Unverified, At: at,
		Waive: []gate.Waiver{{Finding: "TRN004:e002", Reason: "the client wants it"}, {Finding: "TRN001:e003", Reason: "a grunt"}},
	}}
	change := approval
	change.Decision = gate.Decision{
		ID: "d2", Gate: gate.Translation, Revision: shown.SHA256, Verdict: gate.Change, By: "bea", Identity: gate.Unverified, Comment: "shorter", At: at.Add(time.Minute),
		Edits: []script.Edit{{Op: script.Replace, ID: "e001", Text: "Oi."}},
	}

	var outs []contract.DecisionOut
	for _, in := range []contract.DecisionIn{approval, approval, change, change} {
		out, err := do(contract.RecordDecision, s.RecordDecision, in)
		require.NoError(t, err)
		outs = append(outs, out)
	}
	other := approval
	other.Decision.By = "mallory"
	_, conflict := do(contract.RecordDecision, s.RecordDecision, other)
	other.Decision.ID = ""
	_, nameless := do(contract.RecordDecision, s.RecordDecision, other)

	recorded, err := s.Records.Decisions(t.Context(), "title-film-7:pt-BR")
	require.NoError(t, err)
	require.Equal(t, []store.Decision{
		{
			ID: "d1", Job: "film-7", WorkflowID: "title-film-7:pt-BR", Language: "pt-BR", Gate: "translation", Revision: "aa", RulesVersion: "rules-1",
			Verdict: "approve", By: "ana", Identity: store.Unverified, Comment: "waived TRN004:e002: the client wants it\nwaived TRN001:e003: a grunt", At: at,
		},
		{
			ID: "d2", Job: "film-7", WorkflowID: "title-film-7:pt-BR", Language: "pt-BR", Gate: "translation", Revision: shown.SHA256, RulesVersion: "rules-1",
			Verdict: "change", By: "bea", Identity: store.Unverified, Comment: "shorter", EditSet: outs[2].EditSet.SHA256, At: at.Add(time.Minute),
		},
	}, recorded)
	require.True(t, outs[0].EditSet.IsZero())
	require.Equal(t, outs[2], outs[3])
	require.Equal(t, script.EditSet{Base: shown.SHA256, By: "bea", Edits: []script.Edit{
		{Op: script.Replace, ID: "e001", Text: "Oi.", Was: "Hi."},
	}}, document[script.EditSet](s, outs[2].EditSet))
	require.Equal(t, fault.Invalid, contract.KindOf(conflict), "another decision under the same id is refused")
	require.Equal(t, fault.Invalid, contract.KindOf(nameless))
}
