package activities

import (
	"context"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/store"
)

// lineKey is the result key of one translated line. A line is translated by
// itself, so that an edit of one never makes its neighbours stale.
func lineKey(w contract.Work, text string) string {
	return script.Key("translation", w.Model.Fingerprint, w.From, w.To, text)
}

// Translate translates a batch of the localized lines of the dialogue list and
// stores each under its own key. A line that the engine declines is an outcome
// of its own; an engine that is busy or down fails the batch, and the next
// attempt asks only for what is missing.
func (p *Parts) Translate(ctx context.Context, w contract.Work) (contract.Batch, error) {
	list, err := load[script.DialogueList](ctx, p, w.Doc(contract.StageDialogue))
	if err != nil {
		return contract.Batch{}, err
	}
	e, err := p.engineFor(ctx, w.Model)
	if err != nil {
		return contract.Batch{}, err
	}
	lines := slice(list.Localized(), w.First, w.Count)
	step, stop := pulse(ctx, len(lines))
	defer stop()
	return each(ctx, lines, step, func(ctx context.Context, event script.Event) (string, bool, error) {
		key := lineKey(w, event.Text)
		_, reused, err := p.pay(ctx, w.Job, "translation", key, w.Model, func(ctx context.Context) (store.Result, error) {
			out, err := e.Translate(ctx, engine.TranslateRequest{
				Model: w.Model.ID, From: w.From, To: w.To, Lines: []engine.TranslateLine{{ID: event.ID, Text: event.Text}}, Key: key,
			})
			if err != nil {
				return store.Result{}, err
			}
			if out[event.ID] == "" {
				return store.Result{}, fault.New(fault.Refused, "translation", "the engine answered with no text")
			}
			return resultOf(out[event.ID], nil, float64(len([]rune(event.Text))), "character")
		})
		return event.ID, reused, err
	})
}

// AssembleTranslation makes the translation of what the batches stored, puts
// people's edits over it, and checks it line by line.
func (p *Parts) AssembleTranslation(ctx context.Context, w contract.Work) (contract.Made, error) {
	list, err := load[script.DialogueList](ctx, p, w.Doc(contract.StageDialogue))
	if err != nil {
		return contract.Made{}, err
	}
	events := list.Localized()
	keys := make([]string, len(events))
	for i, e := range events {
		keys[i] = lineKey(w, e.Text)
	}
	results, err := p.Records.Results(ctx, keys)
	if err != nil {
		return contract.Made{}, err
	}
	t := script.Translation{From: w.From, To: w.To}
	for i, e := range events {
		r, ok := results[keys[i]]
		if !ok {
			t.Failures = append(t.Failures, failureOf(w.Failures, e.ID))
			continue
		}
		text, err := madeOf[string](r)
		if err != nil {
			return contract.Made{}, err
		}
		t.Lines = append(t.Lines, script.Line{Event: e.ID, Source: e.Text, Text: text, Origin: w.Model.Fingerprint})
	}
	sets, err := p.editSets(ctx, w.Edits)
	if err != nil {
		return contract.Made{}, err
	}
	t = script.ApplyToTranslation(t, events, sets)
	doc, err := p.save(ctx, t)
	if err != nil {
		return contract.Made{}, err
	}
	report, err := p.save(ctx, checkTranslation(t))
	if err != nil {
		return contract.Made{}, err
	}
	return contract.Made{Doc: doc, Report: report, Items: len(events), Language: w.To, Labels: gradeLabels("translation", w.Model)}, nil
}

func checkTranslation(t script.Translation) qa.Report {
	var lines []qa.TranslationLine
	for _, l := range t.Lines {
		lines = append(lines, qa.TranslationLine{EventID: l.Event, Source: l.Source, Target: l.Text})
	}
	return qa.CheckTranslation(lines, t.From, t.To).With(qa.Missing(t.Failures)...).With(qa.Conflicts(t.Conflicts)...)
}

// failureOf is why the line of an event could not be made.
func failureOf(failures []script.Failure, event string) script.Failure {
	for _, f := range failures {
		if f.Event == event {
			return f
		}
	}
	return script.Failure{Event: event, Kind: string(fault.Broken), Reason: "no result is stored for this line"}
}
