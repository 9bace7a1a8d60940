package activities

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/dub"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/store"
)

// spoken is a stored take, free of where it stands in the programme.
type spoken struct {
	Audio    script.Blob      `json:"audio"`
	Natural  time.Duration    `json:"natural"`
	Duration time.Duration    `json:"duration"`
	Method   dub.Method       `json:"method"`
	Phonemes []script.Phoneme `json:"phonemes,omitempty"`
}

// takeKeys are the result keys of a line: of the take at its natural length,
// which serves every slot it fits in, and of the take fitted to this slot.
func takeKeys(w contract.Work, l script.DubLine) (natural, fitted string) {
	parts := []string{w.Model.Fingerprint, l.Voice, w.To, l.Text}
	slot := strconv.FormatInt(l.Slot.Milliseconds(), 10)
	return script.Key("take", parts...), script.Key("take", append(parts, slot)...)
}

// Synthesize voices a batch of lines of the dub script, each stored under its
// own key as soon as it is made. A line that is too long for its slot at the
// fastest natural speed is an outcome: a person shortens it.
func (p *Parts) Synthesize(ctx context.Context, w contract.Work) (contract.Batch, error) {
	s, err := load[script.DubScript](ctx, p, w.Doc(contract.StageDubScript))
	if err != nil {
		return contract.Batch{}, err
	}
	e, err := p.engineFor(ctx, w.Model)
	if err != nil {
		return contract.Batch{}, err
	}
	lines := slice(s.Lines, w.First, w.Count)
	step, stop := pulse(ctx, len(lines))
	defer stop()
	return each(ctx, lines, step, func(ctx context.Context, l script.DubLine) (string, bool, error) {
		reused, err := p.voice(ctx, w, e, l)
		return l.Event, reused, err
	})
}

// voice makes one line, unless the store has it.
func (p *Parts) voice(ctx context.Context, w contract.Work, e engine.Speaker, l script.DubLine) (reused bool, err error) {
	natural, fitted := takeKeys(w, l)
	if _, key, err := p.take(ctx, natural, fitted, l.Slot); key != "" || err != nil {
		return key != "", err
	}
	r, reused, err := p.pay(ctx, w.Job, "speech", fitted, w.Model, func(ctx context.Context) (store.Result, error) {
		out, err := e.Speak(ctx, engine.SpeakRequest{
			Model: w.Model.ID, Voice: l.Voice, Language: w.To, Text: l.Text, Limit: l.Slot, Key: fitted,
		})
		if err != nil {
			return store.Result{}, err
		}
		t, err := p.fit(ctx, out, l.Slot)
		if err != nil {
			return store.Result{}, err
		}
		return resultOf(t, []string{t.Audio.SHA256}, out.Duration.Seconds(), "second")
	})
	if err != nil {
		return reused, err
	}
	t, err := madeOf[spoken](r)
	if err != nil || t.Method != dub.Natural {
		return reused, err
	}
	// The natural take serves other slots too: the same result under its other name.
	r.Key, r.Kind, r.Unit, r.Units, r.CostMicroUSD, r.Millis = natural, "speech-alias", "", 0, 0, 0
	_, err = p.Records.PutResult(ctx, store.Lease{Key: natural, Owner: p.Owner}, r)
	return reused, err
}

// take finds a stored take that fills a slot, and the key it is stored under; ""
// where there is none.
func (p *Parts) take(ctx context.Context, natural, fitted string, slot time.Duration) (t spoken, key string, err error) {
	results, err := p.Records.Results(ctx, []string{natural, fitted})
	if err != nil {
		return spoken{}, "", err
	}
	for _, key := range []string{natural, fitted} {
		r, ok := results[key]
		if !ok {
			continue
		}
		t, err := madeOf[spoken](r)
		if err != nil {
			return spoken{}, "", err
		}
		if key == fitted || t.Duration <= slot {
			return t, key, nil
		}
	}
	return spoken{}, "", nil
}

