package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
	"github.com/babelreel/babelreel/store/dir"
	"github.com/babelreel/babelreel/store/records"
)

// maxDocument is how large a document may be, in bytes, as for activities.
const maxDocument = 64 << 20

// blobs opens the store to read from it. It makes none where none is.
func (a *app) blobs() (store.Blobs, error) {
	if err := there("store", a.cfg.StoreDir(), "--store"); err != nil {
		return nil, err
	}
	return dir.Open(a.cfg.StoreDir(), a.now())
}

// records opens the records to read from them. It makes none where none are.
func (a *app) records(ctx context.Context) (*records.DB, error) {
	if err := there("records", a.cfg.RecordsFile(), "--records"); err != nil {
		return nil, err
	}
	return records.Open(ctx, a.cfg.RecordsFile(), a.now)
}

func there(what, path, flag string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return exitf(exitNotFound, "%s: there is no %s; run this where `babelreel up` keeps its data, or name the place with --data or %s", what, path, flag)
	}
	return err
}

// loadDocument reads the document with the given hash.
func loadDocument[T any](ctx context.Context, blobs store.Blobs, sha string) (doc T, err error) {
	data, err := readBlob(ctx, blobs, sha)
	if err != nil {
		return doc, err
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return doc, fault.New(fault.Broken, "document", "parse %s: %w", short(sha), err)
	}
	return doc, nil
}

// loadBlob is loadDocument of a blob that may be zero, which gives a zero T.
func loadBlob[T any](ctx context.Context, blobs store.Blobs, b script.Blob) (doc T, err error) {
	if b.IsZero() {
		return doc, nil
	}
	return loadDocument[T](ctx, blobs, b.SHA256)
}

func readBlob(ctx context.Context, blobs store.Blobs, sha string) ([]byte, error) {
	r, err := blobs.Open(ctx, sha)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, fault.New(fault.Broken, "document", "%s is larger than a document can be", short(sha))
	}
	return data, nil
}
