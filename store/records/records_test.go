package records_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
	"github.com/babelreel/babelreel/store/records"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func noon() *clock { return &clock{at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func open(tb testing.TB, path string, now func() time.Time) *records.DB {
	tb.Helper()
	db, err := records.Open(context.Background(), path, now)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, db.Close()) })
	return db
}

func fresh(tb testing.TB) (*records.DB, *clock) {
	tb.Helper()
	c := noon()
	return open(tb, filepath.Join(tb.TempDir(), "a b?c#.db"), c.Now), c
}

// put stores a result of which only the document matters.
func put(tb testing.TB, db *records.DB, key, doc string) store.Result {
	tb.Helper()
	kept, err := db.PutResult(context.Background(), store.Lease{Key: key, Owner: "w"}, store.Result{Key: key, Doc: json.RawMessage(doc)})
	require.NoError(tb, err)
	return kept
}

func TestResultComesBackAsStored(t *testing.T) {
	db, c := fresh(t)
	want := store.Result{
		Key: "k1-speak-00", Kind: "speak", Job: "j1", Engine: "m@1#w", Doc: json.RawMessage(`{"a":[1,2]}`), Blobs: []string{"ab", "cd"},
		Units: 3.25, Unit: "second", CostMicroUSD: 420, Millis: 90, Owner: "worker-7", CreatedAt: c.Now(),
	}

	kept, err := db.PutResult(t.Context(), store.Lease{Key: want.Key, Owner: want.Owner}, want)
	require.NoError(t, err)
	got, ok, err := db.Result(t.Context(), want.Key)
	require.NoError(t, err)
	_, none, err := db.Result(t.Context(), "k1-speak-01")
	require.NoError(t, err)

	require.Equal(t, want, kept)
	require.True(t, ok)
	require.Equal(t, want, got)
	require.False(t, none)
}

func TestFirstBytesWin(t *testing.T) {
	db, c := fresh(t)
	late, held, _, err := db.Acquire(t.Context(), "k", "late", time.Minute)
	require.NoError(t, err)
	require.True(t, held)
	c.Add(time.Hour)
	early, held, _, err := db.Acquire(t.Context(), "k", "early", time.Minute)
	require.NoError(t, err)
	require.True(t, held)

	first, err := db.PutResult(t.Context(), early, store.Result{Key: "k", Doc: json.RawMessage(`"early"`)})
	require.NoError(t, err)
	second, err := db.PutResult(t.Context(), late, store.Result{Key: "k", Doc: json.RawMessage(`"late"`)})
	require.NoError(t, err)

	require.Greater(t, early.Token, late.Token)
	require.JSONEq(t, `"early"`, string(first.Doc))
	require.Equal(t, first, second)
	require.Equal(t, "early", second.Owner)
}

func TestAnOvertakenOwnerStillKeepsWhatItPaidFor(t *testing.T) {
	db, c := fresh(t)
	late, _, _, err := db.Acquire(t.Context(), "k", "late", time.Minute)
	require.NoError(t, err)
	c.Add(time.Hour)
	_, held, _, err := db.Acquire(t.Context(), "k", "slow", time.Minute)
	require.NoError(t, err)
	require.True(t, held)

	kept, err := db.PutResult(t.Context(), late, store.Result{Key: "k", Doc: json.RawMessage(`1`)})

	require.NoError(t, err)
	require.Equal(t, "late", kept.Owner)
}

func TestResultsLeavesOutWhatIsNotThere(t *testing.T) {
	db, _ := fresh(t)
	var keys []string
	for i := range 1201 { // three statements
		keys = append(keys, fmt.Sprintf("k%d", i))
	}
	for _, key := range []string{"k0", "k700", "k1200"} {
		put(t, db, key, `"`+key+`"`)
	}

	got, err := db.Results(t.Context(), keys)

	require.NoError(t, err)
	require.Len(t, got, 3)
	require.JSONEq(t, `"k700"`, string(got["k700"].Doc))
}

