// Package config is what an operator can set, and where each value came from.
//
// A value is taken from the first of: command-line flag, BABELREEL_* environment
// variable, the TOML file, the default. An empty environment variable counts as
// unset. How to reach a Temporal that babelreel did not start itself is not set
// here but in Temporal's own profile (temporal.toml and TEMPORAL_*), so that the
// product and the temporal CLI always talk to the same place.
package config

import (
	"maps"
	"path/filepath"
	"slices"
	"time"
)

// Config is the settings of one process. Start from Default; the zero value is
// not valid. Relative paths are relative to the working directory.
type Config struct {
	// Data is the directory for everything that babelreel itself keeps.
	Data string
	// Store is the directory of the media; "" is "blobs" below Data. See StoreDir.
	Store string
	// Records is the SQLite file of the records; "" is "records.db" below Data.
	// See RecordsFile.
	Records string
	// Queues are the task queues that this process works on.
	Queues []string
	// Drain is how long running activities may go on after a stop signal; 0
	// ends them at once.
	Drain time.Duration
	// LeaseTTL is how long a worker that died keeps others from its work.
	LeaseTTL time.Duration
	// LogFormat is "text" for people or "json" for machines.
	LogFormat string
	// LogLevel is the least severe level that is logged: "debug", "info", "warn"
	// or "error".
	LogLevel string
	// Temporal is the embedded Temporal.
	Temporal Temporal
	// Host is the process that serves the local engines.
	Host Host
	// Limits are what a job may bring.
	Limits Limits
	// Engines are the servers of models, by the name that jobs call them.
	Engines map[string]Engine

	origins map[string]string // by key; absent: the default
}

// Temporal is the Temporal server and UI that `babelreel up` starts.
type Temporal struct {
	Port   int    // of the server, on loopback
	UIPort int    // of the UI, on loopback
	Binary string // the program; "" is babelreel-temporal beside the babelreel executable
}

// Host is the Python process that serves the local engines.
type Host struct {
	Python  string   // the interpreter of its virtual environment
	Source  string   // the directory of its code
	Models  string   // the directory of its models
	Command []string // the whole command line instead, for a host of one's own; empty: Python runs Source
}

// Limits keep a mistaken order from filling a disk or a week.
type Limits struct {
	MaxMediaBytes int64         // the largest file that a job may bring
	MaxDuration   time.Duration // the longest programme
}

// Engine is one server of models that speaks the engine wire.
type Engine struct {
	URL      string // http or https; "" is the host that babelreel starts
	TokenEnv string // the environment variable that holds the bearer token; "" sends none
}

// LocalEngine is the engine that every Config has: the host that babelreel
// starts, unless its URL is set.
const LocalEngine = "local"

// Queues are the task queues there are.
func Queues() []string { return []string{"flow", "media", "cpu", "gpu", "net"} }

// Default is a Config that works on a bare machine: no cloud, no GPU.
func Default() Config {
	return Config{
		Data:      "./babelreel-data",
		Queues:    Queues(),
		Drain:     30 * time.Second,
		LeaseTTL:  30 * time.Second, // three missed heartbeats of 10 s
		LogFormat: "text",
		LogLevel:  "info",
		Temporal:  Temporal{Port: 7233, UIPort: 8233}, // as the temporal CLI's dev server
		Host: Host{
			Python: "./.cache/enginehost/venv/bin/python",
			Source: "./engine/host",
			Models: "./.cache/enginehost/models",
		},
		Limits: Limits{
			MaxMediaBytes: 256 << 30,     // two hours of HD ProRes 422 HQ at 176 Mbit/s are 158 GB
			MaxDuration:   6 * time.Hour, // the longest feature films run below it
		},
		Engines: map[string]Engine{LocalEngine: {}},
	}
}

// StoreDir is the directory of the media.
func (c Config) StoreDir() string {
	if c.Store != "" {
		return c.Store
	}
	return filepath.Join(c.Data, "blobs")
}

// RecordsFile is the SQLite file of the records.
func (c Config) RecordsFile() string {
	if c.Records != "" {
		return c.Records
	}
	return filepath.Join(c.Data, "records.db")
}

// Setting is one value as a person reads it.
type Setting struct {
	Key    string // as in the file, tables joined by dots: "temporal.port"
	Value  string // as in a flag
	Origin string // as by Origin
}

// Settings lists every setting, engines last and by name.
func (c Config) Settings() []Setting {
	var list []Setting
	for _, f := range c.fields() {
		list = append(list, Setting{Key: f.key, Value: f.value.String(), Origin: c.Origin(f.key)})
	}
	return list
}

// Origin says where the value of key came from: "default", "file NAME",
// "environment NAME" or "flag --NAME". It is "" for a key that does not exist.
func (c Config) Origin(key string) string {
	if origin, ok := c.origins[key]; ok {
		return origin
	}
	if slices.ContainsFunc(c.fields(), func(f field) bool { return f.key == key }) {
		return "default"
	}
	return ""
}

// engineNames lists the engines in order.
func (c Config) engineNames() []string { return slices.Sorted(maps.Keys(c.Engines)) }
