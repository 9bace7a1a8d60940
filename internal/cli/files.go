package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
)

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context //nolint:containedctx // io.Copy has no context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}

// copyBlob makes an object a file of its own at path, proven by its hash. It is
// a copy, never a link: people write to what they are given.
func copyBlob(ctx context.Context, blobs store.Blobs, b script.Blob, path string) error {
	in, err := blobs.Open(ctx, b.SHA256)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return writeFile(path, func(w io.Writer) error {
		n, err := io.Copy(w, untilDone{ctx, in})
		if err == nil && n != b.Bytes {
			err = fault.New(fault.Broken, "store", "blob %s has %d bytes, its manifest says %d", short(b.SHA256), n, b.Bytes)
		}
		return err
	})
}

// writeFile makes a file at path, whole and on disk or not there at all.
func writeFile(path string, write func(io.Writer) error) (err error) {
	tmp := path + ".part"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644) //nolint:gosec // deliveries are for others to read
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp)
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// syncDir brings the names in a directory to disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
