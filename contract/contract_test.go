package contract_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// A continue-as-new carries the state over whole.
func TestStateSurvivesJSON(t *testing.T) {
	text := rapid.StringMatching(`[a-z0-9 é\n"]{0,8}`)
	blob := rapid.Custom(func(t *rapid.T) script.Blob {
		return script.Blob{SHA256: text.Draw(t, "sha256"), Bytes: rapid.Int64().Draw(t, "bytes")}
	})
	decision := rapid.Custom(func(t *rapid.T) *gate.Decision {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		return &gate.Decision{ID: text.Draw(t, "id"), Verdict: gate.Change, At: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 7).UTC(), Edits: []script.Edit{{Text: text.Draw(t, "text")}}}
	})
	rapid.Check(t, func(t *rapid.T) {
		var s contract.State
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			s.Results = append(s.Results, contract.StageResult{
				Stage: contract.StageMix, Key: text.Draw(t, "key"),
				Made:    contract.Made{Doc: blob.Draw(t, "doc"), Items: rapid.Int().Draw(t, "items")},
				Subject: gate.Subject{Revision: text.Draw(t, "revision"), Brief: text.Draw(t, "brief")},
			})
			s.Gates = append(s.Gates, gate.Gate{Name: gate.Final, Pending: decision.Draw(t, "pending"), Approval: decision.Draw(t, "approval")})
			s.Edits = append(s.Edits, contract.StageEdits{Stage: contract.StageTranslate, Sets: []script.Blob{blob.Draw(t, "set")}})
			s.Blocked = append(s.Blocked, contract.Blocked{Stage: contract.StageTakes, Key: text.Draw(t, "blocked"), Reason: text.Draw(t, "reason")})
			s.Taken++
		}

		data, err := json.Marshal(s)
		require.NoError(t, err)
		var carried contract.State
		require.NoError(t, json.Unmarshal(data, &carried))

		require.Equal(t, s, carried)
	})
}

// The JSON of an order is what a person types in the UI: what is left out is
// left to the defaults, and the title's own fields stand beside the order's.
func TestOrderAsTyped(t *testing.T) {
	var in contract.TitleIn

	err := json.Unmarshal([]byte(`{"title":"crow","source":"/in/crow.mov","languages":["de"],"services":["subs"],"gates":{"final":"off"}}`), &in)

	require.NoError(t, err)
	require.Equal(t, "crow", in.Title)
	require.True(t, in.Wants(contract.Subtitles))
	require.Equal(t, gate.Off, in.Gates[gate.Final])
	require.True(t, in.Due.IsZero())
	require.Zero(t, in.ContinueEvery)
}

func TestWorkDoc(t *testing.T) {
	w := contract.Work{Inputs: []contract.StageDoc{{Stage: contract.StageMix, Doc: script.Blob{SHA256: "m"}}}}

	require.Equal(t, "m", w.Doc(contract.StageMix).SHA256)
	require.True(t, w.Doc(contract.StageTakes).IsZero())
}

// An activity is registered under its contract name, and its errors keep their kind.
func TestRegisterClassifies(t *testing.T) {
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	contract.FindShots.Register(env, func(_ context.Context, in contract.Work) (contract.Made, error) {
		if in.Job == "" {
			return contract.Made{}, fault.New(fault.Invalid, "find shots", "no job")
		}
		return contract.Made{Items: 3}, nil
	})

	done, err := env.ExecuteActivity(contract.FindShots.Name, contract.Work{Job: "1"})
	_, failed := env.ExecuteActivity(contract.FindShots.Name, contract.Work{})

	require.NoError(t, err)
	var made contract.Made
	require.NoError(t, done.Get(&made))
	require.Equal(t, 3, made.Items)
	require.Equal(t, fault.Invalid, contract.KindOf(failed))
}
