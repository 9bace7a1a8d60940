// Command cmd runs the simulated engines as a process, under the same contract as
// the engine host: a ready line on stdout, and an end when stdin ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

// grace is how long calls may go on after stdin has ended.
const grace = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "simengine:", err)
		os.Exit(1)
	}
}

// run is main without the process around it.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout io.Writer) error {
	fs := flag.NewFlagSet("simengine", flag.ContinueOnError)
	seed := fs.Uint64("seed", 1, "seed of translations and of faults by rate")
	latency := fs.Duration("latency", 0, "time that every call takes")
	refuse := fs.String("refuse", "", "pattern of text that is refused")
	faults := fs.String("faults", "", "faults as a JSON list; see simengine.Fault")
	lines := fs.String("lines", "", "`file` that keeps what was spoken from one process to the next")
	journal := fs.String("journal", "", "`file` to which every call is appended when it comes in")
	remember := fs.Bool("remember", false, "answer a repeated idempotency key without work")
	if err := fs.Parse(args); err != nil {
		return err
	}
	opts := simengine.Options{
		Seed: *seed, Token: getenv("BABELREEL_ENGINE_TOKEN"), Lines: *lines, Journal: *journal, Remember: *remember,
		Latency: map[engine.Capability]time.Duration{},
	}
	for _, can := range []engine.Capability{engine.CanFindSpeech, engine.CanTranscribe, engine.CanTranslate, engine.CanSpeak, engine.CanLipSync} {
		opts.Latency[can] = *latency
	}
	if *refuse != "" {
		pattern, err := regexp.Compile(*refuse)
		if err != nil {
			return fmt.Errorf("-refuse: %w", err)
		}
		opts.Refuse = pattern
	}
	if *faults != "" {
		if err := json.Unmarshal([]byte(*faults), &opts.Faults); err != nil {
			return fmt.Errorf("-faults: %w", err)
		}
	}

	server, err := simengine.New(opts)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := json.NewEncoder(stdout).Encode(map[string]any{"ready": true, "port": server.Port(), "pid": os.Getpid()}); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return server.Shutdown(ctx)
}
