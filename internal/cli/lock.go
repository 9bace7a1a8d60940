package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// dataLock is the right to serve from a data directory. It ends with the
// process, however that ends.
type dataLock struct{ file *os.File }

// lockData takes the data directory, made if it is not there.
func lockData(dir string) (*dataLock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "up.lock"), os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // it holds a process id
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer func() { _ = f.Close() }()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		return nil, exitf(exitError, "`babelreel up` serves from %s already%s; use it as it runs, or give this one another --data, --temporal-port and --temporal-ui-port", dir, holder(f))
	}
	pid := []byte(strconv.Itoa(os.Getpid()) + "\n")
	if err := errors.Join(f.Truncate(0), writeAt(f, pid)); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return &dataLock{f}, nil
}

func writeAt(f *os.File, data []byte) error {
	_, err := f.WriteAt(data, 0)
	return err
}

// holder names the process that holds the lock, as far as the file tells.
func holder(f *os.File) string {
	pid := make([]byte, 20)
	n, _ := f.ReadAt(pid, 0)
	if pid = bytes.TrimSpace(pid[:n]); len(pid) == 0 {
		return ""
	}
	return " (process " + string(pid) + ")"
}

func (l *dataLock) release() { _ = l.file.Close() }
