package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// Film makes the demo film at out with the engine at url.
type Film func(ctx context.Context, url, token, portrait, out string) error

// autoReviewer is who approves in the demo. It stands in every approval, in the
// records and in the delivery manifest.
const autoReviewer = "auto-reviewer of the demo (a program, not a person)"

// reviewEvery is how often the auto-reviewer looks for open gates.
const reviewEvery = 500 * time.Millisecond

func (a *app) demoCommand() *cobra.Command {
	var film, out string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Localize the demo film from end to end, with a program as reviewer",
		Long: "Start everything, make the demo film if it is not there, take it from English to Brazilian\n" +
			"Portuguese (subtitles, dub, lip-sync), approve every gate as a program that is named as such,\n" +
			"and hand over the delivery. A second run finds every result in the store.",
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&film, "film", filepath.Join(".cache", "demo", "film.mp4"), "`file` of the film; made if it is not there")
	cmd.Flags().StringVar(&out, "out", "demo-out", "`directory` for the delivery")
	cmd.RunE = a.run(func(ctx context.Context, _ []string) error { return a.demo(ctx, film, out) })
	return cmd
}

func (a *app) demo(ctx context.Context, film, out string) error {
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
	a.say("starting Temporal, the engines and a worker")
	if err := h.start(ctx); err != nil {
		return err
	}
	if err := a.demoFilm(ctx, h, film); err != nil {
		return err
	}
	a.address = h.temporal.Address
	s, err := a.dial(ctx)
	if err != nil {
		return err
	}
	defer s.Close()

	job := "demo-" + uuid.NewString()[:6]
	order, err := demoOrder(job, film)
	if err != nil {
		return err
	}
	if err := a.start(ctx, s, order); err != nil {
		return err
	}
	begin := a.now()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		if err := a.autoReview(ctx, s, job); err != nil && ctx.Err() == nil {
			stop(err)
		}
	}()
	if err := a.watch(ctx, s, job); err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
			return cause
		}
		return err
	}
	took := a.now().Sub(begin)
	return a.showDemo(ctx, job, filepath.Join(out, job), took)
}

func (a *app) say(format string, args ...any) { fmt.Fprintf(a.Stdout, "demo: "+format+"\n", args...) }

// demoFilm makes the film unless it is there.
func (a *app) demoFilm(ctx context.Context, h *household, film string) error {
	_, err := os.Stat(film)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(film), 0o750); err != nil {
		return err
	}
	a.say("making the film (a talking portrait and a narrator, half a minute): %s", film)
	return a.film(ctx, h.enginesURL, h.token, filepath.Join(a.cfg.Host.Models, "astronaut.png"), film)
}

func demoOrder(job, film string) (contract.Order, error) {
	source, err := filepath.Abs(film)
	return contract.Order{
		Job: job, Customer: "DEMO", Series: "DEMO", Title: "OPEN-BORDERS", Source: source, SourceLanguage: "en",
		Languages: []string{"pt-BR"}, Services: contract.Services(),
	}, err
}

// autoReview approves what gates show until ctx ends. It is refused like anybody
// else where a critical finding stands; then the demo ends with that refusal.
func (a *app) autoReview(ctx context.Context, s service, job string) error {
	tick := time.NewTicker(reviewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		open, err := statuses(ctx, s, job, "")
		if err != nil {
			continue // between two states, or at the end: watch tells
		}
		for _, w := range open {
			for _, g := range w.Gates {
				if g.State != gate.Waiting {
					continue
				}
				_, err := s.Update(ctx, w.workflowID, contract.UpdateDecide, contract.Decide{
					Gate: g.Name, Revision: g.Subject.Revision, Verdict: gate.Approve, By: autoReviewer,
				})
				if codeOf(err) == exitRefused && g.Subject.Criticals > 0 {
					return fmt.Errorf("the demo cannot go on: %w", err)
				}
			}
		}
	}
}

// showDemo hands over the delivery and says how to look at it.
func (a *app) showDemo(ctx context.Context, job, out string, took time.Duration) (err error) {
	fmt.Fprintln(a.Stdout)
	if err := a.deliver(ctx, job, out, ""); err != nil {
		return err
	}
	db, err := a.records(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	sums, err := db.Usage(ctx, job)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "\nThe job took %s. What it paid for (the rest came from the store):\n\n", took.Round(time.Second))
	writeUsage(a.Stdout, sums)
	dir := filepath.Join(out, "pt-BR")
	fmt.Fprintf(a.Stdout, `
Look at it:
  ffplay %[1]s/OPEN-BORDERS.pt-BR.mp4            the dub; key A switches to the original, T shows subtitles
  ffplay %[1]s/OPEN-BORDERS.pt-BR.lipsync.mp4    the same with moved lips (preview grade)
  less %[1]s/manifest.json                       every file by its hash, every label, every approval
  babelreel up --data %[2]s                      then open the job in the Temporal UI
`, dir, a.cfg.Data)
	return nil
}
