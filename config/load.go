package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/pflag"
)

// fileEnv names the settings file where no --config flag does.
const fileEnv = "BABELREEL_CONFIG"

// engineName is what an engine may be called: it becomes part of environment
// variables, where a dash is an underscore.
var engineName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Bind adds a flag for every setting but those of engines to fs, and --config
// for the settings file. Load reads them after fs was parsed.
func Bind(fs *pflag.FlagSet) {
	fs.String("config", "", "settings `file` (TOML); also "+fileEnv)
	c := Default()
	for _, f := range c.fixedFields() {
		fs.Var(f.value, f.flag(), f.usage)
	}
}

// Load reads the settings: flags from fs, which Bind prepared and which was
// parsed, environment variables through getenv, and the file that one of them
// names. It reports every fault at once, each with the place where it was set.
// On an error the Config is the zero value.
func Load(fs *pflag.FlagSet, getenv func(string) string) (Config, error) {
	c := Default()
	c.origins = map[string]string{}

	errs := []error{
		c.readFile(fs, getenv),
		c.readEnv(getenv),
		c.readFlags(fs),
	}
	if err := errors.Join(append(errs, c.Validate())...); err != nil {
		return Config{}, fmt.Errorf("settings:\n%w", err)
	}
	return c, nil
}

// readFile takes what the file named by flag or environment sets, if there is one.
func (c *Config) readFile(fs *pflag.FlagSet, getenv func(string) string) error {
	name := getenv(fileEnv)
	if flag := fs.Lookup("config"); flag != nil && flag.Changed {
		name = flag.Value.String()
	}
	if name == "" {
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return c.readTOML(name, data)
}

// readTOML takes what data, the content of the file called name, sets.
func (c *Config) readTOML(name string, data []byte) error {
	var root map[string]any
	if err := toml.Unmarshal(data, &root); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	var errs []error
	engines, _ := root["engines"].(map[string]any)
	for _, engine := range slices.Sorted(maps.Keys(engines)) {
		if !engineName.MatchString(engine) {
			errs = append(errs, fmt.Errorf("%s: engines.%s: a name is small letters, digits and single dashes", name, engine))
			delete(engines, engine)
			continue
		}
		if _, ok := c.Engines[engine]; !ok {
			c.Engines[engine] = Engine{}
		}
	}

	found := flatten("", root)
	for _, f := range c.fields() {
		v, ok := found[f.key]
		if !ok {
			continue
		}
		delete(found, f.key)
		if err := f.value.Decode(v); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", name, f.key, err))
			continue
		}
		c.origins[f.key] = "file " + name
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if table, ok := found[key].(map[string]any); ok && len(table) == 0 && c.hasTable(key) {
			continue
		}
		errs = append(errs, fmt.Errorf("%s: %s: there is no such setting", name, key))
	}
	return errors.Join(errs...)
}

// hasTable reports whether key is a table of settings.
func (c *Config) hasTable(key string) bool {
	return key == "engines" || slices.ContainsFunc(c.fields(), func(f field) bool {
		return strings.HasPrefix(f.key, key+".")
	})
}

// flatten is the values below table by their dotted keys. An empty table is a
// value of its own.
func flatten(prefix string, table map[string]any) map[string]any {
	flat := map[string]any{}
	for key, v := range table {
		if inner, ok := v.(map[string]any); ok && len(inner) > 0 {
			maps.Copy(flat, flatten(prefix+key+".", inner))
			continue
		}
		flat[prefix+key] = v
	}
	return flat
}

// readEnv takes what the environment sets. It knows only the engines that the
// file or the default name.
func (c *Config) readEnv(getenv func(string) string) error {
	var errs []error
	for _, f := range c.fields() {
		v := getenv(f.env())
		if v == "" {
			continue
		}
		if err := f.value.Set(v); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", f.env(), err))
			continue
		}
		c.origins[f.key] = "environment " + f.env()
	}
	return errors.Join(errs...)
}

// readFlags takes what the command line sets.
func (c *Config) readFlags(fs *pflag.FlagSet) error {
	var errs []error
	for _, f := range c.fixedFields() {
		flag := fs.Lookup(f.flag())
		if flag == nil || !flag.Changed {
			continue
		}
		if err := f.value.Set(flag.Value.String()); err != nil {
			errs = append(errs, fmt.Errorf("--%s: %w", f.flag(), err))
			continue
		}
		c.origins[f.key] = "flag --" + f.flag()
	}
	return errors.Join(errs...)
}
