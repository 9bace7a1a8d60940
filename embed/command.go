package embed

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"go.temporal.io/api/enums/v1"
)

const (
	// startWait is how long a start may take. It takes about a second; a cold
	// disk and a long history file cost more.
	startWait = time.Minute
	// stopWait is how long a stop may take before the process ends regardless.
	stopWait = 5 * time.Second
)

// Ready is the line that Command prints once everything can be used.
type Ready struct {
	Ready   bool   `json:"ready"`
	Address string `json:"address"` // host and port of gRPC
	UI      string `json:"ui"`      // base address of the web UI
	PID     int    `json:"pid"`
}

// Command is the command babelreel-temporal: it serves as args say, prints one
// Ready line to stdout, and goes on until ctx ends or stdin does. The end of
// stdin is how a child learns that its parent is gone.
func Command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	options, err := parse(args, stderr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		cancel()
	}()

	starting, started := context.WithTimeoutCause(ctx, startWait, fmt.Errorf("not ready within %s", startWait))
	server, err := Start(starting, options)
	started()
	if err != nil {
		if ctx.Err() != nil {
			return nil // asked to end before it had begun
		}
		return err
	}
	ready := Ready{Ready: true, Address: server.Address(), UI: server.UI(), PID: os.Getpid()}
	if err := json.NewEncoder(stdout).Encode(ready); err != nil {
		cancel() // nobody can learn where it serves
	}

	<-ctx.Done()
	stopped := make(chan struct{})
	go func() {
		server.Stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(stopWait):
	}
	return nil
}

// parse reads the flags. A request for help is flag.ErrHelp.
func parse(args []string, stderr io.Writer) (Options, error) {
	options := Options{SearchAttributes: make(map[string]enums.IndexedValueType)}
	fs := flag.NewFlagSet("babelreel-temporal", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&options.DB, "db", "", "database `file`, made if absent (required)")
	fs.IntVar(&options.Port, "port", 7233, "gRPC `port` on 127.0.0.1; 0 picks a free one")
	fs.IntVar(&options.UIPort, "ui-port", 8233, "web UI `port` on 127.0.0.1; 0 picks a free one")
	fs.StringVar(&options.Namespace, "namespace", "default", "`name` of the namespace, made if absent")
	fs.DurationVar(&options.Retention, "retention", 90*24*time.Hour, "how `long` closed workflows are kept")
	fs.StringVar(&options.LogLevel, "log-level", "warn", "debug, info, warn or error; logs go to stderr")
	fs.StringVar(&options.Panel, "panel", "", "`address` of the review page to show in the UI")
	fs.StringVar(&options.Codec, "codec", "", "`address` of the codec server for the UI")
	fs.Func("search-attribute", "`Name=Type` to add where missing; may be repeated", func(s string) error {
		name, kind, err := ParseAttribute(s)
		options.SearchAttributes[name] = kind
		return err
	})
	if err := fs.Parse(args); err != nil {
		return Options{}, err
	}

	if fs.NArg() > 0 {
		return Options{}, fmt.Errorf("unexpected argument %q: every setting is a flag, see --help", fs.Arg(0))
	}
	return options, nil
}