func TestPutResultRefuses(t *testing.T) {
	db, _ := fresh(t)
	tests := map[string]struct {
		lease string
		r     store.Result
	}{
		"a result of another key": {"a", store.Result{Key: "b"}},
		"no key":                  {"", store.Result{}},
		"a document not in JSON":  {"a", store.Result{Key: "a", Doc: json.RawMessage("{")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := db.PutResult(t.Context(), store.Lease{Key: tt.lease}, tt.r)
			require.Equal(t, fault.Invalid, fault.Of(err))
		})
	}
}

func TestLease(t *testing.T) {
	db, c := fresh(t)
	first, held, _, err := db.Acquire(t.Context(), "k", "a", time.Minute)
	require.NoError(t, err)
	require.True(t, held)
	c.Add(20 * time.Second)
	_, twice, wait, err := db.Acquire(t.Context(), "k", "a", time.Minute)
	require.NoError(t, err)
	first, err = db.Renew(t.Context(), first, time.Minute)
	require.NoError(t, err)
	c.Add(59 * time.Second)
	_, early, _, err := db.Acquire(t.Context(), "k", "b", time.Minute)
	require.NoError(t, err)
	c.Add(time.Second)
	second, late, _, err := db.Acquire(t.Context(), "k", "b", time.Minute)
	require.NoError(t, err)

	require.False(t, twice, "not even the same owner holds a lease twice")
	require.Equal(t, 40*time.Second, wait)
	require.False(t, early, "renewed until then")
	require.True(t, late, "expired")
	require.Equal(t, first.Token+1, second.Token)
	_, err = db.Renew(t.Context(), first, time.Minute)
	require.ErrorIs(t, err, store.ErrLeaseLost)
	require.NoError(t, db.Release(t.Context(), first), "of a lease that was taken over: no effect")
	_, held, _, err = db.Acquire(t.Context(), "k", "c", time.Minute)
	require.NoError(t, err)
	require.False(t, held)
	require.NoError(t, db.Release(t.Context(), second))
	third, held, _, err := db.Acquire(t.Context(), "k", "c", time.Minute)
	require.NoError(t, err)
	require.True(t, held)
	require.Equal(t, second.Token+1, third.Token, "tokens rise after a release too")
}

func TestDecisionsAreAppendOnly(t *testing.T) {
	db, c := fresh(t)
	d := store.Decision{
		ID: "d1", Job: "j", WorkflowID: "w", Language: "pt-BR", Gate: "final", Revision: "r1", RulesVersion: "v1",
		Verdict: "approve", By: "ana", Identity: store.Verified, Comment: "boa", EditSet: "ab", At: c.Now(),
	}
	earlier, changed, nobody := d, d, d
	earlier.ID, earlier.At = "d0", c.Now().Add(-time.Hour)
	changed.Verdict = "reject"
	nobody.ID, nobody.By = "d2", ""

	require.NoError(t, db.RecordDecision(t.Context(), d))
	require.NoError(t, db.RecordDecision(t.Context(), d), "once more is the same")
	require.NoError(t, db.RecordDecision(t.Context(), earlier))
	require.Equal(t, fault.Invalid, fault.Of(db.RecordDecision(t.Context(), changed)))
	require.Equal(t, fault.Invalid, fault.Of(db.RecordDecision(t.Context(), nobody)))
	nobody.By, nobody.Identity = "ana", "guessed"
	require.Equal(t, fault.Invalid, fault.Of(db.RecordDecision(t.Context(), nobody)))
	got, err := db.Decisions(t.Context(), "w")
	require.NoError(t, err)
	require.Equal(t, []store.Decision{earlier, d}, got)
}

