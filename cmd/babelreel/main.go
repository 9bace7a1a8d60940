// Command babelreel localizes programmes: it runs the service, starts jobs,
// shows where they stand, takes people's decisions and hands over what was made.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/babelreel/babelreel/internal/cli"
	"github.com/babelreel/babelreel/workers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := cli.Main(ctx, cli.Process{
		Args: os.Args[1:], Getenv: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}, work, workers.MakeDemoFilm)
	stop()
	os.Exit(code)
}
