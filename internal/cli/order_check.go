package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// check reports what is wrong with an order, as far as this machine can tell,
// and makes its paths absolute and its language tags regular.
func check(o *contract.Order) error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	var err error
	if o.Source == "" {
		add("name the programme: babelreel start FILE --to pt-BR --services subs,dub")
	} else if o.Source, err = file("programme", o.Source); err != nil {
		errs = append(errs, err)
	}
	if o.MusicEffects != "" {
		if o.MusicEffects, err = file("music and effects", o.MusicEffects); err != nil {
			errs = append(errs, err)
		}
	}
	if !jobID.MatchString(o.Job) {
		add("--job %q: want at most 100 letters, digits, dots, dashes and underscores, a letter or digit first", o.Job)
	}
	if len(o.Languages) == 0 {
		add("--to: name at least one language, such as pt-BR")
	}
	for i, tag := range o.Languages {
		if o.Languages[i], err = regular(tag); err != nil {
			add("--to %s: %w", tag, err)
		} else if slices.Contains(o.Languages[:i], o.Languages[i]) {
			add("--to: %s is named twice", o.Languages[i])
		}
	}
	if o.SourceLanguage != "" {
		if o.SourceLanguage, err = regular(o.SourceLanguage); err != nil {
			add("--from: %w", err)
		}
	}
	if len(o.Services) == 0 {
		add("--services: order at least one of %s", join(contract.Services()))
	}
	for _, s := range o.Services {
		if !slices.Contains(contract.Services(), s) {
			add("--services: there is no service %q; there are %s", s, join(contract.Services()))
		}
	}
	if o.Wants(contract.LipSync) && !o.Wants(contract.Dub) {
		add("--services: lipsync needs dub")
	}
	for _, name := range gateNames(o.Gates) {
		if !slices.Contains(gate.Names(), name) {
			add("--gate: there is no gate %q; there are %s", name, join(gate.Names()))
		}
		if !o.Gates[name].Valid() {
			add("--gate %s: there is no policy %q; there are required, automatic-when-clean and off", name, o.Gates[name])
		}
	}
	return errors.Join(errs...)
}

func gateNames(gates map[gate.Name]gate.Policy) []gate.Name {
	names := make([]gate.Name, 0, len(gates))
	for name := range gates {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// file is the absolute path of a file with something in it.
func file(what, path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, fmt.Errorf("%s: there is no file %s", what, path)
	case err != nil:
		return path, fmt.Errorf("%s: %w", what, err)
	case !info.Mode().IsRegular():
		return path, fmt.Errorf("%s: %s is not a file", what, path)
	case info.Size() == 0:
		return path, fmt.Errorf("%s: %s is empty", what, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return path, fmt.Errorf("%s: %w", what, err)
	}
	return absolute(path, f.Close())
}

func absolute(path string, err error) (string, error) {
	if err != nil {
		return path, err
	}
	return filepath.Abs(path)
}

// regular is a BCP 47 tag as it is written: pt-BR for pt-br.
func regular(tag string) (string, error) {
	parsed, err := language.Raw.Parse(strings.TrimSpace(tag))
	if err != nil {
		return tag, fmt.Errorf("%q is no language tag of BCP 47, such as pt-BR", tag)
	}
	return parsed.String(), nil
}

// join is a list for people.
func join[S ~string](list []S) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