func TestJobsAndDeliveries(t *testing.T) {
	db, c := fresh(t)
	old := store.Job{ID: "j1", Title: "ORCHID", Order: json.RawMessage(`{"languages":["es"]}`), CreatedAt: c.Now()}
	recent := store.Job{ID: "j2", Title: "LOTUS", Order: json.RawMessage(`{}`), CreatedAt: c.Now().Add(time.Hour)}
	require.NoError(t, db.PutJob(t.Context(), old))
	require.NoError(t, db.PutJob(t.Context(), recent))
	grown := old
	grown.Order, grown.CreatedAt = json.RawMessage(`{"languages":["es","fr"]}`), c.Now().Add(time.Minute)
	require.NoError(t, db.PutJob(t.Context(), grown))
	grown.CreatedAt = old.CreatedAt

	jobs, err := db.Jobs(t.Context())
	require.NoError(t, err)
	job, ok, err := db.Job(t.Context(), "j1")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, grown, job, "a job keeps the time of its creation")
	require.Equal(t, []store.Job{recent, grown}, jobs)
	require.Equal(t, fault.Invalid, fault.Of(db.PutJob(t.Context(), store.Job{ID: "j3", Order: json.RawMessage("{")})))

	first := store.Delivery{Job: "j1", Language: "es", Manifest: "m1", At: c.Now()}
	second := store.Delivery{Job: "j1", Language: "es", Manifest: "m2", At: c.Now().Add(time.Hour)}
	for _, d := range []store.Delivery{second, first, first} {
		require.NoError(t, db.RecordDelivery(t.Context(), d))
	}
	got, ok, err := db.Delivery(t.Context(), "j1", "es")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, second, got)
	_, ok, err = db.Delivery(t.Context(), "j1", "fr")
	require.NoError(t, err)
	require.False(t, ok)
	require.Equal(t, fault.Missing, fault.Of(db.RecordDelivery(t.Context(), store.Delivery{Job: "j9", Language: "es", Manifest: "m"})))
}

func TestUsageCountsEachResultOnce(t *testing.T) {
	db, _ := fresh(t)
	for i, r := range []store.Result{
		{Kind: "speak", Engine: "tts", Job: "j1", Units: 1.5, Unit: "second", CostMicroUSD: 10, Millis: 5},
		{Kind: "speak", Engine: "tts", Job: "j1", Units: 2, Unit: "second", CostMicroUSD: 20, Millis: 6},
		{Kind: "speak", Engine: "tts", Job: "j2", Units: 4, Unit: "second", CostMicroUSD: 40, Millis: 7},
		{Kind: "translate", Engine: "mt", Job: "j1", Units: 9, Unit: "character", CostMicroUSD: 1, Millis: 1},
	} {
		r.Key = strconv.Itoa(i)
		for range 2 {
			_, err := db.PutResult(t.Context(), store.Lease{Key: r.Key, Owner: "w"}, r)
			require.NoError(t, err)
		}
	}

	one, err := db.Usage(t.Context(), "j1")
	require.NoError(t, err)
	all, err := db.Usage(t.Context(), "")
	require.NoError(t, err)

	translated := store.Usage{Kind: "translate", Engine: "mt", Unit: "character", Calls: 1, Units: 9, CostMicroUSD: 1, Millis: 1}
	require.Equal(t, []store.Usage{{Kind: "speak", Engine: "tts", Unit: "second", Calls: 2, Units: 3.5, CostMicroUSD: 30, Millis: 11}, translated}, one)
	require.Equal(t, []store.Usage{{Kind: "speak", Engine: "tts", Unit: "second", Calls: 3, Units: 7.5, CostMicroUSD: 70, Millis: 18}, translated}, all)
}

func TestManyOpenOneFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.db")
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() {
			db, err := records.Open(context.Background(), path, time.Now)
			if errs[i] = err; err == nil {
				_, _, _, err := db.Acquire(context.Background(), strconv.Itoa(i), "w", time.Minute)
				errs[i] = errors.Join(err, db.Close())
			}
		})
	}
	all.Wait()
	require.NoError(t, errors.Join(errs...))
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	notes := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(notes, []byte("this is not a database, however long it may be"), 0o600))

	_, noDir := records.Open(t.Context(), filepath.Join(t.TempDir(), "none", "x.db"), time.Now)
	_, noDB := records.Open(t.Context(), notes, time.Now)

	require.Equal(t, fault.Denied, fault.Of(noDir))
	require.ErrorContains(t, noDir, "directory exist")
	require.Equal(t, fault.Broken, fault.Of(noDB))
	require.ErrorContains(t, noDB, "damaged")
}
