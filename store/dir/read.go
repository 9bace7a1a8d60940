package dir

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/babelreel/babelreel/domain/fault"
)

// Open opens an object. Its hash is proven by reading it from start to end.
func (s *Store) Open(_ context.Context, sha string) (io.ReadSeekCloser, error) {
	if err := valid("open", sha); err != nil {
		return nil, err
	}
	f, err := s.open("open", sha)
	if err != nil {
		return nil, err
	}
	return &object{File: f, sha: sha, hash: sha256.New()}, nil
}

func (s *Store) open(op, sha string) (*os.File, error) {
	f, err := os.Open(s.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Missing, "store/dir: "+op, "there is no blob %s", sha)
	}
	if err != nil {
		return nil, failed(op, err)
	}
	return f, nil
}

// object is an open blob that hashes what is read of it in one go from the start.
type object struct {
	*os.File

	sha  string
	hash hash.Hash // nil after a jump
}

// Read reads on. At the end of a blob that was read whole it holds the bytes
// against their hash.
func (o *object) Read(p []byte) (int, error) {
	n, err := o.File.Read(p)
	if o.hash == nil {
		return n, err
	}
	o.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(o.hash.Sum(nil)) != o.sha {
		return n, damaged("read", o.sha)
	}
	return n, err
}

// Seek moves in the blob. Only a read from the start proves it.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	at, err := o.File.Seek(offset, whence)
	switch {
	case err == nil && at == 0:
		o.hash = sha256.New()
	case offset != 0 || whence != io.SeekCurrent:
		o.hash = nil
	}
	return at, err
}

// WriteTo keeps io.Copy from reading past the check.
func (o *object) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{o})
}

// Fetch makes the object a file at path: a copy that shares its bytes where the
// file system can, else a hard link, else a copy. Whoever writes to a hard link
// damages the store, so the file is read-only.
func (s *Store) Fetch(ctx context.Context, sha, path string) error {
	if err := valid("fetch", sha); err != nil {
		return err
	}
	if err := s.prove(ctx, sha); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".fetch-*")
	if err != nil {
		return failed("fetch", err)
	}
	defer discard(tmp)

	if err := s.fill(ctx, tmp, sha); err != nil {
		return failed("fetch", err)
	}
	// Between two links of one object rename does nothing, and that is enough.
	if err := os.Rename(tmp.Name(), path); err != nil {
		return failed("fetch", err)
	}
	return nil
}

// fill gives the temporary file the content of an object, or makes its name a
// link to that object.
func (s *Store) fill(ctx context.Context, tmp *os.File, sha string) error {
	in, err := s.Open(ctx, sha)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if clone(tmp, in.(*object).File) == nil {
		return tmp.Chmod(0o444)
	}
	if err := os.Remove(tmp.Name()); err != nil {
		return err
	}
	if os.Link(s.path(sha), tmp.Name()) == nil {
		return nil
	}

	out, err := os.OpenFile(tmp.Name(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	if _, err := io.Copy(out, reader{ctx, in}); err != nil {
		return err
	}
	if err := out.Chmod(0o444); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return out.Close()
}

// prove checks the hash of an object once for as long as its file is not
// written to.
func (s *Store) prove(ctx context.Context, sha string) error {
	f, err := s.open("fetch", sha)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return failed("fetch", err)
	}
	seen := stamp{info.Size(), info.ModTime()}
	s.mu.Lock()
	known := s.proven[sha]
	s.mu.Unlock()
	if known == seen {
		return nil
	}

	sum := sha256.New()
	if _, err := io.Copy(sum, reader{ctx, f}); err != nil {
		return failed("fetch", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != sha {
		return damaged("fetch", sha)
	}
	s.mu.Lock()
	s.proven[sha] = seen
	s.mu.Unlock()
	return nil
}

func damaged(op, sha string) error {
	return fault.New(fault.Broken, "store/dir: "+op, "blob %s is damaged: its bytes no longer give its name; store it again or restore it from a backup", sha)
}

// sniffed is how many bytes mediaType looks at.
const sniffed = 512

// mediaType is read from the first bytes of an object alone, so that equal
// objects have equal types.
func mediaType(head []byte) string {
	switch text := bytes.TrimSpace(head); {
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WAVE":
		return "audio/wav"
	case bytes.HasPrefix(head, []byte{0x1A, 0x45, 0xDF, 0xA3}):
		return "video/x-matroska"
	case bytes.HasPrefix(head, []byte("fLaC")):
		return "audio/flac"
	case bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		return "application/json"
	case bytes.HasPrefix(text, []byte("WEBVTT")):
		return "text/vtt"
	}
	return http.DetectContentType(head)
}
