package config

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// envName is what an environment variable may be called.
var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate reports every setting that cannot work, not only the first, each by
// its key and by where it was set. It looks at no file and asks no server.
func (c Config) Validate() error {
	faults := faults{config: c}

	faults.check(c.Data != "", "data", "must name a directory")
	faults.place("store", c.Store)
	faults.place("records", c.Records)
	faults.queues(c.Queues)
	faults.check(c.Drain >= 0, "drain", "must not be negative, is %s", c.Drain)
	faults.check(c.LeaseTTL >= time.Second, "lease-ttl", "must be at least 1s, is %s", c.LeaseTTL)
	faults.oneOf("log-format", c.LogFormat, "text", "json")
	faults.oneOf("log-level", c.LogLevel, "debug", "info", "warn", "error")

	faults.port("temporal.port", c.Temporal.Port)
	faults.port("temporal.ui-port", c.Temporal.UIPort)
	faults.check(c.Temporal.Port != c.Temporal.UIPort, "temporal.ui-port", "must differ from temporal.port, both are %d", c.Temporal.Port)

	if len(c.Host.Command) == 0 {
		faults.check(c.Host.Python != "", "host.python", "must name a Python interpreter")
		faults.check(c.Host.Source != "", "host.source", "must name a directory")
	} else {
		faults.check(c.Host.Command[0] != "", "host.command", "must begin with a program")
	}
	faults.check(c.Host.Models != "", "host.models", "must name a directory")

	faults.check(c.Limits.MaxMediaBytes > 0, "limits.max-media-bytes", "must be positive, is %d", c.Limits.MaxMediaBytes)
	faults.check(c.Limits.MaxDuration > 0, "limits.max-duration", "must be positive, is %s", c.Limits.MaxDuration)

	for _, name := range c.engineNames() {
		faults.engine(name, c.Engines[name])
	}
	return errors.Join(faults.errs...)
}

// faults collects what is wrong with config.
type faults struct {
	config Config
	errs   []error
}

// check adds a fault of key unless ok.
func (f *faults) check(ok bool, key, format string, args ...any) {
	if ok {
		return
	}
	where := ""
	if origin := f.config.origins[key]; origin != "" {
		where = " (set by " + origin + ")"
	}
	f.errs = append(f.errs, errors.New(key+": "+fmt.Sprintf(format, args...)+where))
}

func (f *faults) oneOf(key, got string, want ...string) {
	f.check(slices.Contains(want, got), key, "want one of %s; is %q", strings.Join(want, ", "), got)
}

// place checks a path that must not be the address of a service.
func (f *faults) place(key, path string) {
	scheme, _, ok := strings.Cut(path, "://")
	f.check(!ok, key, "this release keeps files in a directory and cannot use %s://; name a directory", scheme)
}

func (f *faults) queues(got []string) {
	f.check(len(got) > 0, "queues", "must name at least one of %s", strings.Join(Queues(), ", "))
	for i, queue := range got {
		f.oneOf("queues", queue, Queues()...)
		f.check(!slices.Contains(got[:i], queue), "queues", "names %q twice", queue)
	}
}

func (f *faults) port(key string, port int) {
	f.check(port >= 1 && port <= 65535, key, "want a port from 1 to 65535, is %d", port)
}

func (f *faults) engine(name string, e Engine) {
	if e.URL != "" {
		u, err := url.Parse(e.URL)
		ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
		f.check(ok, "engines."+name+".url", "want an http or https address")
		f.check(!ok || u.User == nil, "engines."+name+".url", "must not hold a password; name an environment variable in token-env")
	}
	f.check(name == LocalEngine || e.URL != "", "engines."+name+".url", "must be set: only the engine %q is started here", LocalEngine)
	f.check(e.TokenEnv == "" || envName.MatchString(e.TokenEnv), "engines."+name+".token-env", "must be the name of an environment variable, not a token")
}
