package activities

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/store"
)

const opAdmit = "admission"

// jobID is what a job may be called: it becomes part of workflow ids.
var jobID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Admit checks an order before anything is spent: that it can be understood,
// that engines offer what it asks for, and puts it on record. All that is wrong
// with the order itself is reported at once.
func (p *Parts) Admit(ctx context.Context, o contract.Order) (contract.Admission, error) {
	if faults := orderFaults(o); len(faults) > 0 {
		return contract.Admission{}, fault.New(fault.Invalid, opAdmit, "%s", strings.Join(faults, "; "))
	}
	find, err := p.Engines.Find(ctx, engine.CanFindSpeech, name(""), speaks(""))
	if err != nil {
		return contract.Admission{}, err
	}
	hear, err := p.Engines.Find(ctx, engine.CanTranscribe, name(o.SourceLanguage), speaks(o.SourceLanguage))
	if err != nil {
		return contract.Admission{}, err
	}
	for _, to := range o.Languages {
		if err := p.admitLanguage(ctx, o, to); err != nil {
			return contract.Admission{}, err
		}
	}
	order, err := json.Marshal(o)
	if err != nil {
		return contract.Admission{}, fault.New(fault.Broken, opAdmit, "encode order: %w", err)
	}
	if err := p.Records.PutJob(ctx, store.Job{ID: o.Job, Title: o.Title, Order: order, CreatedAt: p.Now()}); err != nil {
		return contract.Admission{}, err
	}
	return contract.Admission{FindSpeech: model(find), Transcribe: model(hear)}, nil
}

// admitLanguage refuses a language for which an engine is missing.
func (p *Parts) admitLanguage(ctx context.Context, o contract.Order, to string) error {
	pair := func(m engine.Model) bool { return translates(m, o.SourceLanguage, to) }
	if _, err := p.Engines.Find(ctx, engine.CanTranslate, name(o.SourceLanguage)+">"+to, pair); err != nil {
		return err
	}
	if o.Wants(contract.Dub) {
		for _, can := range []engine.Capability{engine.CanSpeak, engine.CanTranscribe} { // the dub is listened to
			if _, err := p.Engines.Find(ctx, can, to, speaks(to)); err != nil {
				return err
			}
		}
	}
	if o.Wants(contract.LipSync) {
		if _, err := p.Engines.Find(ctx, engine.CanLipSync, to, speaks("")); err != nil {
			return err
		}
	}
	return nil
}

func orderFaults(o contract.Order) []string {
	var faults []string
	add := func(s string) { faults = append(faults, s) }
	if !jobID.MatchString(o.Job) {
		add("job: letters, digits, dots, dashes and underscores alone, at most 100, and a letter or digit first")
	}
	if o.Source == "" {
		add("source: name the master file")
	}
	if _, err := language.Parse(o.SourceLanguage); err != nil && o.SourceLanguage != "" {
		add("sourceLanguage: " + o.SourceLanguage + " is no BCP 47 tag")
	}
	if len(o.Languages) == 0 {
		add(`languages: name at least one, such as "pt-BR"`)
	}
	for i, to := range o.Languages {
		if _, err := language.Parse(to); err != nil {
			add("languages: " + to + " is no BCP 47 tag")
		}
		if slices.ContainsFunc(o.Languages[:i], func(other string) bool { return strings.EqualFold(other, to) }) {
			add("languages: " + to + " stands there twice")
		}
		if o.SourceLanguage != "" && sameLanguage(o.SourceLanguage, to) {
			add("languages: " + to + " is the language of the programme")
		}
	}
	if len(o.Services) == 0 {
		add("services: order at least one of subs, dub, lipsync")
	}
	for _, s := range o.Services {
		if !slices.Contains(contract.Services(), s) {
			add("services: unknown service " + string(s) + "; there are subs, dub, lipsync")
		}
	}
	if o.Wants(contract.LipSync) && !o.Wants(contract.Dub) {
		add("services: lipsync needs dub")
	}
	if _, err := timedtext.LimitsFor(profile(o.Profile), "", timedtext.Adult); err != nil {
		add("profile: " + err.Error())
	}
	for gateName, policy := range o.Gates { // order does not matter: faults are sorted below
		if !slices.Contains(gate.Names(), gateName) {
			add("gates: unknown gate " + string(gateName))
		}
		if !policy.Valid() {
			add("gates: unknown policy " + string(policy) + " of " + string(gateName) + "; there are required, automatic-when-clean, off")
		}
	}
	slices.Sort(faults)
	return faults
}

// speaks accepts models that offer a language; "" accepts every model. A model
// that names no languages offers all.
func speaks(tag string) func(engine.Model) bool {
	return func(m engine.Model) bool {
		if tag == "" || len(m.Languages) == 0 {
			return true
		}
		return slices.ContainsFunc(m.Languages, func(have string) bool { return offers(have, tag) })
	}
}

// translates reports whether m offers the pair; from "" stands for any source.
func translates(m engine.Model, from, to string) bool {
	return slices.ContainsFunc(m.Languages, func(pair string) bool {
		a, b, ok := strings.Cut(pair, ">")
		return ok && (from == "" || offers(a, from)) && offers(b, to)
	})
}

// offers reports whether a model's language serves a wish: the same tag, or the
// bare language where the model names no region ("en" serves "en-GB").
func offers(have, want string) bool {
	base, _, regional := strings.Cut(have, "-")
	wish, _, _ := strings.Cut(want, "-")
	return strings.EqualFold(have, want) || !regional && strings.EqualFold(base, wish) ||
		regional && strings.EqualFold(base, want)
}

func sameLanguage(a, b string) bool { return offers(a, b) || offers(b, a) }

// name is a language for people.
func name(tag string) string {
	if tag == "" {
		return "any language"
	}
	return tag
}

// profile is the subtitle profile of an order.
func profile(ordered string) string {
	if ordered == "" {
		return "netflix"
	}
	return ordered
}
