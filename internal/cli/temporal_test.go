package cli_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/internal/cli"
)

// server answers every call with what it holds, or with err.
type server struct {
	client.Client // nil: any other call is a mistake

	err       error
	refused   error
	started   client.StartWorkflowOptions
	described *workflowservice.DescribeWorkflowExecutionResponse
	pages     []*workflowservice.ListWorkflowExecutionsResponse
	kind      enums.TaskQueueType
}

func (s *server) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	s.started = o
	return ran{}, s.err
}

func (s *server) GetWorkflow(context.Context, string, string) client.WorkflowRun {
	return ran{err: s.err}
}

func (s *server) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return s.described, s.err
}

func (s *server) QueryWorkflow(context.Context, string, string, string, ...any) (converter.EncodedValue, error) {
	return client.NewValue(nil), s.err
}

func (s *server) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return s.pages[len(r.NextPageToken)], s.err
}

func (s *server) UpdateWorkflow(context.Context, client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return update{err: s.refused}, s.err
}

func (s *server) CancelWorkflow(context.Context, string, string) error { return s.err }

func (s *server) DescribeTaskQueue(_ context.Context, _ string, kind enums.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	s.kind = kind
	return &workflowservice.DescribeTaskQueueResponse{Pollers: []*taskqueuepb.PollerInfo{{}, {}}}, s.err
}

type ran struct {
	client.WorkflowRun

	err error
}

func (ran) GetRunID() string { return "run-1" }

func (r ran) Get(context.Context, any) error { return r.err }

type update struct {
	client.WorkflowUpdateHandle

	err error
}

func (u update) Get(context.Context, any) error { return u.err }

func TestServerErrorsHaveExitCodes(t *testing.T) {
	tests := map[string]struct {
		err   error
		code  int
		words string
	}{
		"no such workflow":      {serviceerror.NewNotFound("nope"), 5, "there is no workflow title-film on here:7233"},
		"it ended":              {serviceerror.NewNotFound("workflow execution already completed"), 5, "has ended"},
		"the server is down":    {serviceerror.NewUnavailable("gone"), 6, "here:7233 does not answer"},
		"no worker, noticed":    {serviceerror.NewFailedPrecondition("no poller seen for task queue recently, worker may be down"), 6, "babelreel worker"},
		"no worker, in time":    {serviceerror.NewDeadlineExceeded("late"), 6, "no worker serves queue flow"},
		"no worker, for an end": {context.DeadlineExceeded, 6, "no worker serves queue flow"},
		"an update in vain":     {client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded), 6, "no worker serves queue flow"},
		"a query that fails":    {serviceerror.NewQueryFailed("panic"), 1, "cannot answer"},
		"something else":        {errors.New("else"), 1, "else"},
		"Ctrl-C":                {context.Canceled, 1, "canceled"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := cli.NewService(&server{err: tt.err})
			_, looked := s.Look(t.Context(), title)
			_, asked := s.Status(t.Context(), title)
			_, updated := s.Update(t.Context(), title, contract.UpdateRetry, contract.Retry{})
			for _, err := range []error{looked, asked, updated, s.Cancel(t.Context(), title)} {
				require.Equal(t, tt.code, cli.CodeOf(err), err)
				require.ErrorContains(t, err, tt.words)
			}
		})
	}
}

func TestARefusedUpdateKeepsItsWords(t *testing.T) {
	refused := temporal.NewNonRetryableApplicationError("gate final: look again", "Refused", nil)

	_, err := cli.NewService(&server{refused: refused}).Update(t.Context(), title, contract.UpdateDecide, contract.Decide{})

	require.Equal(t, 4, cli.CodeOf(err))
	require.EqualError(t, err, "gate final: look again")
}

