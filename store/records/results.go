package records

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
)

const resultColumns = `key, kind, job, engine, doc, blobs, units, unit, cost_micro_usd, millis, owner, created_at`

// atOnce is how many keys one statement looks up; PostgreSQL and SQLite take
// many more, but the statement is prepared anew for every other number.
const atOnce = 500

func scanResult(scan func(...any) error) (store.Result, error) {
	var r store.Result
	var doc, blobs string
	var at int64
	err := scan(&r.Key, &r.Kind, &r.Job, &r.Engine, &doc, &blobs, &r.Units, &r.Unit, &r.CostMicroUSD, &r.Millis, &r.Owner, &at)
	if err != nil {
		return r, err
	}
	r.Doc, r.CreatedAt = json.RawMessage(doc), loaded(at)
	return r, json.Unmarshal([]byte(blobs), &r.Blobs)
}

// Result looks up one key.
func (db *DB) Result(ctx context.Context, key string) (store.Result, bool, error) {
	r, ok, err := first(ctx, db.read, scanResult, `SELECT `+resultColumns+` FROM results WHERE key = $1`, key)
	return r, ok, failed("result", err)
}

// Results looks up many keys; those without a result are absent.
func (db *DB) Results(ctx context.Context, keys []string) (map[string]store.Result, error) {
	out := make(map[string]store.Result, len(keys))
	for part := range slices.Chunk(keys, atOnce) {
		places := make([]string, len(part))
		args := make([]any, len(part))
		for i, key := range part {
			places[i], args[i] = "$"+strconv.Itoa(i+1), key
		}
		found, err := rows(ctx, db.read, scanResult, `SELECT `+resultColumns+` FROM results WHERE key IN (`+strings.Join(places, ", ")+`)`, args...)
		if err != nil {
			return nil, failed("results", err)
		}
		for _, r := range found {
			out[r.Key] = r
		}
	}
	return out, nil
}

// PutResult stores r unless its key has a result, and returns what is stored. A
// zero CreatedAt becomes now, and an empty Doc null.
func (db *DB) PutResult(ctx context.Context, lease store.Lease, r store.Result) (store.Result, error) {
	const op = "put result"
	if r.Key == "" || r.Key != lease.Key {
		return store.Result{}, fault.New(fault.Invalid, "store/records: "+op, "the lease is of key %q, the result of %q", lease.Key, r.Key)
	}
	if r.Doc == nil {
		r.Doc = json.RawMessage("null")
	}
	if !json.Valid(r.Doc) {
		return store.Result{}, fault.New(fault.Invalid, "store/records: "+op, "the document of %s is not JSON", r.Key)
	}
	blobs, err := json.Marshal(append([]string{}, r.Blobs...))
	if err != nil {
		return store.Result{}, failed(op, err)
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = db.now()
	}

	// The two statements need no transaction: a result never changes.
	_, err = db.write.ExecContext(ctx, `INSERT INTO results (`+resultColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (key) DO NOTHING`,
		r.Key, r.Kind, r.Job, r.Engine, string(r.Doc), string(blobs), r.Units, r.Unit, r.CostMicroUSD, r.Millis, lease.Owner, stored(r.CreatedAt))
	if err != nil {
		return store.Result{}, failed(op, err)
	}
	kept, ok, err := db.Result(ctx, r.Key)
	if err == nil && !ok {
		err = fault.New(fault.Broken, "store/records: "+op, "result %s was removed while it was stored", r.Key)
	}
	return kept, err
}

// Usage adds up the results that job paid for, or all for an empty job.
func (db *DB) Usage(ctx context.Context, job string) ([]store.Usage, error) {
	sums, err := rows(ctx, db.read, func(scan func(...any) error) (u store.Usage, err error) {
		return u, scan(&u.Kind, &u.Engine, &u.Unit, &u.Calls, &u.Units, &u.CostMicroUSD, &u.Millis)
	}, `SELECT kind, engine, unit, COUNT(*), SUM(units), SUM(cost_micro_usd), SUM(millis) FROM results
		WHERE unit <> '' AND ($1 = '' OR job = $1) GROUP BY kind, engine, unit ORDER BY kind, engine, unit`, job)
	return sums, failed("usage", err)
}
