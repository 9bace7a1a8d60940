package contract

import (
	"errors"
	"slices"

	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/domain/fault"
)

// ToFailure converts err to the failure that crosses the Temporal boundary: its
// type is the fault.Kind, it is non-retryable unless the kind is worth a retry,
// and it carries the engine's own back-off. Busy is marked benign, so throttling
// alone raises no error metric. A nil error and a cancellation come back
// unchanged. Activity.Register applies it.
func ToFailure(err error) error {
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	return failure(err.Error(), err)
}

// Stage names the part of a workflow in which err arose, and keeps its kind.
// Workflows use it in place of fmt.Errorf, whose result Temporal would record
// as a failure of type "wrapError" and so hide the kind from people and queries.
func Stage(name string, err error) error {
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	return failure(name, err)
}

func failure(message string, cause error) error {
	kind := KindOf(cause)
	opts := temporal.ApplicationErrorOptions{NonRetryable: !kind.Retryable(), Cause: cause}
	if own, ok := errors.AsType[*fault.Error](cause); ok {
		opts.NextRetryDelay = own.After
	}
	if kind == fault.Busy {
		opts.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(message, string(kind), opts)
}

// KindOf is fault.Of for errors that came through Temporal: it looks behind the
// activity and child-workflow errors wrapped around a failure.
func KindOf(err error) fault.Kind {
	for cause := err; cause != nil; {
		app, ok := errors.AsType[*temporal.ApplicationError](cause)
		if !ok {
			break
		}
		if kind := fault.Kind(app.Type()); slices.Contains(fault.Kinds(), kind) {
			return kind
		}
		cause = app.Unwrap()
	}
	return fault.Of(err)
}
