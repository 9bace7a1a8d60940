package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/config"
)

// The states of a check.
const (
	checkOK   = "ok"
	checkWarn = "warn"
	checkFail = "fail"
)

// checked is one thing that doctor looked at.
type checked struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Say    string `json:"say"`
	Remedy string `json:"remedy,omitempty"`
}

func ok(name, format string, args ...any) checked {
	return checked{Name: name, State: checkOK, Say: fmt.Sprintf(format, args...)}
}

func warn(name, remedy, format string, args ...any) checked {
	return checked{Name: name, State: checkWarn, Say: fmt.Sprintf(format, args...), Remedy: remedy}
}

func fail(name, remedy, format string, args ...any) checked {
	return checked{Name: name, State: checkFail, Say: fmt.Sprintf(format, args...), Remedy: remedy}
}

// diagnosis is what doctor prints.
type diagnosis struct {
	OK       bool             `json:"ok"`
	Checks   []checked        `json:"checks"`
	Settings []config.Setting `json:"settings"`
}

func (a *app) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check that this machine has all that it needs, and say what to do where not",
		Args:  cobra.NoArgs,
	}
	cmd.RunE = a.run(func(ctx context.Context, _ []string) error {
		d := a.diagnose(ctx)
		if err := a.print(d, d.write); err != nil {
			return err
		}
		if !d.OK {
			return exitf(exitError, "something is missing; each line that says fail names the remedy")
		}
		return nil
	})
	return a.jsonFlag(cmd)
}

func (a *app) diagnose(ctx context.Context) diagnosis {
	d := diagnosis{OK: true, Settings: a.cfg.Settings()}
	d.Checks = append(d.Checks, tools(ctx)...)
	d.Checks = append(d.Checks, a.checkHost(ctx)...)
	d.Checks = append(d.Checks, a.checkData()...)
	d.Checks = append(d.Checks, a.checkServer(ctx)...)
	for _, c := range d.Checks {
		d.OK = d.OK && c.State != checkFail
	}
	return d
}

func (d diagnosis) write(w io.Writer) {
	t := table{header: []string{"CHECK", "STATE", "FOUND"}}
	for _, c := range d.Checks {
		t.add(c.Name, c.State, c.Say)
	}
	t.write(w)
	for _, c := range d.Checks {
		if c.Remedy != "" {
			fmt.Fprintf(w, "\n%s: %s: %s\n  remedy  %s\n", c.State, c.Name, oneLine(c.Say), c.Remedy)
		}
	}
	fmt.Fprintln(w)
	s := table{header: []string{"SETTING", "VALUE", "FROM"}}
	for _, setting := range d.Settings {
		s.add(setting.Key, setting.Value, setting.Origin)
	}
	s.write(w)
}
