package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/babelreel/babelreel/internal/child"
)

// upReady is the one line that `up --json` prints once all is up.
type upReady struct {
	Ready   bool   `json:"ready"`
	PID     int    `json:"pid"`
	Address string `json:"address"` // host and port of Temporal
	UI      string `json:"ui"`
	Engines string `json:"engines"` // address of the local engines
	Data    string `json:"data"`
	Logs    string `json:"logs"`
}

func (a *app) upCommand() *cobra.Command {
	var asChild bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run everything on this machine: Temporal and its UI, the engines, a worker",
		Long: "Run everything on this machine until Ctrl-C: Temporal and its UI, the local engines and a\n" +
			"worker for all queues. What dies is started again. Everything is kept in the data directory,\n" +
			"the logs too; a job goes on where it was, whatever happened.",
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asChild, "child", false, "end with stdin")
	_ = cmd.Flags().MarkHidden("child") // it is there
	cmd.RunE = a.run(func(ctx context.Context, _ []string) error {
		ctx, stop := a.untilStdinEnds(ctx, asChild)
		defer stop()
		return a.up(ctx)
	})
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print one line of JSON when all is up")
	return cmd
}

// untilStdinEnds is ctx, which also ends with stdin where asChild: that is how a
// child learns that its parent is gone.
func (a *app) untilStdinEnds(ctx context.Context, asChild bool) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	if asChild {
		go func() {
			_, _ = io.Copy(io.Discard, a.Stdin)
			stop()
		}()
	}
	return ctx, stop
}

func (a *app) up(ctx context.Context) error {
	lock, err := lockData(a.cfg.Data)
	if err != nil {
		return err
	}
	defer lock.release()
	h, err := a.household(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // asked to end before all was up
		}
		return err
	}
	if err := a.welcome(h); err != nil {
		return err
	}
	<-ctx.Done()
	fmt.Fprintln(a.Stderr, "babelreel: stopping; a second Ctrl-C stops at once, and loses nothing either")
	return nil
}

func (a *app) welcome(h *household) error {
	ready := upReady{
		Ready: true, PID: os.Getpid(), Address: h.temporal.Address, UI: h.temporal.UI, Engines: h.enginesURL, Data: h.data, Logs: h.logs,
	}
	if a.asJSON {
		return a.line(ready)
	}
	w := a.Stdout
	fmt.Fprintf(w, "babelreel is up (Ctrl-C stops it)\n\n  web UI    %s\n  reviews   %s/namespaces/default/workflows?query=ReviewState%%3D%%22awaiting_linguist%%22\n  Temporal  %s\n  data      %s\n  logs      %s\n",
		ready.UI, ready.UI, ready.Address, ready.Data, ready.Logs)
	fmt.Fprint(w, "\nStart a job:\n\n  babelreel start FILE --to pt-BR --services subs,dub\n\n")
	if p, err := locate("", a.cfg, a.Getenv); err == nil && p.options.HostPort != ready.Address {
		fmt.Fprintf(w, "Take care: Temporal's profile names %s, so commands from here go there; add --address %s.\n", p.options.HostPort, ready.Address)
	}
	return nil
}

// household is the processes of `up` and what they share.
type household struct {
	app        *app
	supervisor *child.Supervisor
	data       string // absolute
	logs       string
	files      []io.Closer // open logs
	forwarder  *forwarder  // to the engine host; nil where engines run elsewhere
	token      string      // of the engine host
	enginesURL string
	server     string        // path of the Temporal server
	self       string        // path of this program
	temporal   serverReady   // what the server said
	within     time.Duration // for each child to be ready; 0 takes the default
}

// serverReady is the ready line of babelreel-temporal.
type serverReady struct {
	Ready   bool   `json:"ready"`
	Address string `json:"address"`
	UI      string `json:"ui"`
}

