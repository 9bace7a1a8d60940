package engine_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

// lister is an engine that lists models, or does not answer.
type lister struct {
	engine.Engine
	models []engine.Model
	err    error
}

func (l *lister) Models(context.Context) ([]engine.Model, error) { return l.models, l.err }

func model(id string, can engine.Capability, version string, languages ...string) engine.Model {
	return engine.Model{ID: id, Capability: can, Version: version, Weights: "w", Languages: languages}
}

// pool is two engines that both offer translation, and one that is down.
func pool() (engine.Pool, *lister, *lister, *lister) {
	first := &lister{models: []engine.Model{model("mt", engine.CanTranslate, "1", "en>fr", "en>de"), model("asr", engine.CanTranscribe, "1", "en")}}
	second := &lister{models: []engine.Model{model("mt", engine.CanTranslate, "1", "en>fr"), model("mt-2", engine.CanTranslate, "7", "en>pt")}}
	down := &lister{err: fault.New(fault.Busy, "models", "starting")}
	return engine.Pool{first, second}, first, second, down
}

func TestFingerprintHoldsWhatChangesResults(t *testing.T) {
	require.Equal(t, "mt@1#w", model("mt", engine.CanTranslate, "1").Fingerprint())
}

func TestPoolModels(t *testing.T) {
	p, _, _, down := pool()

	models, err := p.Models(t.Context())
	none, empty := engine.Pool{}.Models(t.Context())
	_, failed := append(p, down).Models(t.Context())

	require.NoError(t, err)
	ids := make([]string, len(models))
	for i, m := range models {
		ids[i] = m.ID
	}
	require.Equal(t, []string{"mt", "asr", "mt", "mt-2"}, ids)
	require.NoError(t, empty)
	require.Empty(t, none)
	require.Equal(t, fault.Busy, fault.Of(failed), "a plan does not depend on who is up")
}

func TestPoolServing(t *testing.T) {
	p, first, second, down := pool()
	tests := map[string]struct {
		pool            engine.Pool
		id, fingerprint string
		want            engine.Engine
		kind            fault.Kind
	}{
		"the first of two":                   {p, "mt", "mt@1#w", first, ""},
		"the only one":                       {p, "mt-2", "mt-2@7#w", second, ""},
		"another version":                    {p, "mt", "mt@2#w", nil, fault.Missing},
		"another model of that fingerprint":  {p, "mt-3", "mt@1#w", nil, fault.Missing},
		"no engine at all":                   {nil, "mt", "mt@1#w", nil, fault.Missing},
		"an engine that is down hinders not": {engine.Pool{down, second, first}, "mt", "mt@1#w", second, ""},
		"perhaps the one that is down":       {engine.Pool{first, down, second}, "tts", "tts@1#w", nil, fault.Busy},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.pool.Serving(t.Context(), tt.id, tt.fingerprint)

			require.Equal(t, tt.kind, fault.Of(err))
			require.Equal(t, tt.want, got)
			if tt.kind == fault.Missing {
				require.ErrorContains(t, err, "no configured engine serves "+tt.fingerprint)
			}
		})
	}
}

func TestPoolFind(t *testing.T) {
	p, _, _, down := pool()
	speaks := func(pair string) func(engine.Model) bool {
		return func(m engine.Model) bool { return slices.Contains(m.Languages, pair) }
	}

	first, err := p.Find(t.Context(), engine.CanTranslate, "en>fr", speaks("en>fr"))
	require.NoError(t, err)
	later, err := p.Find(t.Context(), engine.CanTranslate, "en>pt", speaks("en>pt"))
	require.NoError(t, err)
	_, unknown := p.Find(t.Context(), engine.CanTranslate, "en>tlh", speaks("en>tlh"))
	_, unable := p.Find(t.Context(), engine.CanLipSync, "fr", speaks("fr"))
	_, failed := append(p, down).Find(t.Context(), engine.CanTranslate, "en>fr", speaks("en>fr"))

	require.Equal(t, []string{"mt@1#w", "mt-2@7#w"}, []string{first.Fingerprint(), later.Fingerprint()})
	require.EqualError(t, unknown, "engine: no configured engine offers translation for en>tlh; offered: en>de, en>fr, en>pt")
	require.EqualError(t, unable, "engine: no configured engine offers lipsync for fr; offered: nothing")
	require.Equal(t, []fault.Kind{fault.Missing, fault.Missing, fault.Busy}, []fault.Kind{fault.Of(unknown), fault.Of(unable), fault.Of(failed)})
}
