package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/domain/fault"
)

// classify gives an error of the server its exit code and its remedy. The
// workflow id may be "" where the call is of none.
func (s *temporalService) classify(err error, workflowID string) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone && workflowID != "" {
		if strings.Contains(err.Error(), "already completed") {
			return exitf(exitNotFound, "workflow %s has ended; `babelreel explain` tells how", workflowID)
		}
		return exitf(exitNotFound, "there is no workflow %s on %s; `babelreel review list` and the web UI show those there are", workflowID, s.address)
	}
	if _, ok := errors.AsType[*serviceerror.QueryFailed](err); ok {
		return exitf(exitError, "workflow %s cannot answer: %w", workflowID, err)
	}
	if _, ok := errors.AsType[*serviceerror.Unavailable](err); ok {
		return exitf(exitUnreachable, "Temporal at %s does not answer: %w", s.address, err)
	}
	if timedOut(err) {
		return exitf(exitUnreachable, "nobody answers: no worker serves queue flow of %s; start `babelreel up`, or `babelreel worker`: %w", s.address, err)
	}
	return err
}

// timedOut reports whether a call ended because nobody answered in time. A
// query without a worker is turned down at once as a failed precondition.
func timedOut(err error) bool {
	if _, ok := errors.AsType[*serviceerror.DeadlineExceeded](err); ok {
		return true
	}
	if _, ok := errors.AsType[*serviceerror.FailedPrecondition](err); ok && strings.Contains(err.Error(), "no poller") {
		return true
	}
	_, update := errors.AsType[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err)
	return update || errors.Is(err, context.DeadlineExceeded)
}

// reason is what a person reads of a workflow that failed: the message of the
// innermost cause that has a fault kind.
func reason(err error) string {
	message := err.Error()
	if ended, ok := errors.AsType[*temporal.WorkflowExecutionError](err); ok && ended.Unwrap() != nil {
		message = ended.Unwrap().Error()
	}
	for cause := err; cause != nil; {
		app, ok := errors.AsType[*temporal.ApplicationError](cause)
		if !ok {
			break
		}
		if slices.Contains(fault.Kinds(), fault.Kind(app.Type())) {
			message = app.Message()
		}
		cause = app.Unwrap()
	}
	return message
}
