// Command demofilm makes the demo film with a running engine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/babelreel/babelreel/workers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demofilm:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("demofilm", flag.ContinueOnError)
	address := flags.String("engine", "", "`address` of the engine")
	portrait := flags.String("portrait", "", "`file` with the portrait, PNG or JPEG")
	out := flags.String("out", "demo.mp4", "`file` to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return workers.MakeDemoFilm(ctx, *address, os.Getenv("BABELREEL_ENGINE_TOKEN"), *portrait, *out)
}
