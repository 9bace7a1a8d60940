package embed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.temporal.io/server/common/config"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

// sqliteMagic is how every SQLite 3 database begins.
// Source: https://www.sqlite.org/fileformat.html, section 1.3.
const sqliteMagic = "SQLite format 3\x00"

// openDB makes the file and the namespace where they are absent, and returns
// how the server opens the file.
func openDB(options Options) (config.SQL, error) {
	if err := checkDB(options.DB); err != nil {
		return config.SQL{}, err
	}
	if _, err := os.Stat(options.DB); errors.Is(err, fs.ErrNotExist) {
		if err := createDB(options.DB); err != nil {
			return config.SQL{}, fmt.Errorf("--db %s: %w", options.DB, err)
		}
	}

	store := sqlStore(options.DB, map[string]string{
		"journal_mode": "wal",
		"synchronous":  "2",     // full: a commit is on disk before it is acknowledged
		"busy_timeout": "10000", // ms
	})
	namespace, err := sqlite.NewNamespaceConfig(clusterName, options.Namespace, false, options.SearchAttributes)
	if err != nil {
		return config.SQL{}, fmt.Errorf("--search-attribute: %w", err)
	}
	namespace.Detail.Config.Retention = durationpb.New(options.Retention)
	if err := sqlite.CreateNamespaces(&store, namespace); err != nil {
		return config.SQL{}, fmt.Errorf("--db %s: not a database of this server, give another file: %w", options.DB, err)
	}
	return store, nil
}

// checkDB reports a file that is there and is something else than a database.
func checkDB(name string) error {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--db: %w", err)
	}
	defer f.Close()
	head := make([]byte, len(sqliteMagic))
	if _, err := io.ReadFull(f, head); err != nil || !bytes.Equal(head, []byte(sqliteMagic)) {
		return fmt.Errorf("--db %s: not an SQLite database, give another file", name)
	}
	return nil
}

// createDB makes an empty database with all tables, complete or not at all. Its
// owner alone may read it.
func createDB(name string) error {
	temp := name + ".new"
	if err := os.WriteFile(temp, nil, 0o600); err != nil { // SQLite gives its other files the same mode
		return err
	}
	store := sqlStore(temp, map[string]string{"synchronous": "2"})
	if err := sqlite.SetupSchema(&store); err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// sqlStore is how the server opens an SQLite file. It has one connection: with
// more, writers meet SQLITE_BUSY even in WAL mode.
func sqlStore(name string, attributes map[string]string) config.SQL {
	attributes["mode"] = "rwc"
	return config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      (&url.URL{Path: name}).EscapedPath(), // it becomes part of a URI
		ConnectAttributes: attributes,
		MaxConns:          1,
		MaxIdleConns:      1,
	}
}

// lock keeps a second server from the same database: two would fight over the
// one shard. The system drops it when the process ends, however it ends.
type lock struct{ file *os.File }

// lockFile waits a few seconds for the lock, for the server that had it may
// still be on its way out.
func lockFile(ctx context.Context, db string) (*lock, error) {
	f, err := os.OpenFile(db+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--db: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	err = poll(ctx, "--db "+db+": another server uses it: stop that one, or give another file", func(context.Context) error {
		return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	})
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &lock{f}, nil
}

// lockWait is longer than a server takes to stop.
const lockWait = stopWait + time.Second

func (l *lock) release() { _ = l.file.Close() } // closing drops the lock
