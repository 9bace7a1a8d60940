package media

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/babelreel/babelreel/domain/fault"
)

// produce calls write with a name beside target, brings what it wrote to the
// disk and gives it the name target. On an error nothing is left.
func produce(op, target string, write func(temporary string) error) error {
	dir, base := filepath.Split(target)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, "."+base+".*")
	if err != nil {
		return fault.New(fault.Broken, op, "no room for the output: %w", err)
	}
	name := f.Name()
	if err := f.Close(); err != nil {
		return fault.New(fault.Broken, op, "%w", errors.Join(err, os.Remove(name)))
	}
	if err := write(name); err != nil {
		os.Remove(name)
		return err
	}
	if err := settle(name, target, dir); err != nil {
		os.Remove(name)
		return fault.New(fault.Broken, op, "keeping the output: %w", err)
	}
	return nil
}

// settle makes the file name durable under its final name.
func settle(name, target, dir string) error {
	if err := flush(name); err != nil {
		return err
	}
	// Media is for the other programs of the machine too, as os.Create makes it.
	if err := os.Chmod(name, 0o644); err != nil { //nolint:gosec // see above
		return err
	}
	if err := os.Rename(name, target); err != nil {
		return err
	}
	return flush(dir)
}

// flush brings a file or folder to the disk.
func flush(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
