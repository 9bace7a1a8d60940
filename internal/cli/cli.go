// Package cli is the command line of babelreel: one file per command, and what
// they share. It speaks to jobs through Temporal alone; only the commands that
// hand out what was made also read the store and the records.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.temporal.io/sdk/client"

	"github.com/babelreel/babelreel/config"
)

// Process is the process around a command line, given so that tests can call it.
type Process struct {
	Args           []string // without the name of the program
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Work serves the configured task queues until ctx ends, and calls ready once
// it has opened all that they need.
type Work func(ctx context.Context, cfg config.Config, getenv func(string) string, c client.Client, ready func()) error

// pollEvery is how often watch looks again: often enough to look alive, seldom
// enough to cost the server nothing.
const pollEvery = time.Second

// app is one command line at work.
type app struct {
	Process

	work    Work
	film    Film
	dial    func(context.Context) (service, error)
	now     func() time.Time
	poll    time.Duration
	cfg     config.Config
	address string // of Temporal, "" takes the profile's
	// configFile is what --config named, to be handed on to children.
	configFile string
	asJSON     bool
	entered    bool // a command began: what fails from here on is no error of usage
}

// Main runs one command line and returns its exit code, after saying on stderr
// what went wrong.
func Main(ctx context.Context, p Process, work Work, film Film) (code int) {
	a := &app{Process: p, work: work, film: film, now: time.Now, poll: pollEvery}
	a.dial = a.connect
	return a.main(ctx)
}

func (a *app) main(ctx context.Context) (code int) {
	root := a.root() //nolint:contextcheck // every command gets its context from cobra
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !a.entered {
		err = usagef("%w; see `%s --help`", err, cmd.CommandPath())
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.Stderr, "babelreel:", visible(err.Error()))
	}
	return codeOf(err)
}

// root is the tree of all commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "babelreel",
		Short:         "Take a programme into other languages",
		Long:          "Babelreel takes a programme into other languages: dialogue list, translation,\nsubtitles, dub and lip-sync, with people deciding at gates.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.PersistentFlags().StringVar(&a.address, "address", "", "`host:port` of Temporal, instead of its profile's")
	bindSettings(root.PersistentFlags())
	root.AddCommand(
		a.demoCommand(), a.upCommand(), a.workerCommand(), a.startCommand(), a.watchCommand(), a.reviewCommand(), a.retryCommand(),
		a.deliverCommand(), a.cancelCommand(), a.explainCommand(), a.usageCommand(), a.historyCommand(), a.doctorCommand(), a.versionCommand(),
		exitCodesTopic(), settingsTopic(),
	)
	return root
}

// bindSettings adds a flag for every setting. All but two are left out of the
// help of each command; `babelreel help settings` lists them.
func bindSettings(flags *pflag.FlagSet) {
	settings := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	config.Bind(settings)
	settings.VisitAll(func(f *pflag.Flag) {
		f.Hidden = f.Name != "config" && f.Name != "data"
		flags.AddFlag(f)
	})
}

func settingsTopic() *cobra.Command {
	settings := pflag.NewFlagSet("settings", pflag.ContinueOnError)
	config.Bind(settings)
	return &cobra.Command{
		Use:   "settings",
		Short: "Every setting, and where it is taken from",
		Long: "Every command takes these. A setting is taken from the first of: flag (--temporal-port),\n" +
			"environment (BABELREEL_TEMPORAL_PORT), file (--config), default. How to reach a Temporal\n" +
			"that babelreel did not start is set in Temporal's own profile (temporal.toml, TEMPORAL_*).\n\n" + settings.FlagUsages(),
	}
}

// run makes do the body of a command: it loads the settings first.
func (a *app) run(do func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		if a.cfg, err = config.Load(cmd.Flags(), a.Getenv); err != nil {
			return err
		}
		if f := cmd.Flags().Lookup("config"); f.Changed {
			a.configFile = f.Value.String()
		}
		a.entered = true
		return do(cmd.Context(), args)
	}
}

// served is run for commands that speak to Temporal.
func (a *app) served(do func(ctx context.Context, s service, args []string) error) func(*cobra.Command, []string) error {
	return a.run(func(ctx context.Context, args []string) error {
		s, err := a.dial(ctx)
		if err != nil {
			return err
		}
		defer s.Close()
		return do(ctx, s, args)
	})
}

// jsonFlag adds --json, which makes a command print data for programs.
func (a *app) jsonFlag(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&a.asJSON, "json", false, "print JSON")
	return cmd
}

// print writes v as JSON where --json was given, and calls text where not.
func (a *app) print(v any, text func(io.Writer)) error {
	if !a.asJSON {
		text(a.Stdout)
		return nil
	}
	out := json.NewEncoder(a.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// line writes v as one line of JSON.
func (a *app) line(v any) error {
	out := json.NewEncoder(a.Stdout)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// executable is the path of this program, to be run again as a child.
func executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("own program: %w", err)
	}
	return path, nil
}
