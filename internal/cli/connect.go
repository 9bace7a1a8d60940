package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/babelreel/babelreel/config"
)

const (
	loopback = "127.0.0.1"
	// dialWithin is how long a command waits for Temporal: a service that is up
	// answers in milliseconds, one across an ocean in one second.
	dialWithin = 5 * time.Second
)

// place is where Temporal is, and how that is known.
type place struct {
	options client.Options
	origin  string // "--address", "profile" or "embedded"
}

// environ looks up what the profile of Temporal reads.
type environ func(string) string

// Environ lists the variables of this process that can be looked up: gRPC headers
// have names that only a list can find.
func (e environ) Environ() []string {
	var list []string
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); e(name) != "" {
			list = append(list, name+"="+e(name))
		}
	}
	return list
}

// LookupEnv looks up one variable; an empty one counts as unset.
func (e environ) LookupEnv(key string) (string, bool) {
	v := e(key)
	return v, v != ""
}

// locate finds out where Temporal is: what --address says, else Temporal's own
// profile, else the one that `babelreel up` starts.
func locate(address string, cfg config.Config, getenv func(string) string) (place, error) {
	if address != "" {
		return place{client.Options{HostPort: address, Namespace: client.DefaultNamespace}, "--address"}, nil
	}
	profile, err := envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{EnvLookup: environ(getenv)})
	if err != nil {
		return place{}, usagef("temporal profile: %w", err)
	}
	origin := "profile"
	if profile.Address == "" {
		profile.Address, origin = embedded(cfg), "embedded"
	}
	options, err := profile.ToClientOptions(envconfig.ToClientOptionsRequest{})
	if err != nil {
		return place{}, usagef("temporal profile: %w", err)
	}
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	return place{options, origin}, nil
}

// embedded is the address of the server that `babelreel up` starts.
func embedded(cfg config.Config) string {
	return net.JoinHostPort(loopback, strconv.Itoa(cfg.Temporal.Port))
}

// ui is the base address of the web UI that belongs to the server, "" where it
// is not known.
func (p place) ui(cfg config.Config) string {
	switch {
	case p.options.HostPort == embedded(cfg):
		return "http://" + net.JoinHostPort(loopback, strconv.Itoa(cfg.Temporal.UIPort))
	case strings.HasSuffix(p.options.HostPort, ".tmprl.cloud:7233"):
		return "https://cloud.temporal.io"
	default:
		return ""
	}
}

// remedy says what to do when the server does not answer.
func (p place) remedy() string {
	if p.origin == "embedded" {
		return "start it with `babelreel up`, or set TEMPORAL_ADDRESS to one that runs"
	}
	return "check the address (from " + p.origin + ") and the network"
}

// open connects; logger gets what the SDK has to say.
func (p place) open(ctx context.Context, logger *slog.Logger) (client.Client, error) {
	p.options.Logger = log.NewStructuredLogger(logger)
	p.options.ConnectionOptions.GetSystemInfoTimeout = dialWithin
	c, err := client.DialContext(ctx, p.options)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("temporal: %w", ctx.Err())
		}
		return nil, exitf(exitUnreachable, "cannot reach Temporal at %s; %s: %w", p.options.HostPort, p.remedy(), err)
	}
	return c, nil
}

// connect is dial for a real server.
func (a *app) connect(ctx context.Context) (service, error) {
	p, err := locate(a.address, a.cfg, a.Getenv)
	if err != nil {
		return nil, err
	}
	c, err := p.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &temporalService{c: c, namespace: p.options.Namespace, base: p.ui(a.cfg), address: p.options.HostPort}, nil
}
