package workflows_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// watch lets people look at every workflow, again and again.
func (s *studio) watch() {
	s.env.RegisterDelayedCallback(func() {
		s.looks++
		if s.looks > patience {
			s.env.CancelWorkflow()
			return
		}
		for _, id := range []string{titleID, germanID, "title-film:fr", "title-film:xx"} {
			if status, ok := s.status(id); ok {
				s.people(id, status)
			}
		}
		s.watch()
	}, look)
}

func (s *studio) status(id string) (status contract.Status, ok bool) {
	value, err := s.env.QueryWorkflowByID(id, contract.QueryStatus)
	if err != nil {
		return contract.Status{}, false
	}
	require.NoError(s.t, value.Get(&status))
	return status, true
}

// details is what the Temporal UI shows of a workflow.
func (s *studio) details(id string) string {
	value, err := s.env.QueryWorkflowByID(id, "__temporal_workflow_metadata")
	require.NoError(s.t, err)
	var metadata sdkpb.WorkflowMetadata
	require.NoError(s.t, value.Get(&metadata))
	return metadata.GetCurrentDetails()
}

// age is how long the job has been going on.
func (s *studio) age() time.Duration { return s.env.Now().Sub(s.began) }

// send sends an update. What its validator says against it is kept.
func (s *studio) send(id, update string, in any) {
	s.updates++
	err := s.env.UpdateWorkflowByID(id, update, fmt.Sprintf("update-%d", s.updates), &testsuite.TestUpdateCallback{
		OnAccept:   func() {},
		OnReject:   func(err error) { s.refused = append(s.refused, message(err)) },
		OnComplete: func(any, error) {},
	}, in)
	require.NoError(s.t, err)
}

// decide sends a decision of ana on what the gate shows.
func (s *studio) decide(id string, g gate.Gate, verdict gate.Verdict, comment string, edits ...script.Edit) {
	s.send(id, contract.UpdateDecide, contract.Decide{
		Gate: g.Name, Revision: g.Subject.Revision, Verdict: verdict, By: "ana@example.com", Comment: comment, Edits: edits,
	})
}

// approveAll approves everything that waits for a decision.
func (s *studio) approveAll(id string, status contract.Status) { s.approveBut(id, status) }

// approveBut approves everything that waits for a decision, except at some gates.
func (s *studio) approveBut(id string, status contract.Status, except ...gate.Name) {
	for _, g := range status.Gates {
		if g.State == gate.Waiting && !slices.Contains(except, g.Name) {
			s.decide(id, g, gate.Approve, "")
		}
	}
}

// find is the gate of the given name; a zero Gate where the job has none.
func find(status contract.Status, name gate.Name) gate.Gate {
	for _, g := range status.Gates {
		if g.Name == name {
			return g
		}
	}
	return gate.Gate{}
}

// stage is where the stage of the given name stands.
func stage(status contract.Status, name contract.StageName) contract.StageStatus {
	i := slices.IndexFunc(status.Stages, func(s contract.StageStatus) bool { return s.Stage == name })
	return status.Stages[i]
}

// message is what a person reads of a failure, without its type.
func message(err error) string {
	if app := new(temporal.ApplicationError); errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}
