package cli

import (
	"context"
	"io"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/babelreel/babelreel/config"
)

type (
	Service   = service
	Execution = execution
	Pending   = pending
	Table     = table
	Painter   = painter
)

const (
	StateRunning   = stateRunning
	StateCompleted = stateCompleted
	StateFailed    = stateFailed
)

// MainWith is Main with a server of the test's own, or with none where s is an
// error.
func MainWith(ctx context.Context, p Process, s any, now func() time.Time) int {
	a := &app{Process: p, now: now, poll: time.Millisecond}
	a.dial = func(context.Context) (service, error) {
		if err, down := s.(error); down {
			return nil, err
		}
		return s.(service), nil
	}
	return a.main(ctx)
}

func Exit(code int, words string) error { return exitf(code, "%s", words) }

func NewService(c client.Client) Service {
	return &temporalService{c: c, namespace: "default", address: "here:7233", base: "http://ui"}
}

func CodeOf(err error) int { return codeOf(err) }

func NewTable(header ...string) *Table { return &table{header: header} }

func (t *Table) Add(cells ...string)    { t.add(cells...) }
func (t *Table) Trim()                  { t.trim() }
func (t *Table) Write(w io.Writer)      { t.write(w) }
func Visible(s string) string           { return visible(s) }
func ShellWord(s string) string         { return shellWord(s) }
func Slug(s string) string              { return slug(s) }
func (p *Painter) Paint(s string) error { return p.paint(s) }

func NewPainter(w io.Writer, columns, lines int) *Painter {
	return &painter{w: w, columns: columns, lines: lines}
}

func LockData(dir string) (release func(), err error) {
	l, err := lockData(dir)
	if err != nil {
		return nil, err
	}
	return l.release, nil
}

func Forward(ctx context.Context) (url string, to func(int), stop func(), err error) {
	f, err := forward(ctx)
	if err != nil {
		return "", nil, nil, err
	}
	return f.url(), f.to, f.close, nil
}

func Locate(address string, cfg config.Config, getenv func(string) string) (hostPort, namespace, ui, origin string, err error) {
	p, err := locate(address, cfg, getenv)
	return p.options.HostPort, p.options.Namespace, p.ui(cfg), p.origin, err
}

func CheckModels(ctx context.Context, list, dir string) (int, error) {
	return checkModels(ctx, list, dir)
}

func StagesOfActivities() map[string]string {
	stages := map[string]string{}
	for activity, stage := range stageOf {
		stages[activity] = string(stage)
	}
	return stages
}
