package activities

import (
	"context"
	"slices"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

// PlanLanguage fixes which models do the work of one language, so that result
// keys stay the same for the life of a job. It fails with fault.Missing, naming
// what is offered, where an ordered service has no engine.
func (p *Parts) PlanLanguage(ctx context.Context, w contract.Work) (contract.Planned, error) {
	if sameLanguage(w.From, w.To) {
		return contract.Planned{}, fault.New(fault.Invalid, "plan", "the programme is in %s already; order another language than %s", w.From, w.To)
	}
	plan := contract.LanguagePlan{From: w.From, To: w.To}
	mt, err := p.Engines.Find(ctx, engine.CanTranslate, w.From+">"+w.To, func(m engine.Model) bool { return translates(m, w.From, w.To) })
	if err != nil {
		return contract.Planned{}, err
	}
	plan.Translate = model(mt)
	if slices.Contains(w.Services, contract.Dub) {
		if err := p.planDub(ctx, w, &plan); err != nil {
			return contract.Planned{}, err
		}
	}
	if slices.Contains(w.Services, contract.LipSync) {
		m, err := p.Engines.Find(ctx, engine.CanLipSync, w.To, speaks(""))
		if err != nil {
			return contract.Planned{}, err
		}
		plan.LipSync = model(m)
	}
	doc, err := p.save(ctx, plan)
	if err != nil {
		return contract.Planned{}, err
	}
	return contract.Planned{Made: contract.Made{Doc: doc}, Plan: plan}, nil
}

func (p *Parts) planDub(ctx context.Context, w contract.Work, plan *contract.LanguagePlan) error {
	speak, err := p.Engines.Find(ctx, engine.CanSpeak, w.To, speaks(w.To))
	if err != nil {
		return err
	}
	hear, err := p.Engines.Find(ctx, engine.CanTranscribe, w.To, speaks(w.To))
	if err != nil {
		return err
	}
	plan.Speak, plan.Hear = model(speak), model(hear)
	for _, v := range speak.Voices {
		if offers(v.Language, w.To) {
			plan.Voices = append(plan.Voices, contract.Voice{ID: v.ID, Gender: v.Gender})
		}
	}
	return nil
}
