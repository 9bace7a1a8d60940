package workers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/store/dir"
	"github.com/babelreel/babelreel/store/records"
)

// Open builds what the activities of this process are made of from its
// settings. close releases it.
func Open(ctx context.Context, cfg config.Config, getenv func(string) string) (parts *activities.Parts, closeAll func() error, err error) {
	tools, err := media.Find()
	if err != nil {
		return nil, nil, err
	}
	engines, err := Engines(cfg, getenv)
	if err != nil {
		return nil, nil, err
	}
	blobs, err := dir.Open(cfg.StoreDir(), time.Now())
	if err != nil {
		return nil, nil, err
	}
	db, err := records.Open(ctx, cfg.RecordsFile(), time.Now)
	if err != nil {
		return nil, nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("name of this machine: %w", err), db.Close())
	}
	scratch, closeScratch, err := openScratch(filepath.Join(cfg.Data, "scratch"))
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return &activities.Parts{
		Blobs: blobs, Records: db, Media: tools, Engines: engines,
		Owner:    fmt.Sprintf("%s/%d/%s", host, os.Getpid(), uuid.NewString()[:8]),
		LeaseTTL: cfg.LeaseTTL,
		Scratch:  scratch,
		MaxBytes: cfg.Limits.MaxMediaBytes,
		MaxTime:  cfg.Limits.MaxDuration,
		Now:      time.Now,
	}, func() error { return errors.Join(closeScratch(), db.Close()) }, nil
}

// Engines are the configured engines, in order of name. The local one needs an
// address, which `babelreel up` gives to the workers it starts.
func Engines(cfg config.Config, getenv func(string) string) (engine.Pool, error) {
	var pool engine.Pool
	for _, name := range slices.Sorted(maps.Keys(cfg.Engines)) {
		e := cfg.Engines[name]
		if e.URL == "" {
			return nil, fmt.Errorf("engines.%s.url: is not set; `babelreel up` sets it for its workers, elsewhere name the address of the engine", name)
		}
		token := ""
		if e.TokenEnv != "" {
			token = getenv(e.TokenEnv)
		}
		pool = append(pool, openai.New(e.URL, token))
	}
	return pool, nil
}
