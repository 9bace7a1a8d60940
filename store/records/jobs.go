package records

import (
	"context"
	"encoding/json"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
)

func scanJob(scan func(...any) error) (j store.Job, err error) {
	var doc string
	var at int64
	err = scan(&j.ID, &j.Title, &doc, &at)
	j.Order, j.CreatedAt = json.RawMessage(doc), loaded(at)
	return j, err
}

// PutJob stores a job, or the new title and order of one that is there; that
// keeps the time at which it was created. A zero CreatedAt becomes now.
func (db *DB) PutJob(ctx context.Context, j store.Job) error {
	const op = "put job"
	if j.ID == "" || !json.Valid(j.Order) {
		return fault.New(fault.Invalid, "store/records: "+op, "job %q lacks an id, or its order is not JSON", j.ID)
	}
	if j.CreatedAt.IsZero() {
		j.CreatedAt = db.now()
	}
	_, err := db.write.ExecContext(ctx, `INSERT INTO jobs (id, title, doc, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, doc = excluded.doc`, j.ID, j.Title, string(j.Order), stored(j.CreatedAt))
	return failed(op, err)
}

// Job looks up one job.
func (db *DB) Job(ctx context.Context, id string) (store.Job, bool, error) {
	j, ok, err := first(ctx, db.read, scanJob, `SELECT id, title, doc, created_at FROM jobs WHERE id = $1`, id)
	return j, ok, failed("job", err)
}

// Jobs lists all jobs, newest first.
func (db *DB) Jobs(ctx context.Context) ([]store.Job, error) {
	found, err := rows(ctx, db.read, scanJob, `SELECT id, title, doc, created_at FROM jobs ORDER BY created_at DESC, id`)
	return found, failed("jobs", err)
}

// RecordDelivery adds a delivery of a known job, at now where d.At is zero. The
// same manifest again changes nothing.
func (db *DB) RecordDelivery(ctx context.Context, d store.Delivery) error {
	const op = "record delivery"
	if _, ok, err := db.Job(ctx, d.Job); err != nil {
		return err
	} else if !ok {
		return fault.New(fault.Missing, "store/records: "+op, "there is no job %q", d.Job)
	}
	if d.Language == "" || d.Manifest == "" {
		return fault.New(fault.Invalid, "store/records: "+op, "a delivery needs a language and the hash of its manifest")
	}
	if d.At.IsZero() {
		d.At = db.now()
	}
	_, err := db.write.ExecContext(ctx, `INSERT INTO deliveries (job, language, manifest, delivered_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (job, language, manifest) DO NOTHING`, d.Job, d.Language, d.Manifest, stored(d.At))
	return failed(op, err)
}

// Delivery is the latest delivery of a language.
func (db *DB) Delivery(ctx context.Context, job, language string) (store.Delivery, bool, error) {
	d, ok, err := first(ctx, db.read, func(scan func(...any) error) (d store.Delivery, err error) {
		var at int64
		err = scan(&d.Job, &d.Language, &d.Manifest, &at)
		d.At = loaded(at)
		return d, err
	}, `SELECT job, language, manifest, delivered_at FROM deliveries WHERE job = $1 AND language = $2 ORDER BY delivered_at DESC, manifest LIMIT 1`, job, language)
	return d, ok, failed("delivery", err)
}
