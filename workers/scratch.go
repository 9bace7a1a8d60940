package workers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// openScratch makes a directory below parent for the temporary files of this
// process, and removes those of processes that are gone: one that is killed in
// the middle of a film leaves copies of its sound and picture. closeAll removes the directory.
//
// A directory is of a living process while somebody holds its lock. The lock of
// parent keeps a new directory from being taken for one that was left.
func openScratch(parent string) (dir string, closeAll func() error, err error) {
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", nil, fmt.Errorf("scratch: %w", err)
	}
	all, err := lockDir(parent, unix.LOCK_EX)
	if err != nil {
		return "", nil, fmt.Errorf("scratch: %w", err)
	}
	defer func() { err = errors.Join(err, all.Close()) }()
	if err := sweep(parent); err != nil {
		return "", nil, fmt.Errorf("scratch: %w", err)
	}
	if dir, err = os.MkdirTemp(parent, "worker-"); err != nil {
		return "", nil, fmt.Errorf("scratch: %w", err)
	}
	own, err := lockDir(dir, unix.LOCK_EX)
	if err != nil {
		return "", nil, fmt.Errorf("scratch: %w", err)
	}
	return dir, func() error { return errors.Join(os.RemoveAll(dir), own.Close()) }, nil
}

// sweep removes the directories below parent that nobody holds.
func sweep(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		left, err := lockDir(filepath.Join(parent, entry.Name()), unix.LOCK_EX|unix.LOCK_NB)
		if err != nil {
			continue // its process lives, or has just removed it
		}
		_ = os.RemoveAll(left.Name()) // what cannot be removed now is tried again at the next start
		_ = left.Close()
	}
	return nil
}

// lockDir holds the lock of a directory until the file is closed, at the latest
// by the end of the process. Programs that the process starts do not inherit it.
func lockDir(dir string, how int) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(&os.PathError{Op: "lock", Path: dir, Err: err}, f.Close())
	}
	return f, nil
}
