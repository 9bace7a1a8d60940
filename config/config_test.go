package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/config"
)

const exampleFile = "babelreel.example.toml"

// load is config.Load for a command line and an environment.
func load(t *testing.T, env map[string]string, args ...string) (config.Config, error) {
	t.Helper()
	fs := pflag.NewFlagSet("babelreel", pflag.ContinueOnError)
	config.Bind(fs)
	if err := fs.Parse(args); err != nil {
		return config.Config{}, err
	}
	return config.Load(fs, func(key string) string { return env[key] })
}

// settingsFile is a settings file with the given content.
func settingsFile(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "babelreel.toml")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

func TestLoadPrecedence(t *testing.T) {
	file := settingsFile(t, "store = \"from-file\"\n")
	env := map[string]string{"BABELREEL_STORE": "from-env"}

	tests := map[string]struct {
		env    map[string]string
		args   []string
		want   string
		origin string
	}{
		"default":                       {nil, nil, "", "default"},
		"file beats default":            {nil, []string{"--config", file}, "from-file", "file " + file},
		"environment beats file":        {env, []string{"--config", file}, "from-env", "environment BABELREEL_STORE"},
		"flag beats environment":        {env, []string{"--config", file, "--store", "from-flag"}, "from-flag", "flag --store"},
		"file named by variable":        {map[string]string{"BABELREEL_CONFIG": file}, nil, "from-file", "file " + file},
		"empty variable counts as none": {map[string]string{"BABELREEL_STORE": ""}, []string{"--config", file}, "from-file", "file " + file},
		"an empty flag is a value":      {env, []string{"--store", ""}, "", "flag --store"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := load(t, tt.env, tt.args...)

			require.NoError(t, err)
			require.Equal(t, tt.want, c.Store)
			require.Equal(t, tt.origin, c.Origin("store"))
		})
	}
}

// Every layer reaches every setting: what the example file, the environment and
// the flags can say is the same list, and it is the whole Config.
func TestEveryLayerSetsEverySetting(t *testing.T) {
	values := map[string]string{
		"data": "d", "store": "s", "records": "r.db", "queues": "gpu,cpu", "drain": "1m0s", "lease-ttl": "5s",
		"log-format": "json", "log-level": "debug", "temporal.port": "1", "temporal.ui-port": "2", "temporal.binary": "b",
		"host.python": "p", "host.source": "src", "host.models": "m", "host.command": "run,it",
		"limits.max-media-bytes": "7", "limits.max-duration": "2s",
		"engines.local.url": "http://localhost:1", "engines.local.token-env": "TOKEN",
	}
	env, args := map[string]string{}, []string{}
	for key, value := range values {
		env["BABELREEL_"+strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))] = value
		if !strings.HasPrefix(key, "engines.") {
			args = append(args, "--"+strings.ReplaceAll(key, ".", "-")+"="+value)
		}
	}

	fromEnv, err := load(t, env)
	require.NoError(t, err)
	fromFlags, err := load(t, nil, args...)
	require.NoError(t, err)

	require.Len(t, fromEnv.Settings(), len(values))
	for _, s := range fromEnv.Settings() {
		require.Equal(t, values[s.Key], s.Value, s.Key)
		require.Contains(t, s.Origin, "environment BABELREEL_", s.Key)
	}
	for _, s := range fromFlags.Settings() {
		if !strings.HasPrefix(s.Key, "engines.") {
			require.Equal(t, values[s.Key], s.Value, s.Key)
			require.Contains(t, s.Origin, "flag --", s.Key)
		}
	}
	require.Equal(t, config.Temporal{Port: 1, UIPort: 2, Binary: "b"}, fromEnv.Temporal)
	require.Equal(t, config.Host{Python: "p", Source: "src", Models: "m", Command: []string{"run", "it"}}, fromEnv.Host)
	require.Equal(t, config.Limits{MaxMediaBytes: 7, MaxDuration: 2 * time.Second}, fromEnv.Limits)
	require.Equal(t, map[string]config.Engine{"local": {URL: "http://localhost:1", TokenEnv: "TOKEN"}}, fromEnv.Engines)
	require.Len(t, values, leaves(reflect.TypeFor[config.Config]()), "a field of Config that no layer sets, or the reverse")
}