// household makes ready what the children need, and reports in clear words
// what is not there.
func (a *app) household(ctx context.Context) (_ *household, err error) {
	h := &household{app: a, token: rand.Text(), enginesURL: a.cfg.Engines["local"].URL}
	if h.self, err = executable(); err != nil {
		return nil, err
	}
	if h.data, err = filepath.Abs(a.cfg.Data); err != nil {
		return nil, err
	}
	h.logs = filepath.Join(h.data, "logs")
	if err := os.MkdirAll(h.logs, 0o750); err != nil {
		return nil, err
	}
	if h.server, err = serverPath(a.cfg.Temporal.Binary, h.self); err != nil {
		return nil, err
	}
	if err := errors.Join(
		free(ctx, a.cfg.Temporal.Port, "--temporal-port"),
		free(ctx, a.cfg.Temporal.UIPort, "--temporal-ui-port"),
	); err != nil {
		return nil, err
	}
	h.supervisor = child.NewSupervisor(func(e child.Event) {
		if e.What == child.Died && e.Name == enginesName && h.forwarder != nil {
			h.forwarder.to(0) // whoever gets its port next must not get its requests
		}
		if e.What != child.Started {
			fmt.Fprintf(a.Stderr, "babelreel: %s\n", visible(e.String()))
		}
	})
	if h.enginesURL != "" {
		return h, nil
	}
	if err := hostThere(a.cfg.Host.Command, a.cfg.Host.Python, a.cfg.Host.Source, a.cfg.Host.Models); err != nil {
		return nil, err
	}
	if h.forwarder, err = forward(ctx); err != nil {
		return nil, fmt.Errorf("engines: %w", err)
	}
	h.enginesURL = h.forwarder.url()
	return h, nil
}

// serverPath is the program of the embedded Temporal.
func serverPath(configured, self string) (string, error) {
	path := configured
	if path == "" {
		path = filepath.Join(filepath.Dir(self), "babelreel-temporal")
	}
	if _, err := exec.LookPath(path); err != nil {
		return "", exitf(exitError, "the embedded Temporal: %w; build it with `make build`, or name it with --temporal-binary", err)
	}
	return path, nil
}

// free reports whether a port of loopback can be served on.
func free(ctx context.Context, port int, flag string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return exitf(exitError, "port %d is not free: end the program that uses it, or give another %s: %w", port, flag, err)
	}
	return listener.Close()
}

// hostThere reports whether the engine host has been set up.
func hostThere(command []string, python, source, models string) error {
	program, remedy := python, "; run `make setup`, or name another place with --host-python, --host-source and --host-models"
	if len(command) > 0 {
		program, remedy = command[0], "; see --host-command"
	}
	if _, err := exec.LookPath(program); err != nil {
		return exitf(exitError, "the engine host: %w%s", err, remedy)
	}
	if len(command) > 0 {
		return nil
	}
	for _, dir := range []string{source, models} {
		if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			return exitf(exitError, "the engine host: there is no directory %s%s", dir, remedy)
		} else if err != nil {
			return fmt.Errorf("the engine host: %w", err)
		}
	}
	return nil
}

// start starts the children in the order in which they need each other.
func (h *household) start(ctx context.Context) error {
	specs := []func() (child.Spec, error){h.temporalSpec, h.hostSpec, h.workerSpec}
	if h.forwarder == nil {
		specs = []func() (child.Spec, error){h.temporalSpec, h.workerSpec}
	}
	for _, build := range specs {
		spec, err := build()
		if err != nil {
			return err
		}
		if err := h.supervisor.Start(ctx, spec); err != nil {
			return fmt.Errorf("%w (log: %s)", err, filepath.Join(h.logs, spec.Name+".log"))
		}
	}
	return nil
}

// close ends the children, the last started first.
func (h *household) close() {
	h.supervisor.Stop()
	if h.forwarder != nil {
		h.forwarder.close()
	}
	for _, f := range h.files {
		_ = f.Close() // nothing more is written
	}
}

// parseReady reads a ready line into v.
func parseReady(line []byte, v any, ready *bool) error {
	if err := json.Unmarshal(line, v); err != nil {
		return err
	}
	if !*ready {
		return errors.New("does not say that it is ready")
	}
	return nil
}

// defaultNamespace is the namespace that the embedded server has.
const defaultNamespace = client.DefaultNamespace
