// Package records keeps records in a database: results of engines, leases,
// decisions, jobs and deliveries. Today that is SQLite, in one file that several
// processes of one machine may share.
//
// Every write is on disk when its method returns. Times are kept to the
// microsecond, in UTC.
package records

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"net/url"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// settings of every connection. FULL brings each commit to disk: an approval
// that was answered must outlive a power cut too. 10 s is longer than any
// transaction here takes, even on a slow disk behind a queue of writers.
const settings = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate"

// readers is how many lookups run at once; SQLite reads beside its one writer.
const readers = 4

// DB is an open database of records.
type DB struct {
	write *sql.DB // one connection
	read  *sql.DB
	now   func() time.Time
}

var _ store.Records = (*DB)(nil)

// Open opens the database file at path, makes it if it is not there, and brings
// its tables up to date. The directory must exist. Leases expire by now.
func Open(ctx context.Context, path string, now func() time.Time) (*DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + settings
	write, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, failed("open", err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, failed("open", errors.Join(err, write.Close()))
	}
	read, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, failed("open", errors.Join(err, write.Close()))
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{write: write, read: read, now: now}, nil
}

// Close closes the database.
func (db *DB) Close() error {
	return failed("close", errors.Join(db.read.Close(), db.write.Close()))
}

// migrate brings the tables up to date. Of processes that do so at the same time
// one succeeds at each step and the others fail, so they look again: there are
// two steps to lose per migration, its version table and its own tables.
func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	for range 10 {
		if _, err = provider.Up(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// failed gives an error of the database its kind. A nil error stays nil.
func failed(op string, err error) error {
	if err == nil {
		return nil
	}
	op = "store/records: " + op
	own, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return fault.New(fault.Broken, op, "%w", err)
	}
	switch own.Code() & 0xff { // the rest is detail
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.New(fault.Busy, op, "the database is held by another writer: %w", err)
	case sqlite3.SQLITE_FULL:
		return fault.New(fault.Broken, op, "the disk of the database is full, free some space: %w", err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fault.New(fault.Denied, op, "the database cannot be opened for writing; does its directory exist, and may this user write there? %w", err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.New(fault.Broken, op, "the database file is damaged, restore it from a backup: %w", err)
	}
	return fault.New(fault.Broken, op, "%w", err)
}

// stored is t as a column holds it. The zero time is far in the past.
func stored(t time.Time) int64 { return t.UnixMicro() }

func loaded(us int64) time.Time { return time.UnixMicro(us).UTC() }

// rows reads every row of a query by scan.
func rows[T any](ctx context.Context, db *sql.DB, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	found, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	var out []T
	for found.Next() {
		row, err := scan(found.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, found.Err()
}

// first is the first row of a query, and whether there was one.
func first[T any](ctx context.Context, db *sql.DB, scan func(func(...any) error) (T, error), query string, args ...any) (T, bool, error) {
	all, err := rows(ctx, db, scan, query, args...)
	if err != nil || len(all) == 0 {
		var none T
		return none, false, err
	}
	return all[0], true, nil
}