// leaves counts the exported values in a struct, with one element in its maps.
func leaves(t reflect.Type) int {
	switch t.Kind() {
	case reflect.Struct:
		n := 0
		for field := range t.Fields() {
			if field.IsExported() {
				n += leaves(field.Type)
			}
		}
		return n
	case reflect.Map:
		return leaves(t.Elem())
	default:
		return 1
	}
}

func TestExampleIsTheDefault(t *testing.T) {
	example, err := load(t, nil, "--config", exampleFile)
	require.NoError(t, err)

	want := config.Default().Settings()
	for i := range want {
		require.Equal(t, "default", want[i].Origin)
		want[i].Origin = "file " + exampleFile
	}
	require.Equal(t, want, example.Settings())
	require.NoError(t, config.Default().Validate())
}

func TestFileAddsEngines(t *testing.T) {
	file := settingsFile(t, "[engines.speech-1]\nurl = \"https://tts.example\"\n")

	c, err := load(t, map[string]string{"BABELREEL_ENGINES_SPEECH_1_TOKEN_ENV": "TTS_TOKEN"}, "--config", file)

	require.NoError(t, err)
	require.Equal(t, map[string]config.Engine{
		"local":    {},
		"speech-1": {URL: "https://tts.example", TokenEnv: "TTS_TOKEN"},
	}, c.Engines)
}

func TestLoadReportsEveryFault(t *testing.T) {
	file := settingsFile(t, `
drain = 30
colour = "red"
store = "s3://media/films"
log-format = "xml"
[temporal]
port = "high"
[engines.local]
token = "abc"
[engines.Bad_Name]
url = "http://localhost"
[empty]
`)
	_, err := load(t, map[string]string{"BABELREEL_LIMITS_MAX_DURATION": "long"}, "--config", file, "--queues", "flow,tea,flow")

	require.Error(t, err)
	for _, want := range []string{
		file + `: drain: want a string such as "30s", is 30`,
		file + ": colour: there is no such setting",
		"store: this release keeps files in a directory and cannot use s3://; name a directory (set by file " + file + ")",
		`log-format: want one of text, json; is "xml" (set by file ` + file + ")",
		file + `: temporal.port: want a whole number, is the string "high"`,
		file + ": engines.local.token: there is no such setting",
		file + ": engines.Bad_Name: a name is small letters, digits and single dashes",
		file + ": empty: there is no such setting",
		`BABELREEL_LIMITS_MAX_DURATION: want a time such as "30s" or "1h30m", is "long"`,
		`queues: want one of flow, media, cpu, gpu, net; is "tea" (set by flag --queues)`,
		`queues: names "flow" twice (set by flag --queues)`,
	} {
		require.ErrorContains(t, err, want)
	}
	require.Equal(t, 11, strings.Count(err.Error(), "\n"), "one line each:\n%v", err)
}

