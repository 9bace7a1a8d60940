// Package store defines where the product keeps what it made and what people
// decided: blobs by the hash of their content, and records in a database.
//
// Package dir keeps blobs in a directory, package records keeps records in
// SQLite. Every method returns errors of a fault.Kind and may be used by several
// goroutines, and by several processes on the same store, at once.
package store

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/babelreel/babelreel/domain/script"
)

// Blobs keeps objects by the hash of their content. An object never changes.
type Blobs interface {
	// Put stores what r gives until io.EOF. On any error nothing is stored.
	Put(ctx context.Context, r io.Reader) (script.Blob, error)
	// PutFile stores a copy of the file at path; the file stays the caller's.
	PutFile(ctx context.Context, path string) (script.Blob, error)
	// Open opens an object. Reading it from the start to the end proves its hash:
	// in place of io.EOF a damaged object gives fault.Broken. An object that is
	// not there is fault.Missing.
	Open(ctx context.Context, sha string) (io.ReadSeekCloser, error)
	// Fetch makes the object a file at path, proven by its hash and complete or
	// not there at all. The file is read-only and must stay as it is: it may
	// share its bytes with the store. A file that stood at path is replaced.
	Fetch(ctx context.Context, sha, path string) error
	// Has describes an object, and reports whether it is there.
	Has(ctx context.Context, sha string) (script.Blob, bool, error)
}

// Result is what an engine made, under the key of what it was made from.
type Result struct {
	Key          string          `json:"key"` // script.Key
	Kind         string          `json:"kind"`
	Job          string          `json:"job"`    // the job that paid; others use it without paying
	Engine       string          `json:"engine"` // engine.Model.Fingerprint
	Doc          json.RawMessage `json:"doc"`
	Blobs        []string        `json:"blobs"` // hashes of the objects that Doc refers to
	Units        float64         `json:"units"` // what was billed, in Unit
	Unit         string          `json:"unit"`  // such as "second" or "character"
	CostMicroUSD int64           `json:"costMicroUsd"`
	Millis       int64           `json:"millis"` // wall time of the engine's work
	Owner        string          `json:"owner"`  // who made it: the owner of the lease
	CreatedAt    time.Time       `json:"createdAt"`
}

// Results keeps results. The first bytes under a key win, for ever.
type Results interface {
	// Result looks up one key.
	Result(ctx context.Context, key string) (Result, bool, error)
	// Results looks up many; keys without a result are absent.
	Results(ctx context.Context, keys []string) (map[string]Result, error)
	// PutResult stores r unless its key has a result, and returns what is stored.
	// A lease that was overtaken does not matter: what was paid for is kept
	// where nothing came first.
	PutResult(ctx context.Context, lease Lease, r Result) (Result, error)
}

// Lease is the right of one owner to do the work of one key until Expires.
type Lease struct {
	Key     string    `json:"key"`
	Owner   string    `json:"owner"`
	Token   int64     `json:"token"` // rises with every owner of the key
	Expires time.Time `json:"expires"`
}

// Leases sees to it that a key is worked on by one at a time.
type Leases interface {
	// Acquire takes the lease of key, also over one that has expired. Where
	// another holds it, held is false and wait is the time to its expiry. The
	// same owner asking again is another.
	Acquire(ctx context.Context, key, owner string, ttl time.Duration) (l Lease, held bool, wait time.Duration, err error)
	// Renew makes the lease end ttl from now. If it was taken over the error
	// wraps ErrLeaseLost.
	Renew(ctx context.Context, l Lease, ttl time.Duration) (Lease, error)
	// Release ends the lease. One that was taken over is left alone.
	Release(ctx context.Context, l Lease) error
}

// Decision is what a person, or a policy, decided at a gate.
type Decision struct {
	ID           string    `json:"id"`
	Job          string    `json:"job"`
	WorkflowID   string    `json:"workflowId"`
	Language     string    `json:"language"` // BCP 47, "" for the title itself
	Gate         string    `json:"gate"`
	Revision     string    `json:"revision"` // hash of what was decided on
	RulesVersion string    `json:"rulesVersion"`
	Verdict      string    `json:"verdict"`
	By           string    `json:"by"`
	Identity     Identity  `json:"identity"`
	Comment      string    `json:"comment"`
	EditSet      string    `json:"editSet"` // hash of the stored edits, "" for none
	At           time.Time `json:"at"`
}

// Identity says how it is known who decided.
type Identity string

// The identities.
const (
	Unverified Identity = "unverified" // the name was typed in
	Verified   Identity = "verified"   // the decision was signed
	Policy     Identity = "policy"     // nobody decided: the order's policy did
)

// Decisions is the append-only record of decisions.
type Decisions interface {
	// RecordDecision adds d. Adding it again changes nothing; another decision
	// under the same ID is fault.Invalid.
	RecordDecision(ctx context.Context, d Decision) error
	// Decisions lists those of one workflow, oldest first.
	Decisions(ctx context.Context, workflowID string) ([]Decision, error)
}

// Job is one order as it was placed.
type Job struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"` // code name
	Order     json.RawMessage `json:"order"`
	CreatedAt time.Time       `json:"createdAt"`
}

// Delivery is a delivered package of one language.
type Delivery struct {
	Job      string    `json:"job"`
	Language string    `json:"language"`
	Manifest string    `json:"manifest"` // hash of the manifest
	At       time.Time `json:"at"`
}

// Jobs keeps orders and what was delivered for them.
type Jobs interface {
	// PutJob stores a job, or the new title and order of one that is there.
	PutJob(ctx context.Context, j Job) error
	// Job looks up one job.
	Job(ctx context.Context, id string) (Job, bool, error)
	// Jobs lists all jobs, newest first.
	Jobs(ctx context.Context) ([]Job, error)
	// RecordDelivery adds a delivery; the same manifest again changes nothing.
	RecordDelivery(ctx context.Context, d Delivery) error
	// Delivery is the latest delivery of a language.
	Delivery(ctx context.Context, job, language string) (Delivery, bool, error)
}

// Usage is what results of one kind from one engine add up to.
type Usage struct {
	Kind         string  `json:"kind"`
	Engine       string  `json:"engine"`
	Unit         string  `json:"unit"`
	Calls        int64   `json:"calls"` // results, each made once
	Units        float64 `json:"units"`
	CostMicroUSD int64   `json:"costMicroUsd"`
	Millis       int64   `json:"millis"`
}

// Records is everything that a database of records does.
type Records interface {
	Results
	Leases
	Decisions
	Jobs
	// Usage adds up the results that a job paid for, or all for an empty job,
	// in order of kind, engine and unit. A result without a unit is another name
	// of one that counts, and does not.
	Usage(ctx context.Context, job string) ([]Usage, error)
}
