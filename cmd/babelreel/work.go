package main

import (
	"context"
	"errors"

	"go.temporal.io/sdk/client"

	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/workers"
)

// work serves the configured queues until ctx ends. It calls ready once all
// that the queues need is open.
func work(ctx context.Context, cfg config.Config, getenv func(string) string, c client.Client, ready func()) (err error) {
	parts, closeAll, err := workers.Open(ctx, cfg, getenv)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	ready()
	return workers.Run(ctx, c, workers.Options{Queues: cfg.Queues, Drain: cfg.Drain}, parts)
}
