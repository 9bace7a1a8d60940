package records

import (
	"context"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/store"
)

// Acquire takes the lease of key, also over one that has expired.
func (db *DB) Acquire(ctx context.Context, key, owner string, ttl time.Duration) (store.Lease, bool, time.Duration, error) {
	const op = "acquire"
	if key == "" || owner == "" || ttl <= 0 {
		return store.Lease{}, false, 0, fault.New(fault.Invalid, "store/records: "+op, "a lease needs a key, an owner and a time to live")
	}
	now := db.now()
	l := store.Lease{Key: key, Owner: owner, Expires: loaded(stored(now.Add(ttl)))}
	token, held, err := first(ctx, db.write, scanInt, `INSERT INTO leases (key, owner, token, expires_at) VALUES ($1, $2, 1, $3)
		ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, token = leases.token + 1, expires_at = excluded.expires_at
		WHERE leases.expires_at <= $4 RETURNING token`, key, owner, stored(l.Expires), stored(now))
	if err != nil {
		return store.Lease{}, false, 0, failed(op, err)
	}
	if held {
		l.Token = token
		return l, true, 0, nil
	}
	expires, _, err := first(ctx, db.write, scanInt, `SELECT expires_at FROM leases WHERE key = $1`, key)
	if err != nil {
		return store.Lease{}, false, 0, failed(op, err)
	}
	return store.Lease{}, false, max(loaded(expires).Sub(now), 0), nil
}

// Renew makes the lease end ttl from now. An expired lease that nobody took is
// renewed too.
func (db *DB) Renew(ctx context.Context, l store.Lease, ttl time.Duration) (store.Lease, error) {
	const op = "renew"
	l.Expires = loaded(stored(db.now().Add(ttl)))
	done, err := db.write.ExecContext(ctx, `UPDATE leases SET expires_at = $1 WHERE key = $2 AND token = $3 AND expires_at > 0`, stored(l.Expires), l.Key, l.Token)
	if err != nil {
		return l, failed(op, err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return l, fault.New(fault.Busy, "store/records: "+op, "%w: %s", store.ErrLeaseLost, l.Key)
	}
	return l, nil
}

// Release ends the lease unless it was taken over.
func (db *DB) Release(ctx context.Context, l store.Lease) error {
	_, err := db.write.ExecContext(ctx, `UPDATE leases SET expires_at = 0 WHERE key = $1 AND token = $2`, l.Key, l.Token)
	return failed("release", err)
}

func scanInt(scan func(...any) error) (n int64, err error) { return n, scan(&n) }
