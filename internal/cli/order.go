package cli

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// jobID is what a job may be called: it becomes part of workflow ids, file
// names and addresses.
var jobID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// orderFlags are the flags of start that make an order.
type orderFlags struct {
	file     string // of the order as JSON, "-" for stdin
	job      string
	title    string
	customer string
	series   string
	from     string
	to       []string
	services []string
	me       string
	profile  string
	gates    []string // gate=policy
	cast     []string // character=voice
	due      string
}

func (o *orderFlags) bind(flags *pflag.FlagSet) {
	flags.StringSliceVar(&o.to, "to", nil, "target `languages`, such as pt-BR,es")
	flags.StringVar(&o.from, "from", "", "`language` of the programme (default: heard from it)")
	flags.StringSliceVar(&o.services, "services", nil, "what to make: `list` of subs, dub, lipsync")
	flags.StringVar(&o.title, "title", "", "code `name` of the title; stored in clear (default: the file's name)")
	flags.StringVar(&o.customer, "customer", "", "code `name` of the customer; stored in clear")
	flags.StringVar(&o.series, "series", "", "code `name` of the series; stored in clear")
	flags.StringVar(&o.me, "me", "", "the client's music and effects, a `file`")
	flags.StringVar(&o.profile, "profile", "", "`name` of the subtitle limits (default: netflix)")
	flags.StringArrayVar(&o.gates, "gate", nil, "`gate=policy`: required, automatic-when-clean or off; may be repeated")
	flags.StringArrayVar(&o.cast, "cast", nil, "`character=voice`, such as S1=pf_dora; may be repeated")
	flags.StringVar(&o.due, "due", "", "`date` of delivery: 2006-01-02 (the end of that day, local time) or RFC 3339")
	flags.StringVar(&o.job, "job", "", "`id` of the job (default: made from the title)")
	flags.StringVar(&o.file, "order", "", "the order as a JSON `file`, - for stdin; other flags go over it")
}

// order is what the flags ask for of the file named source; "" takes the source
// of the order file. Everything that is wrong with it is reported at once.
func (o *orderFlags) order(source string, stdin io.Reader, now time.Time) (contract.Order, error) {
	order, err := o.base(stdin)
	if err != nil {
		return contract.Order{}, err
	}
	for _, set := range []struct {
		to   *string
		flag string
	}{
		{&order.Source, source},
		{&order.Job, o.job},
		{&order.Title, o.title},
		{&order.Customer, o.customer},
		{&order.Series, o.series},
		{&order.SourceLanguage, o.from},
		{&order.MusicEffects, o.me},
		{&order.Profile, o.profile},
	} {
		if set.flag != "" {
			*set.to = set.flag
		}
	}
	o.lists(&order)
	errs := []error{o.pairs(&order), o.date(&order, now)}
	if order.Title == "" && order.Source != "" {
		order.Title = strings.TrimSuffix(filepath.Base(order.Source), filepath.Ext(order.Source))
	}
	if order.Job == "" {
		order.Job = newJobID(order.Title)
	}
	errs = append(errs, check(&order))
	if err := errors.Join(errs...); err != nil {
		return contract.Order{}, &exit{exitUsage, err}
	}
	return order, nil
}

// base reads the order file, where one is named.
func (o *orderFlags) base(stdin io.Reader) (order contract.Order, err error) {
	in := stdin
	switch o.file {
	case "":
		return order, nil
	case "-":
	default:
		f, err := os.Open(o.file)
		if err != nil {
			return order, usagef("--order: %w", err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	if err := decodeStrictly(in, &order); err != nil {
		return order, usagef("--order %s: %w", o.file, err)
	}
	return order, nil
}

// decodeStrictly reads one JSON value without fields that v does not have.
func decodeStrictly(in io.Reader, v any) error {
	dec := json.NewDecoder(in)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the first value")
	}
	return nil
}

func (o *orderFlags) lists(order *contract.Order) {
	if len(o.to) > 0 {
		order.Languages = o.to
	}
	if len(o.services) > 0 {
		order.Services = nil
		for _, s := range o.services {
			order.Services = append(order.Services, contract.Service(strings.TrimSpace(s)))
		}
	}
}

func (o *orderFlags) pairs(order *contract.Order) error {
	var errs []error
	for _, pair := range o.gates {
		name, policy, ok := strings.Cut(pair, "=")
		if !ok {
			errs = append(errs, fmt.Errorf("--gate %s: want GATE=POLICY, such as premix=automatic-when-clean", pair))
			continue
		}
		if order.Gates == nil {
			order.Gates = map[gate.Name]gate.Policy{}
		}
		order.Gates[gate.Name(name)] = gate.Policy(policy)
	}
	for _, pair := range o.cast {
		character, voice, ok := strings.Cut(pair, "=")
		if !ok || character == "" || voice == "" {
			errs = append(errs, fmt.Errorf("--cast %s: want CHARACTER=VOICE, such as S1=pf_dora", pair))
			continue
		}
		if order.Casting == nil {
			order.Casting = map[string]string{}
		}
		order.Casting[character] = voice
	}
	return errors.Join(errs...)
}

func (o *orderFlags) date(order *contract.Order, now time.Time) error {
	if o.due == "" {
		return nil
	}
	due, err := time.Parse(time.RFC3339, o.due)
	if err != nil {
		day, dayErr := time.ParseInLocation(time.DateOnly, o.due, now.Location())
		if dayErr != nil {
			return fmt.Errorf("--due %s: want a date such as 2026-12-24 or 2026-12-24T18:00:00+01:00", o.due)
		}
		due = day.AddDate(0, 0, 1).Add(-time.Second)
	}
	if due.Before(now) {
		return fmt.Errorf("--due %s: is over", o.due)
	}
	order.Due = due.UTC()
	return nil
}

// newJobID is short and readable, and no other job has it.
func newJobID(title string) string {
	id := uuid.New()
	return slug(title) + "-" + hex.EncodeToString(id[:3])
}

// slug is a title in small letters, digits and single dashes, at most 40 long.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String()[:min(40, b.Len())], "-")
	if s == "" {
		return "job"
	}
	return s
}
