package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// value is one place in a Config, in the form of pflag.Value and more.
type value interface {
	// String is the value as Set reads it.
	String() string
	// Set takes the value from a flag or an environment variable.
	Set(s string) error
	// Decode sets the value from what the TOML reader made of it.
	Decode(v any) error
	// Type names the kind of value in --help.
	Type() string
}

// text is a string.
type text string

func (t *text) String() string     { return string(*t) }
func (t *text) Type() string       { return "string" }
func (t *text) Set(s string) error { *t = text(s); return nil }

func (t *text) Decode(v any) error {
	s, ok := v.(string)
	if !ok {
		return wrongType("a string", v)
	}
	return t.Set(s)
}

// span is a duration, written as Go writes it: "1h30m".
type span time.Duration

func (d *span) String() string { return time.Duration(*d).String() }
func (d *span) Type() string   { return "duration" }

func (d *span) Set(s string) error {
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf(`want a time such as "30s" or "1h30m", is %q`, s)
	}
	*d = span(parsed)
	return nil
}

func (d *span) Decode(v any) error {
	s, ok := v.(string)
	if !ok {
		return wrongType(`a string such as "30s"`, v)
	}
	return d.Set(s)
}

// whole is a whole number.
type whole[N int | int64] struct{ n *N }

func (w whole[N]) String() string { return strconv.FormatInt(int64(*w.n), 10) }
func (w whole[N]) Type() string   { return "int" }

func (w whole[N]) Set(s string) error {
	parsed, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fmt.Errorf("want a whole number, is %q", s)
	}
	return w.Decode(parsed)
}

func (w whole[N]) Decode(v any) error {
	i, ok := v.(int64)
	if !ok {
		return wrongType("a whole number", v)
	}
	if int64(N(i)) != i {
		return fmt.Errorf("%d is too large for this machine", i)
	}
	*w.n = N(i)
	return nil
}

// list is several strings: separated by commas outside the file. A string
// without any text is the empty list.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }
func (l *list) Type() string   { return "strings" }

func (l *list) Set(s string) error {
	*l = nil
	if strings.TrimSpace(s) == "" {
		return nil
	}
	for part := range strings.SplitSeq(s, ",") {
		*l = append(*l, strings.TrimSpace(part))
	}
	return nil
}

func (l *list) Decode(v any) error {
	items, ok := v.([]any)
	if !ok {
		return wrongType("a list of strings", v)
	}
	parts := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return wrongType("a list of strings", v)
		}
		parts = append(parts, s)
	}
	*l = parts
	return nil
}

// engineText is a string of one engine. It goes through the map, because a
// value in a map has no address.
type engineText struct {
	engines map[string]Engine
	name    string
	pick    func(*Engine) *string
}

func (t *engineText) Type() string { return "string" }

func (t *engineText) String() string {
	e := t.engines[t.name]
	return *t.pick(&e)
}

func (t *engineText) Set(s string) error {
	e := t.engines[t.name]
	*t.pick(&e) = s
	t.engines[t.name] = e
	return nil
}

func (t *engineText) Decode(v any) error {
	s, ok := v.(string)
	if !ok {
		return wrongType("a string", v)
	}
	return t.Set(s)
}

// wrongType says what was found in the file in place of what is wanted.
func wrongType(want string, v any) error {
	switch v := v.(type) {
	case string:
		return fmt.Errorf("want %s, is the string %q", want, v)
	case map[string]any, []map[string]any:
		return fmt.Errorf("want %s, is a table", want)
	default:
		return fmt.Errorf("want %s, is %v", want, v)
	}
}
