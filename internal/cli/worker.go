package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/babelreel/babelreel/config"
)

// redialEvery is how long a worker waits before it tries the server again.
const redialEvery = time.Second

func (a *app) workerCommand() *cobra.Command {
	var asChild bool
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Work on task queues until stopped",
		Long: "Work on the task queues that the setting queues names, until SIGINT or SIGTERM. It waits for\n" +
			"Temporal where that is not up yet. Running work may go on for the time that drain sets.\n" +
			"It prints one line of JSON when it is ready; the log goes to stderr.",
		Example: "  babelreel worker --queues gpu",
		Args:    cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asChild, "child", false, "end with stdin")
	_ = cmd.Flags().MarkHidden("child") // it is there
	cmd.RunE = a.run(func(ctx context.Context, _ []string) error {
		ctx, stop := a.untilStdinEnds(ctx, asChild)
		defer stop()
		return a.serve(ctx)
	})
	return cmd
}

func (a *app) serve(ctx context.Context) error {
	logger := newLogger(a.Stderr, a.cfg)
	if err := os.MkdirAll(a.cfg.Data, 0o750); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	p, err := locate(a.address, a.cfg, a.Getenv)
	if err != nil {
		return err
	}
	c, err := dialUntilUp(ctx, p, logger)
	if ctx.Err() != nil {
		return nil // asked to end before the server was up
	}
	if err != nil {
		return err
	}
	defer c.Close()
	logger.InfoContext(ctx, "Working.", slog.Any("queues", a.cfg.Queues), slog.String("temporal", p.options.HostPort))
	return a.work(ctx, a.cfg, a.Getenv, c, func() {
		_ = a.line(map[string]any{"ready": true, "pid": os.Getpid(), "queues": a.cfg.Queues}) // nobody may read it
	})
}

// dialUntilUp connects as soon as the server answers. Any other fault than
// silence ends it.
func dialUntilUp(ctx context.Context, p place, logger *slog.Logger) (client.Client, error) {
	tick := time.NewTicker(redialEvery)
	defer tick.Stop()
	for {
		c, err := p.open(ctx, logger)
		if err == nil || codeOf(err) != exitUnreachable {
			return c, err
		}
		logger.WarnContext(ctx, "Waiting for Temporal.", slog.String("address", p.options.HostPort), slog.String("error", err.Error()))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// newLogger is the log of a process with the given settings.
func newLogger(w io.Writer, cfg config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(strings.ToUpper(cfg.LogLevel))) // validated with the settings
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
