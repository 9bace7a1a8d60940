package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
)

// callWithin is how long one call may take. A query waits for a worker, which
// may have to replay a long history first.
const callWithin = 15 * time.Second

// temporalService is the service that a Temporal server gives.
type temporalService struct {
	c         client.Client
	namespace string
	address   string
	base      string // of the web UI, "" where it is not known
}

var _ service = (*temporalService)(nil)

func (s *temporalService) Close() { s.c.Close() }

func (s *temporalService) Link(workflowID string) string {
	if s.base == "" {
		return ""
	}
	return s.base + "/namespaces/" + s.namespace + "/workflows/" + workflowID
}

func (s *temporalService) Start(ctx context.Context, in contract.TitleIn) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	id := contract.TitleID(in.Job)
	run, err := s.c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       id,
		TaskQueue:                                contract.QueueFlow,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    attributes(in.Order),
		StaticSummary:                            summary(in.Order),
	}, contract.LocalizeTitle, in)
	if _, there := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); there {
		return "", exitf(exitRefused, "job %s is there already; see it with `babelreel watch %s`, or give another --job", in.Job, in.Job)
	}
	if err != nil {
		return "", s.classify(err, id)
	}
	return run.GetRunID(), nil
}

// attributes are the search attributes that a job starts with.
func attributes(o contract.Order) temporal.SearchAttributes {
	attrs := []temporal.SearchAttributeUpdate{
		contract.AttrJob.ValueSet(o.Job),
		contract.AttrCustomer.ValueSet(o.Customer),
		contract.AttrSeries.ValueSet(o.Series),
		contract.AttrTitle.ValueSet(o.Title),
		contract.AttrReviewState.ValueSet(contract.ReviewNone),
	}
	if !o.Due.IsZero() {
		attrs = append(attrs, contract.AttrDue.ValueSet(o.Due))
	}
	return temporal.NewSearchAttributes(attrs...)
}

func (s *temporalService) Look(ctx context.Context, workflowID string) (execution, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	got, err := s.c.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return execution{}, s.classify(err, workflowID)
	}
	e := executionOf(got.GetWorkflowExecutionInfo())
	for _, p := range got.GetPendingActivities() {
		e.Activities = append(e.Activities, pendingOf(p))
	}
	return e, nil
}

func executionOf(info *workflowpb.WorkflowExecutionInfo) execution {
	fields := info.GetSearchAttributes().GetIndexedFields()
	e := execution{
		WorkflowID: info.GetExecution().GetWorkflowId(),
		Job:        keyword(fields, contract.AttrJob.GetName()),
		Title:      keyword(fields, contract.AttrTitle.GetName()),
		Language:   keyword(fields, contract.AttrLanguage.GetName()),
		Started:    info.GetStartTime().AsTime(),
		Events:     info.GetHistoryLength(),
		Bytes:      info.GetHistorySizeBytes(),
	}
	if info.GetCloseTime() != nil {
		e.Closed = info.GetCloseTime().AsTime()
	}
	switch info.GetStatus() {
	case enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		e.State = stateCompleted
	case enums.WORKFLOW_EXECUTION_STATUS_FAILED:
		e.State = stateFailed
	case enums.WORKFLOW_EXECUTION_STATUS_CANCELED:
		e.State = stateCancelled
	case enums.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		e.State = stateTerminated
	case enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		e.State = stateTimedOut
	default:
		e.State = stateRunning
	}
	return e
}

// keyword is the value of a Keyword attribute, "" where there is none.
func keyword(fields map[string]*commonpb.Payload, name string) string {
	var v string
	if p, ok := fields[name]; ok {
		_ = converter.GetDefaultDataConverter().FromPayload(p, &v) // not a text: as absent
	}
	return v
}

func pendingOf(p *workflowpb.PendingActivityInfo) pending {
	out := pending{
		Name:    p.GetActivityType().GetName(),
		Started: p.GetState() != enums.PENDING_ACTIVITY_STATE_SCHEDULED,
		Attempt: int(p.GetAttempt()),
		Failure: p.GetLastFailure().GetMessage(),
	}
	if p.GetNextAttemptScheduleTime() != nil {
		out.Next = p.GetNextAttemptScheduleTime().AsTime()
	}
	var beat struct {
		Done  int64 `json:"done"`
		Total int64 `json:"total"`
	}
	if converter.GetDefaultDataConverter().FromPayloads(p.GetHeartbeatDetails(), &beat) == nil {
		out.Done, out.Total = beat.Done, beat.Total
	}
	return out
}

func (s *temporalService) Status(ctx context.Context, workflowID string) (contract.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	var status contract.Status
	v, err := s.c.QueryWorkflow(ctx, workflowID, "", contract.QueryStatus)
	if err != nil {
		return status, s.classify(err, workflowID)
	}
	if err := v.Get(&status); err != nil {
		return status, fmt.Errorf("status of %s: %w", workflowID, err)
	}
	return status, nil
}

func (s *temporalService) Outcome(ctx context.Context, workflowID string) (contract.TitleOut, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	var out contract.TitleOut
	err := s.c.GetWorkflow(ctx, workflowID, "").Get(ctx, &out)
	if _, ended := errors.AsType[*temporal.WorkflowExecutionError](err); ended {
		return out, exitf(exitFailed, "%s", reason(err))
	}
	if err != nil {
		return out, s.classify(err, workflowID)
	}
	return out, nil
}

func (s *temporalService) Find(ctx context.Context, query string) ([]execution, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	var found []execution
	for page := []byte(nil); ; {
		got, err := s.c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, NextPageToken: page})
		if err != nil {
			return nil, s.classify(err, "")
		}
		for _, info := range got.GetExecutions() {
			found = append(found, executionOf(info))
		}
		if page = got.GetNextPageToken(); len(page) == 0 {
			return found, nil
		}
	}
}

func (s *temporalService) Update(ctx context.Context, workflowID, name string, in any) (contract.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	var receipt contract.Receipt
	handle, err := s.c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: name, Args: []any{in}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &receipt)
	}
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok && refused.Type() == string(fault.Refused) {
		return receipt, exitf(exitRefused, "%s", refused.Message())
	}
	if err != nil {
		return receipt, s.classify(err, workflowID)
	}
	return receipt, nil
}

func (s *temporalService) Cancel(ctx context.Context, workflowID string) error {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	if err := s.c.CancelWorkflow(ctx, workflowID, ""); err != nil {
		return s.classify(err, workflowID)
	}
	return nil
}

func (s *temporalService) Pollers(ctx context.Context, queue string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	kind := enums.TASK_QUEUE_TYPE_ACTIVITY
	if queue == contract.QueueFlow {
		kind = enums.TASK_QUEUE_TYPE_WORKFLOW
	}
	got, err := s.c.DescribeTaskQueue(ctx, queue, kind)
	if err != nil {
		return 0, s.classify(err, "")
	}
	return len(got.GetPollers()), nil
}
