package config

import "strings"

// field is one setting: the key by which file, flags and environment know it,
// and the place in a Config that holds it.
type field struct {
	key   string
	usage string // for --help; the word in backquotes stands for the value
	value value
}

// flag is the name of the field's flag: "temporal-port".
func (f field) flag() string { return strings.ReplaceAll(f.key, ".", "-") }

// env is the name of the field's environment variable: "BABELREEL_TEMPORAL_PORT".
func (f field) env() string {
	return "BABELREEL_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(f.key))
}

// fields lists the settings of c in the order of the example file.
func (c *Config) fields() []field {
	list := c.fixedFields()
	for _, name := range c.engineNames() {
		list = append(list, c.engineFields(name)...)
	}
	return list
}

// fixedFields are the settings that every Config has; these have flags.
func (c *Config) fixedFields() []field {
	return []field{
		{"data", "`directory` for everything that babelreel keeps", (*text)(&c.Data)},
		{"store", "`directory` of the media (default: blobs below data)", (*text)(&c.Store)},
		{"records", "SQLite `file` of the records (default: records.db below data)", (*text)(&c.Records)},
		{"queues", "task `queues` to work on, separated by commas", (*list)(&c.Queues)},
		{"drain", "`time` that running work may go on after a stop signal", (*span)(&c.Drain)},
		{"lease-ttl", "`time` for which a dead worker keeps others from its work", (*span)(&c.LeaseTTL)},
		{"log-format", "`format` of the log: text or json", (*text)(&c.LogFormat)},
		{"log-level", "least severe `level` logged: debug, info, warn or error", (*text)(&c.LogLevel)},
		{"temporal.port", "`port` of the embedded Temporal server", whole[int]{&c.Temporal.Port}},
		{"temporal.ui-port", "`port` of the embedded Temporal UI", whole[int]{&c.Temporal.UIPort}},
		{"temporal.binary", "`program` of the embedded Temporal (default: babelreel-temporal beside babelreel)", (*text)(&c.Temporal.Binary)},
		{"host.python", "Python `interpreter` of the engine host", (*text)(&c.Host.Python)},
		{"host.source", "`directory` of the engine host's code", (*text)(&c.Host.Source)},
		{"host.models", "`directory` of the engine host's models", (*text)(&c.Host.Models)},
		{"host.command", "whole `command` of another engine host, words separated by commas", (*list)(&c.Host.Command)},
		{"limits.max-media-bytes", "largest file that a job may bring, in `bytes`", whole[int64]{&c.Limits.MaxMediaBytes}},
		{"limits.max-duration", "longest `time` that a programme may run", (*span)(&c.Limits.MaxDuration)},
	}
}

// engineFields are the settings of the engine called name.
func (c *Config) engineFields(name string) []field {
	prefix := "engines." + name + "."
	return []field{
		{prefix + "url", "", &engineText{c.Engines, name, func(e *Engine) *string { return &e.URL }}},
		{prefix + "token-env", "", &engineText{c.Engines, name, func(e *Engine) *string { return &e.TokenEnv }}},
	}
}