func TestLoadNamesTheFileItCannotUse(t *testing.T) {
	broken := settingsFile(t, "store = \n")

	_, err := load(t, nil, "--config", broken)
	require.ErrorContains(t, err, broken)

	_, err = load(t, nil, "--config", "no-such.toml")
	require.ErrorContains(t, err, "no-such.toml")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		spoil func(*config.Config)
		want  string // "" means valid
	}{
		"no data directory":           {func(c *config.Config) { c.Data = "" }, "data: must name a directory"},
		"records on a service":        {func(c *config.Config) { c.Records = "postgres://db" }, "records: this release"},
		"no queue":                    {func(c *config.Config) { c.Queues = nil }, "queues: must name at least one"},
		"no drain":                    {func(c *config.Config) { c.Drain = 0 }, ""},
		"negative drain":              {func(c *config.Config) { c.Drain = -1 }, "drain: must not be negative, is -1ns"},
		"shortest lease":              {func(c *config.Config) { c.LeaseTTL = time.Second }, ""},
		"too short a lease":           {func(c *config.Config) { c.LeaseTTL = time.Second - 1 }, "lease-ttl: must be at least 1s"},
		"unknown level":               {func(c *config.Config) { c.LogLevel = "loud" }, "log-level: want one of"},
		"first port":                  {func(c *config.Config) { c.Temporal.Port = 1 }, ""},
		"port zero":                   {func(c *config.Config) { c.Temporal.Port = 0 }, "temporal.port: want a port"},
		"last port":                   {func(c *config.Config) { c.Temporal.UIPort = 65535 }, ""},
		"port past the last":          {func(c *config.Config) { c.Temporal.UIPort = 65536 }, "temporal.ui-port: want a port"},
		"one port for two":            {func(c *config.Config) { c.Temporal.UIPort = c.Temporal.Port }, "must differ from temporal.port"},
		"no interpreter":              {func(c *config.Config) { c.Host.Python = "" }, "host.python: must name"},
		"a command needs none":        {func(c *config.Config) { c.Host.Python, c.Host.Command = "", []string{"run"} }, ""},
		"a command without a program": {func(c *config.Config) { c.Host.Command = []string{""} }, "host.command: must begin"},
		"no models":                   {func(c *config.Config) { c.Host.Models = "" }, "host.models: must name"},
		"no media":                    {func(c *config.Config) { c.Limits.MaxMediaBytes = 0 }, "limits.max-media-bytes: must be positive"},
		"no time":                     {func(c *config.Config) { c.Limits.MaxDuration = 0 }, "limits.max-duration: must be positive"},
		"engine elsewhere":            {engine("gpu", "https://gpu.example/v1", "KEY"), ""},
		"engine of another protocol":  {engine("gpu", "grpc://gpu.example", ""), "engines.gpu.url: want an http or https address"},
		"engine without a host":       {engine("gpu", "http://", ""), "engines.gpu.url: want an http or https address"},
		"engine with a password":      {engine("gpu", "https://me:secret@gpu.example", ""), "engines.gpu.url: must not hold a password"},
		"engine without an address":   {engine("gpu", "", ""), "engines.gpu.url: must be set"},
		"a token in place of a name":  {engine("local", "", "sk-123"), "engines.local.token-env: must be the name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := config.Default()
			tt.spoil(&c)

			err := c.Validate()

			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

// engine adds an engine to a Config.
func engine(name, url, tokenEnv string) func(*config.Config) {
	return func(c *config.Config) { c.Engines[name] = config.Engine{URL: url, TokenEnv: tokenEnv} }
}

func TestPlacesFollowData(t *testing.T) {
	c := config.Default()
	c.Data = "here"
	require.Equal(t, filepath.Join("here", "blobs"), c.StoreDir())
	require.Equal(t, filepath.Join("here", "records.db"), c.RecordsFile())

	c.Store, c.Records = "media", "books.db"
	require.Equal(t, "media", c.StoreDir())
	require.Equal(t, "books.db", c.RecordsFile())
}

func TestOriginOfNoSetting(t *testing.T) {
	require.Empty(t, config.Default().Origin("colour"))
	require.Equal(t, "default", config.Default().Origin("engines.local.url"))
}

// Whatever a file holds, Load answers with settings that work or says why not.
func FuzzLoadFile(f *testing.F) {
	example, err := os.ReadFile(exampleFile)
	require.NoError(f, err)
	f.Add(string(example))
	f.Add("engines = 3")
	f.Add("[[engines.local]]")
	f.Add("engines.a = []\n[engines.b]")
	f.Add("host.command = [\"\", 1]")
	f.Fuzz(func(t *testing.T, content string) {
		name := settingsFile(t, content)
		c, err := load(t, nil, "--config", name)
		if err != nil {
			require.ErrorContains(t, err, "settings:")
			require.Nil(t, c.Engines, "nothing to go on with")
			return
		}
		require.NoError(t, c.Validate())
	})
}