// fit brings what the engine spoke to its slot, where that sounds natural, and
// stores it.
func (p *Parts) fit(ctx context.Context, out engine.Spoken, slot time.Duration) (spoken, error) {
	plan := dub.Fit(out.Natural, slot)
	t := spoken{Natural: out.Natural, Duration: out.Duration, Method: plan.Method}
	for _, ph := range out.Phonemes {
		t.Phonemes = append(t.Phonemes, script.Phoneme(ph))
	}
	wav := out.WAV
	if plan.Method != dub.Natural && plan.Method != dub.Refused && out.Duration > slot {
		stretched, err := p.stretch(ctx, out.WAV, slot)
		if err != nil {
			return spoken{}, err
		}
		scale := float64(slot) / float64(out.Duration)
		for i := range t.Phonemes {
			t.Phonemes[i].Start = time.Duration(float64(t.Phonemes[i].Start) * scale)
			t.Phonemes[i].End = time.Duration(float64(t.Phonemes[i].End) * scale)
		}
		wav, t.Duration, t.Method = stretched, slot, dub.Stretch
	}
	b, err := p.Blobs.Put(ctx, bytes.NewReader(wav))
	b.Type = "audio/wav"
	t.Audio = b
	return t, err
}

// stretch changes the length of a WAV without its pitch.
func (p *Parts) stretch(ctx context.Context, wav []byte, to time.Duration) ([]byte, error) {
	dir, done, err := p.room()
	if err != nil {
		return nil, err
	}
	defer done()
	in, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, "out.wav")
	if err := os.WriteFile(in, wav, 0o600); err != nil {
		return nil, fault.New(fault.Broken, "fit", "%w", err)
	}
	if err := p.Media.Stretch(ctx, in, out, to); err != nil {
		return nil, err
	}
	stretched, err := os.ReadFile(out)
	if err != nil {
		return nil, fault.New(fault.Broken, "fit", "%w", err)
	}
	return stretched, nil
}

// AssembleTakes lists the take of every line of the dub script, and for each
// line without a usable one the reason.
func (p *Parts) AssembleTakes(ctx context.Context, w contract.Work) (contract.Made, error) {
	s, err := load[script.DubScript](ctx, p, w.Doc(contract.StageDubScript))
	if err != nil {
		return contract.Made{}, err
	}
	takes := script.Takes{Language: s.Language}
	for _, l := range s.Lines {
		natural, fitted := takeKeys(w, l)
		t, key, err := p.take(ctx, natural, fitted, l.Slot)
		switch {
		case err != nil:
			return contract.Made{}, err
		case key == "":
			takes.Failures = append(takes.Failures, failureOf(w.Failures, l.Event))
		case t.Method == dub.Refused:
			takes.Failures = append(takes.Failures, script.Failure{Event: l.Event, Kind: string(fault.Refused), Reason: dub.FitLine(l.Text, t.Natural, l.Slot).Reason})
		default:
			takes.Takes = append(takes.Takes, placed(l, t, key))
		}
	}
	doc, err := p.save(ctx, takes)
	labels := append(gradeLabels("voice", w.Model), "synthetic voice: "+w.Model.ID)
	return contract.Made{Doc: doc, Items: len(takes.Takes), Labels: labels}, err
}

// placed is a take where its first sound meets that of the original.
func placed(l script.DubLine, t spoken, key string) script.Take {
	var silence time.Duration
	if len(t.Phonemes) > 0 {
		silence = t.Phonemes[0].Start
	}
	residual, _ := dub.Fit(t.Natural, l.Slot).Residual(t.Duration)
	return script.Take{
		Event: l.Event, Kind: script.EngineTake, Key: key, Audio: t.Audio, Start: max(0, l.Start-silence), Slot: l.Slot,
		Natural: t.Natural, Duration: t.Duration, Method: string(t.Method),
		Ratio: float64(t.Natural) / float64(t.Duration), Residual: residual, Phonemes: t.Phonemes,
	}
}
