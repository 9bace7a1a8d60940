package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/domain/fault"
)

// The exit codes. Scripts branch on them: none is ever given another meaning.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitFailed      = 3
	exitRefused     = 4
	exitNotFound    = 5
	exitUnreachable = 6
)

// exit is an error with the code that the process ends with.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }

func (e *exit) Unwrap() error { return e.err }

func exitf(code int, format string, args ...any) error {
	return &exit{code, fmt.Errorf(format, args...)}
}

// usagef is an error in the command line itself.
func usagef(format string, args ...any) error { return exitf(exitUsage, format, args...) }

// codeOf is the exit code of a command that returned err.
func codeOf(err error) int {
	if err == nil {
		return exitOK
	}
	if own, ok := errors.AsType[*exit](err); ok {
		return own.code
	}
	if fault.Of(err) == fault.Missing {
		return exitNotFound
	}
	return exitError
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long: `Every command ends with one of these codes:

  0  done; for watch: the job delivered, or its programme has no dialogue
  1  an error, also an interrupted command
  2  the command line or a setting is wrong
  3  the job failed, was cancelled, or delivered only some of its languages
  4  a gate or the job refused the decision; the reason is printed word for word
  5  there is no such job, gate, language, delivery or file
  6  Temporal cannot be reached, or no worker answers for it`,
	}
}