func TestStartAsksForOneJobOnly(t *testing.T) {
	s := &server{}
	order := contract.Order{Job: "film", Customer: "ACME", Title: "CODE", Languages: []string{"es"}, Services: []contract.Service{"subs"}, Due: noon}

	run, err := cli.NewService(s).Start(t.Context(), contract.TitleIn{Order: order})
	require.NoError(t, err)
	_, again := cli.NewService(&server{err: serviceerror.NewWorkflowExecutionAlreadyStarted("there", "", "")}).Start(t.Context(), contract.TitleIn{Order: order})

	require.Equal(t, "run-1", run)
	require.Equal(t, "title-film", s.started.ID)
	require.Equal(t, contract.QueueFlow, s.started.TaskQueue)
	require.Equal(t, enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL, s.started.WorkflowIDConflictPolicy)
	require.True(t, s.started.WorkflowExecutionErrorWhenAlreadyStarted)
	require.Equal(t, "CODE to es: subs", s.started.StaticSummary)
	customer, _ := s.started.TypedSearchAttributes.GetKeyword(contract.AttrCustomer)
	due, _ := s.started.TypedSearchAttributes.GetTime(contract.AttrDue)
	require.Equal(t, "ACME", customer)
	require.Equal(t, noon, due)
	require.Equal(t, 4, cli.CodeOf(again))
	require.ErrorContains(t, again, "babelreel watch film")
}

func TestLookReadsHeartbeats(t *testing.T) {
	conv := converter.GetDefaultDataConverter()
	beat, err := conv.ToPayloads(map[string]int{"done": 3, "total": 25})
	require.NoError(t, err)
	lang, err := conv.ToPayload("pt-BR")
	require.NoError(t, err)
	s := &server{described: &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
			Execution:        &commonpb.WorkflowExecution{WorkflowId: language},
			Status:           enums.WORKFLOW_EXECUTION_STATUS_RUNNING,
			SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"TargetLanguage": lang}},
		},
		PendingActivities: []*workflowpb.PendingActivityInfo{
			{ActivityType: &commonpb.ActivityType{Name: "Translate"}, State: enums.PENDING_ACTIVITY_STATE_STARTED, Attempt: 2, HeartbeatDetails: beat, LastFailure: &failurepb.Failure{Message: "429"}},
			{ActivityType: &commonpb.ActivityType{Name: "Admit"}, State: enums.PENDING_ACTIVITY_STATE_SCHEDULED},
		},
	}}

	got, err := cli.NewService(s).Look(t.Context(), language)

	require.NoError(t, err)
	require.Equal(t, cli.Execution{
		WorkflowID: language, Language: "pt-BR", State: cli.StateRunning, Started: time.Unix(0, 0).UTC(),
		Activities: []cli.Pending{{Name: "Translate", Started: true, Attempt: 2, Done: 3, Total: 25, Failure: "429"}, {Name: "Admit"}},
	}, got)
}

func TestFindReadsEveryPage(t *testing.T) {
	page := func(id string, next []byte) *workflowservice.ListWorkflowExecutionsResponse {
		return &workflowservice.ListWorkflowExecutionsResponse{
			Executions:    []*workflowpb.WorkflowExecutionInfo{{Execution: &commonpb.WorkflowExecution{WorkflowId: id}}},
			NextPageToken: next,
		}
	}

	got, err := cli.NewService(&server{pages: []*workflowservice.ListWorkflowExecutionsResponse{page("a", []byte("x")), page("b", nil)}}).Find(t.Context(), "q")

	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, "b", got[1].WorkflowID)
}

func TestPollersOfTheFlowQueueAreOfWorkflows(t *testing.T) {
	s := &server{}
	n, err := cli.NewService(s).Pollers(t.Context(), contract.QueueFlow)
	flow := s.kind
	_, _ = cli.NewService(s).Pollers(t.Context(), contract.QueueGPU)

	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Equal(t, enums.TASK_QUEUE_TYPE_WORKFLOW, flow)
	require.Equal(t, enums.TASK_QUEUE_TYPE_ACTIVITY, s.kind)
}
