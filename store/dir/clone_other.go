//go:build !linux

package dir

import (
	"errors"
	"os"
)

// clone is not done here; the callers copy.
func clone(_, _ *os.File) error { return errors.ErrUnsupported }
