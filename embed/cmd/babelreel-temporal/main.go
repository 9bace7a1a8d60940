// Command babelreel-temporal serves Temporal and its web UI from one SQLite
// file on loopback. It ends with its standard input.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/babelreel/babelreel/embed"
)

func main() {
	stdout := os.Stdout
	os.Stdout = os.Stderr // a library that prints must not be taken for the ready line

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := embed.Command(ctx, os.Args[1:], os.Stdin, stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "babelreel-temporal:", err)
		os.Exit(1)
	}
}
