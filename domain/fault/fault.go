// Package fault names the ways in which a localization job can go wrong, and
// says for each who can put it right and whether trying again can help.
//
// Every engine adapter returns these kinds. Package contract carries them over
// the Temporal boundary; workflows branch on the kind and never on message
// text. Kinds are stored in histories: a Kind is never renamed or reused.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is one class of failure.
type Kind string

// The kinds, with who must act. Only Busy and Broken are worth a retry.
const (
	Invalid Kind = "Invalid" // the job's owner: input is malformed or unsupported
	Denied  Kind = "Denied"  // an administrator: credentials, quota or consent missing
	Missing Kind = "Missing" // the job's owner: a named asset, voice or language is not there
	Refused Kind = "Refused" // a reviewer: the engine declined the content, or a person the work
	Busy    Kind = "Busy"    // nobody: throttled or queue full; it passes
	Broken  Kind = "Broken"  // an operator: a defect or an outage
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Invalid, Denied, Missing, Refused, Busy, Broken} }

// Retryable reports whether the same call can succeed without a person acting.
func (k Kind) Retryable() bool { return k == Busy || k == Broken }

// Error is a failure with a kind.
type Error struct {
	Kind  Kind
	Op    string        // what was being done: "asr/whisper: transcribe"
	After time.Duration // for Busy: the wait the engine asked for; 0 if it named none
	Err   error         // the cause; never nil
}

// Error is the operation and its cause. Keep secrets and users' text out of
// both: everyone who may see the workflow sees them.
func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// New returns an Error of the given kind. The cause is formatted as by
// fmt.Errorf, so %w keeps the original error in the chain.
func New(kind Kind, op, format string, args ...any) *Error {
	return &Error{Kind: kind, Op: op, Err: fmt.Errorf(format, args...)}
}

// Of is the kind of err. An error that nobody classified is Broken; a nil error
// has the empty kind.
func Of(err error) Kind {
	if err == nil {
		return ""
	}
	if own, ok := errors.AsType[*Error](err); ok {
		return own.Kind
	}
	return Broken
}
