// Package activities does the work of the workflows: it reads and writes
// documents, moves media, calls engines and reports progress.
//
// An activity may run more than once for the same input, at the same time even;
// every one of them is safe to repeat. What an engine makes is stored under the
// key of what it was made from before anything refers to it, so that a repeat
// finds it and pays nothing.
package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/store"
)

// Parts is what activities are built from. One Parts serves a whole worker; its
// methods are the activities.
type Parts struct {
	Blobs    store.Blobs
	Records  store.Records
	Media    *media.Tools
	Engines  engine.Pool
	Owner    string        // of leases: unique to this process
	LeaseTTL time.Duration // how long a dead worker's line stays taken
	Scratch  string        // directory for temporary files
	MaxBytes int64         // of a master; 0 means no limit
	MaxTime  time.Duration // of a programme; 0 means no limit
	Now      func() time.Time
}

// maxDocument is how large a document may be, in bytes: a dialogue list of a
// six-hour title with word times is about 8 MB.
const maxDocument = 64 << 20

// load reads the document that a blob holds.
func load[T any](ctx context.Context, p *Parts, b script.Blob) (T, error) {
	var doc T
	if b.IsZero() {
		return doc, fault.New(fault.Broken, "document", "an input is missing from the work order")
	}
	r, err := p.Blobs.Open(ctx, b.SHA256)
	if err != nil {
		return doc, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxDocument))
	if err != nil {
		return doc, fault.New(fault.Broken, "document", "read %.12s: %w", b.SHA256, err)
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return doc, fault.New(fault.Broken, "document", "parse %.12s: %w", b.SHA256, err)
	}
	return doc, nil
}

// save stores a document. Equal documents give equal blobs.
func (p *Parts) save(ctx context.Context, doc any) (script.Blob, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return script.Blob{}, fault.New(fault.Broken, "document", "encode: %w", err)
	}
	b, err := p.Blobs.Put(ctx, bytes.NewReader(data))
	b.Type = "application/json"
	return b, err
}

// keep stores the file at path and says what it is.
func (p *Parts) keep(ctx context.Context, path, mediaType string) (script.Blob, error) {
	b, err := p.Blobs.PutFile(ctx, path)
	b.Type = mediaType
	return b, err
}

// room is a scratch directory for one activity; done removes it.
func (p *Parts) room() (dir string, done func(), err error) {
	if err := os.MkdirAll(p.Scratch, 0o700); err != nil {
		return "", nil, fault.New(fault.Broken, "scratch", "%w", err)
	}
	dir, err = os.MkdirTemp(p.Scratch, "work-")
	if err != nil {
		return "", nil, fault.New(fault.Broken, "scratch", "%w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// fetch puts a blob into dir under name, for tools that read files.
func (p *Parts) fetch(ctx context.Context, b script.Blob, dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	return path, p.Blobs.Fetch(ctx, b.SHA256, path)
}

// progress is the heartbeat of an activity, as watch shows it. The store is the
// truth; this is a hint.
type progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

// pulse heartbeats until stop is called, whatever the activity is busy with, so
// that a lost worker is noticed within the heartbeat timeout.
func pulse(ctx context.Context, total int) (step func(done int), stop func()) {
	var done atomic.Int64
	quit := make(chan struct{})
	go func() {
		tick := time.NewTicker(2 * time.Second) // a fifth of the shortest heartbeat timeout
		defer tick.Stop()
		for {
			activity.RecordHeartbeat(ctx, progress{done.Load(), int64(total)})
			select {
			case <-quit:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return func(n int) { done.Store(int64(n)) }, func() { close(quit) }
}

// desk is a pulse and a room for an activity that works on files; done ends both.
func (p *Parts) desk(ctx context.Context, items int) (dir string, step func(int), done func(), err error) {
	dir, remove, err := p.room()
	if err != nil {
		return "", nil, nil, err
	}
	step, stop := pulse(ctx, items)
	return dir, step, func() { stop(); remove() }, nil
}

// engineFor is the engine that serves m.
func (p *Parts) engineFor(ctx context.Context, m contract.Model) (engine.Engine, error) {
	return p.Engines.Serving(ctx, m.ID, m.Fingerprint)
}

// pay makes the result of key with do, once, whoever asks: see store.Once.
func (p *Parts) pay(ctx context.Context, job, kind, key string, m contract.Model, do func(context.Context) (store.Result, error)) (store.Result, bool, error) {
	return store.Once(ctx, p.Records, key, p.Owner, p.LeaseTTL, func(ctx context.Context) (store.Result, error) {
		begin := p.Now()
		r, err := do(ctx)
		r.Kind, r.Job, r.Engine, r.Owner = kind, job, m.Fingerprint, p.Owner
		r.Millis, r.CreatedAt = p.Now().Sub(begin).Milliseconds(), p.Now()
		return r, err
	})
}

// model is m as a plan names it.
func model(m engine.Model) contract.Model {
	return contract.Model{ID: m.ID, Fingerprint: m.Fingerprint(), Grade: string(m.Grade)}
}

// gradeLabels says of m what must be said of everything it makes.
func gradeLabels(what string, m contract.Model) []string {
	if m.Grade == "" || m.Grade == string(engine.Production) {
		return nil
	}
	return []string{m.Grade + " grade: " + what + " by " + m.ID}
}
