// Package dir keeps blobs in a directory, each under the hash of its content:
// blobs/ab/cdef.... Several processes may use one directory at once.
//
// An object is written under a temporary name, brought to disk and renamed, so
// it is there whole or not at all. Objects are read-only files.
package dir

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
)

// stale is the age at which a temporary file must be of a process that died: a
// living one writes to its file far more often.
const stale = 24 * time.Hour

// Store is a directory of blobs.
type Store struct {
	root string

	mu     sync.Mutex
	proven map[string]stamp // objects whose hash this process has checked
}

var _ store.Blobs = (*Store)(nil)

// stamp tells whether a file was written to since it was checked.
type stamp struct {
	size int64
	mod  time.Time
}

// Open opens the directory root, made if it is not there, and clears away what
// processes that died before yesterday, by now, left half-written.
func Open(root string, now time.Time) (*Store, error) {
	s := &Store{root: root, proven: map[string]stamp{}}
	for _, dir := range []string{s.tmp(), filepath.Join(root, "blobs")} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, failed("open", err)
		}
	}
	left, err := os.ReadDir(s.tmp())
	if err != nil {
		return nil, failed("open", err)
	}
	for _, entry := range left {
		info, err := entry.Info()
		if err != nil || now.Sub(info.ModTime()) < stale {
			continue // another process removed it, or still writes it
		}
		if err := os.Remove(filepath.Join(s.tmp(), entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, failed("open", err)
		}
	}
	return s, nil
}

func (s *Store) tmp() string { return filepath.Join(s.root, "tmp") }

func (s *Store) path(sha string) string { return filepath.Join(s.root, "blobs", sha[:2], sha[2:]) }

// Put stores what r gives until io.EOF.
func (s *Store) Put(ctx context.Context, r io.Reader) (script.Blob, error) {
	tmp, err := os.CreateTemp(s.tmp(), "put-*")
	if err != nil {
		return script.Blob{}, failed("put", err)
	}
	defer discard(tmp)

	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(tmp, hash), reader{ctx, r})
	if err != nil {
		return script.Blob{}, failed("put", err)
	}
	return s.settle(tmp, hex.EncodeToString(hash.Sum(nil)), n)
}

// PutFile stores a copy of the file at path. On a file system that can, the copy
// shares its bytes with the file until one of the two is written to.
func (s *Store) PutFile(ctx context.Context, path string) (script.Blob, error) {
	in, err := os.Open(path)
	if err != nil {
		return script.Blob{}, failed("put file", err)
	}
	defer func() { _ = in.Close() }()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return script.Blob{}, fault.New(fault.Invalid, "store/dir: put file", "%s is not a file", filepath.Base(path))
	}

	tmp, err := os.CreateTemp(s.tmp(), "put-*")
	if err != nil {
		return script.Blob{}, failed("put file", err)
	}
	defer discard(tmp)
	if clone(tmp, in) != nil {
		return s.Put(ctx, in)
	}
	hash := sha256.New()
	n, err := io.Copy(hash, reader{ctx, tmp})
	if err != nil {
		return script.Blob{}, failed("put file", err)
	}
	return s.settle(tmp, hex.EncodeToString(hash.Sum(nil)), n)
}

// settle brings a written file to disk and under its name. An object that is
// there already is replaced by its equal, which heals one that was damaged.
func (s *Store) settle(tmp *os.File, sha string, size int64) (script.Blob, error) {
	head := make([]byte, sniffed)
	n, err := tmp.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return script.Blob{}, failed("put", err)
	}
	if err := tmp.Chmod(0o444); err != nil {
		return script.Blob{}, failed("put", err)
	}
	if err := tmp.Sync(); err != nil {
		return script.Blob{}, failed("put", err)
	}
	path := s.path(sha)
	if err := os.Mkdir(filepath.Dir(path), 0o750); err == nil {
		if err := syncDir(filepath.Join(s.root, "blobs")); err != nil {
			return script.Blob{}, failed("put", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return script.Blob{}, failed("put", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return script.Blob{}, failed("put", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return script.Blob{}, failed("put", err)
	}
	return script.Blob{SHA256: sha, Bytes: size, Type: mediaType(head[:n])}, nil
}

// Has describes an object, and reports whether it is there.
func (s *Store) Has(_ context.Context, sha string) (script.Blob, bool, error) {
	if err := valid("has", sha); err != nil {
		return script.Blob{}, false, err
	}
	f, err := os.Open(s.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return script.Blob{}, false, nil
	}
	if err != nil {
		return script.Blob{}, false, failed("has", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return script.Blob{}, false, failed("has", err)
	}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return script.Blob{}, false, failed("has", err)
	}
	return script.Blob{SHA256: sha, Bytes: info.Size(), Type: mediaType(head[:n])}, true, nil
}

// reader ends when its context does.
type reader struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// discard removes a temporary file that was not renamed.
func discard(tmp *os.File) {
	_ = tmp.Close()
	_ = os.Remove(tmp.Name())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// valid refuses a name that is not a hash, before it becomes a path.
func valid(op, sha string) error {
	if len(sha) == 2*sha256.Size && strings.Trim(sha, "0123456789abcdef") == "" {
		return nil
	}
	return fault.New(fault.Invalid, "store/dir: "+op, "%q is not a sha256 in lower-case hex", sha)
}

// failed gives an error of the file system its kind, and a full disk its remedy.
// Errors that came with a kind keep it.
func failed(op string, err error) error {
	if own, ok := errors.AsType[*fault.Error](err); ok {
		return own
	}
	op = "store/dir: " + op
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.New(fault.Broken, op, "the disk of the store is full, free some space: %w", err)
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.Missing, op, "%w", err)
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Denied, op, "this user may not: %w", err)
	}
	return fault.New(fault.Broken, op, "%w", fmt.Errorf("file system: %w", err))
}
