package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
)

// ErrLeaseLost is the cause of the end of a context whose lease another took.
var ErrLeaseLost = errors.New("the lease was taken over")

const (
	// poll caps the wait that Once asks of a loser: work mostly ends long before
	// its lease would.
	poll = 5 * time.Second
	// outlive is how long do may go on after its caller has gone: a worker that
	// missed its heartbeat is told to stop, and what it has in flight would be
	// paid again. The longest single call worth it is the lip-sync of a shot.
	outlive = 2 * time.Minute
	// settle is how long storing a result, or releasing a lease, may take after
	// the caller has gone.
	settle = 30 * time.Second
)

// Flight is what Once needs of the records.
type Flight interface {
	Results
	Leases
}

// Once returns the result of key and makes it with do if there is none; cached
// says that it was there. Of all who ask at the same time one runs do, the
// others get fault.Busy with a time after which to ask again.
//
// The lease is renewed while do runs. When it is lost the context of do ends
// with ErrLeaseLost. When ctx ends Once returns, but do may go on for two more
// minutes: a call that was begun has its price, and whoever asks next finds the
// lease taken, then the result. do must not need anything that its caller removes. What do returns without an error is stored even if the
// lease is lost or ctx has ended by then, since it may have been paid for; where
// another came first, the result of that other is returned.
func Once(ctx context.Context, db Flight, key, owner string, ttl time.Duration, do func(context.Context) (Result, error)) (r Result, cached bool, err error) {
	if r, ok, err := db.Result(ctx, key); err != nil || ok {
		return r, ok, err
	}
	lease, held, wait, err := db.Acquire(ctx, key, owner, ttl)
	if err != nil {
		return Result{}, false, err
	}
	if !held {
		busy := fault.New(fault.Busy, "store: once", "another worker is on it")
		busy.After = min(max(wait, 100*time.Millisecond), poll)
		return Result{}, false, busy
	}
	ended := make(chan flown, 1)
	go func() { ended <- fly(context.WithoutCancel(ctx), ctx.Done(), db, lease, ttl, do) }()
	select {
	case f := <-ended:
		if f.panicked != nil {
			panic(f.panicked)
		}
		return f.r, f.cached, f.err
	case <-ctx.Done():
		return Result{}, false, fault.New(fault.Busy, "store: once", "the caller has gone, the work goes on: %w", context.Cause(ctx))
	}
}

// flown is how the work of a key ended.
type flown struct {
	r        Result
	cached   bool
	err      error
	panicked any
}

// fly does the work of a key under its lease and stores what comes of it.
func fly(ctx context.Context, gone <-chan struct{}, db Flight, lease Lease, ttl time.Duration, do func(context.Context) (Result, error)) (f flown) {
	defer func() {
		f.panicked = recover()
		after, cancel := context.WithTimeout(ctx, settle)
		defer cancel()
		_ = db.Release(after, lease) // else it expires
	}()

	// The last owner may have stored its result just before the lease was free.
	if f.r, f.cached, f.err = db.Result(ctx, lease.Key); f.err != nil || f.cached {
		return f
	}
	if f.r, f.err = leased(ctx, gone, db, lease, ttl, do); f.err != nil {
		return flown{err: f.err}
	}
	after, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	f.r.Key = lease.Key
	f.r, f.err = db.PutResult(after, lease, f.r)
	return f
}

// leased runs do while a goroutine renews the lease; that has ended when leased
// returns or panics.
func leased(ctx context.Context, gone <-chan struct{}, db Leases, lease Lease, ttl time.Duration, do func(context.Context) (Result, error)) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { renew(ctx, db, lease, ttl, cancel) })
	beside.Go(func() { outlast(ctx, gone, cancel) })
	defer beside.Wait()
	defer cancel(nil)

	r, err := do(ctx)
	if err != nil && errors.Is(context.Cause(ctx), ErrLeaseLost) {
		return r, fault.New(fault.Busy, "store: once", "%w: %w", ErrLeaseLost, err)
	}
	return r, err
}

// outlast ends the work some time after the caller has gone.
func outlast(ctx context.Context, gone <-chan struct{}, end context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
		return
	case <-gone:
	}
	late := time.NewTimer(outlive) //nolint:forbidigo // real time passes while do runs
	defer late.Stop()
	select {
	case <-ctx.Done():
	case <-late.C:
		end(context.Canceled)
	}
}

// renew renews the lease at every third of ttl until ctx ends. It ends ctx when
// the lease is lost, and after two failures, while a third of ttl is left in
// which do can stop.
func renew(ctx context.Context, db Leases, lease Lease, ttl time.Duration, lost context.CancelCauseFunc) {
	tick := time.NewTicker(max(ttl/3, time.Millisecond)) //nolint:forbidigo // real time passes while do runs
	defer tick.Stop()
	for failed := 0; failed < 2; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		try, cancel := context.WithTimeout(ctx, ttl/3)
		_, err := db.Renew(try, lease, ttl)
		cancel()
		switch {
		case errors.Is(err, ErrLeaseLost):
			lost(err)
			return
		case err != nil:
			failed++
		default:
			failed = 0
		}
	}
	lost(fmt.Errorf("%w, or may have been: the records cannot be reached", ErrLeaseLost))
}
