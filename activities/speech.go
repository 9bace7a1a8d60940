package activities

import (
	"context"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
)

// FindSpeech finds where people speak and in which language. A programme
// without speech has no items: an outcome, not an error.
//
// The programme's language is w.From, or else the one heard longest.
func (p *Parts) FindSpeech(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	_, stop := pulse(ctx, 0)
	defer stop()

	key := script.Key("speech", w.Model.Fingerprint, in.Speech.SHA256)
	r, _, err := p.pay(ctx, w.Job, "speech-regions", key, w.Model, func(ctx context.Context) (store.Result, error) {
		dir, done, err := p.room()
		if err != nil {
			return store.Result{}, err
		}
		defer done()
		wav, err := p.fetch(ctx, in.Speech, dir, "speech.wav")
		if err != nil {
			return store.Result{}, err
		}
		e, err := p.engineFor(ctx, w.Model)
		if err != nil {
			return store.Result{}, err
		}
		found, err := e.FindSpeech(ctx, w.Model.ID, wav)
		if err != nil {
			return store.Result{}, err
		}
		var regions []contract.SpeechRegion
		for _, r := range found {
			regions = append(regions, contract.SpeechRegion{Start: r.Start, End: r.End, Language: r.Language, Probability: r.Probability})
		}
		return p.result(ctx, regions, in.Cut.Duration().Seconds(), "second")
	})
	if err != nil {
		return contract.Made{}, err
	}
	regions, err := made[[]contract.SpeechRegion](ctx, p, r)
	if err != nil {
		return contract.Made{}, err
	}
	out := contract.SpeechRegions{Language: w.From, Regions: regions}
	if out.Language == "" {
		out.Language = mostHeard(regions)
	}
	doc, err := p.save(ctx, out)
	return contract.Made{Doc: doc, Items: len(regions), Language: out.Language}, err
}

// certain is the probability below which a language goes to a person. Measured
// on Whisper base: right above it on every sample, wrong at times below.
const certain = 0.8

// mostHeard is the language that certain regions hold the most of, "" for none.
func mostHeard(regions []contract.SpeechRegion) string {
	heard := map[string]time.Duration{}
	best := ""
	for _, floor := range []float64{certain, 0} {
		for _, r := range regions {
			if r.Language == "" || r.Probability < floor {
				continue
			}
			heard[r.Language] += r.End - r.Start
			if heard[r.Language] > heard[best] {
				best = r.Language
			}
		}
		if best != "" {
			return best
		}
	}
	return ""
}
