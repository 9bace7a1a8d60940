package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
	"github.com/babelreel/babelreel/store/records"
)

func open(t *testing.T, path string, now func() time.Time) *records.DB {
	t.Helper()
	db, err := records.Open(context.Background(), path, now)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func fresh(t *testing.T) *records.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "records.db"), time.Now)
}

func doc(s string) func(context.Context) (store.Result, error) {
	return func(context.Context) (store.Result, error) {
		return store.Result{Kind: "test", Doc: json.RawMessage(s)}, nil
	}
}

func never(t *testing.T) func(context.Context) (store.Result, error) {
	t.Helper()
	return func(context.Context) (store.Result, error) {
		t.Error("the work was done again")
		return store.Result{}, nil
	}
}

func TestOnceAnswersFromTheStore(t *testing.T) {
	db := fresh(t)

	made, first, err := store.Once(t.Context(), db, "k", "a", time.Minute, doc(`1`))
	require.NoError(t, err)
	found, second, err := store.Once(t.Context(), db, "k", "b", time.Minute, never(t))
	require.NoError(t, err)

	require.False(t, first)
	require.True(t, second)
	require.Equal(t, made, found)
	require.Equal(t, "a", found.Owner)
}

// Two handles on one file are what two processes are to each other. All ask for
// one key until they have it; one may do the work, and it takes longer than the
// lease lives without renewal.
func TestOnceIsDoneByOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	handles := []*records.DB{open(t, path, time.Now), open(t, path, time.Now)}
	const ttl = 500 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var runs, inside, most atomic.Int64
	work := func(ctx context.Context) (store.Result, error) {
		runs.Add(1)
		most.Store(max(most.Load(), inside.Add(1)))
		defer inside.Add(-1)
		select {
		case <-time.After(4 * ttl):
		case <-ctx.Done():
			return store.Result{}, context.Cause(ctx)
		}
		return store.Result{Doc: json.RawMessage(`1`)}, nil
	}

	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() {
			for {
				_, _, err := store.Once(ctx, handles[i%2], "k", "w", ttl, work)
				if fault.Of(err) != fault.Busy {
					errs[i] = err
					return
				}
				busy := new(fault.Error)
				errors.As(err, &busy)
				<-time.After(busy.After / 4)
			}
		})
	}
	all.Wait()

	require.NoError(t, errors.Join(errs...))
	require.EqualValues(t, 1, most.Load())
	require.EqualValues(t, 1, runs.Load(), "renewed while it ran, so nobody took it over")
}

func TestALoserIsToldWhenToAskAgain(t *testing.T) {
	db := fresh(t)
	_, held, _, err := db.Acquire(t.Context(), "k", "killed", time.Hour)
	require.NoError(t, err)
	require.True(t, held)

	_, _, err = store.Once(t.Context(), db, "k", "next", time.Minute, never(t))

	var busy *fault.Error
	require.ErrorAs(t, err, &busy)
	require.Equal(t, fault.Busy, busy.Kind)
	require.Equal(t, 5*time.Second, busy.After)
}

func TestAKilledOwnerIsReplaced(t *testing.T) {
	var late atomic.Bool
	now := func() time.Time {
		if late.Load() {
			return time.Now().Add(time.Hour)
		}
		return time.Now()
	}
	db := open(t, filepath.Join(t.TempDir(), "records.db"), now)
	_, held, _, err := db.Acquire(t.Context(), "k", "killed", time.Minute)
	require.NoError(t, err)
	require.True(t, held)

	late.Store(true)
	r, cached, err := store.Once(t.Context(), db, "k", "next", time.Minute, doc(`2`))

	require.NoError(t, err)
	require.False(t, cached)
	require.Equal(t, "next", r.Owner)
}

func TestALostLeaseEndsTheWork(t *testing.T) {
	db := fresh(t)

	_, _, err := store.Once(t.Context(), db, "k", "slow", 60*time.Millisecond, func(ctx context.Context) (store.Result, error) {
		lose(ctx, t, db, "k")
		<-ctx.Done()
		return store.Result{}, ctx.Err()
	})

	require.ErrorIs(t, err, store.ErrLeaseLost)
	require.Equal(t, fault.Busy, fault.Of(err))
}

// What was paid for is kept, even if the caller has gone and the lease with it.
func TestAPaidResultIsKept(t *testing.T) {
	db := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())

	left := make(chan struct{})
	_, _, err := store.Once(ctx, db, "k", "slow", time.Minute, func(ctx context.Context) (store.Result, error) {
		lose(ctx, t, db, "k")
		cancel()
		<-left // the caller does not wait
		return store.Result{Doc: json.RawMessage(`7`)}, ctx.Err()
	})
	close(left)

	require.ErrorIs(t, err, context.Canceled)
	var kept store.Result
	require.Eventually(t, func() bool {
		var ok bool
		kept, ok, err = db.Result(t.Context(), "k")
		return err == nil && ok
	}, 10*time.Second, time.Millisecond)
	require.JSONEq(t, `7`, string(kept.Doc))
	require.Equal(t, "slow", kept.Owner)
}

// lose lets another take the lease of key, as if it had expired: it releases it
// under the token that the first owner of a key has.
func lose(ctx context.Context, t *testing.T, db *records.DB, key string) {
	t.Helper()
	require.NoError(t, db.Release(ctx, store.Lease{Key: key, Token: 1}))
	_, held, _, err := db.Acquire(ctx, key, "thief", time.Hour)
	require.NoError(t, err)
	require.True(t, held)
}

func TestTheLeaseIsFreeAfterwards(t *testing.T) {
	tests := map[string]func(context.Context) (store.Result, error){
		"of a failure": func(context.Context) (store.Result, error) {
			return store.Result{}, fault.New(fault.Broken, "engine", "500")
		},
		"of a panic":     func(context.Context) (store.Result, error) { panic("engine") },
		"of bad results": doc(`{`),
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			db := fresh(t)
			func() {
				defer func() { _ = recover() }()
				_, _, err := store.Once(t.Context(), db, "k", "a", time.Minute, do)
				require.Error(t, err)
			}()

			_, cached, err := store.Once(t.Context(), db, "k", "b", time.Minute, doc(`1`))

			require.NoError(t, err)
			require.False(t, cached)
		})
	}
}

func TestOnceAsksNothingOfAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, _, err := store.Once(ctx, fresh(t), "k", "a", time.Minute, never(t))

	require.ErrorIs(t, err, context.Canceled)
}
