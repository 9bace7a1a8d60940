package workflows

import (
	"slices"
	"strconv"

	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// LocalizeLanguage takes one programme into one language: translation, then
// subtitles and dub side by side, neither waiting for the other, then the
// package. Every document that people answer for waits at its gate.
//
// A stage that cannot go on is parked and says why; the workflow then waits for
// a retry, an edit or a revised source. It ends with an error only when it is
// cancelled, or when the language cannot be made with what is ordered.
func LocalizeLanguage(ctx workflow.Context, in contract.LanguageIn) (contract.LanguageOut, error) {
	j := &language{loop: newLoop(in.Order, in.Language, &in.Resume), in: &in}
	j.given = in.Labels
	if len(j.state.Gates) == 0 {
		for _, name := range gatesOf(in.Order) {
			j.state.Gates = append(j.state.Gates, gate.New(name, in.Order.Gates[name]))
		}
	}
	if err := j.handle(ctx); err != nil {
		return contract.LanguageOut{}, err
	}
	revised := workflow.GetSignalChannel(ctx, contract.SignalSourceRevised)
	j.waiting = func() bool { return revised.Len() > 0 }
	j.intake = func() { j.revise(revised) }

	if in.Plan.Plan.To == "" {
		var err error
		in.Plan, err = contract.PlanLanguage.Call(
			with(ctx, contract.PlanLanguage.Name, in.Order.Customer, in.From+" to "+in.Language),
			contract.Work{Job: in.Order.Job, From: in.From, To: in.Language, Services: in.Order.Services},
		)
		if err != nil {
			return contract.LanguageOut{}, contract.Stage("plan", err)
		}
	}
	j.follow(in.Source)
	j.stages = j.table()
	if err := j.run(ctx, j.turn); err != nil {
		return contract.LanguageOut{}, err
	}
	if j.draining {
		in.Resume.Turns++
		return contract.LanguageOut{}, workflow.NewContinueAsNewError(ctx, contract.LocalizeLanguage, in)
	}
	r, _ := j.result(contract.StagePackage)
	return contract.LanguageOut{Language: in.Language, Manifest: r.Made.Doc, Labels: r.Made.Labels}, nil
}

// language is the state of a LocalizeLanguage beside its loop.
type language struct {
	*loop
	in *contract.LanguageIn
}

// gatesOf lists the gates that the ordered services have.
func gatesOf(order contract.Order) []gate.Name {
	gates := []gate.Name{gate.Translation}
	if order.Wants(contract.Subtitles) {
		gates = append(gates, gate.Subtitles)
	}
	if order.Wants(contract.Dub) {
		gates = append(gates, gate.Premix, gate.Final)
	}
	return gates
}

// revise takes over what the title last said of its documents.
func (j *language) revise(revised workflow.ReceiveChannel) {
	for s := (contract.SourceRevised{}); revised.ReceiveAsync(&s); s = (contract.SourceRevised{}) {
		j.follow(s.Source)
	}
}

// follow makes the job from source and the plan of its language.
func (j *language) follow(source []contract.StageDoc) {
	j.in.Source = source
	j.source = append(slices.Clone(source), contract.StageDoc{Stage: contract.StagePlan, Doc: j.in.Plan.Made.Doc})
}

// turn ends the run when all is settled, or when a continue-as-new is due and
// nothing is in the air.
func (j *language) turn(ctx workflow.Context) (done bool) {
	forced := j.in.ContinueEvery > 0 && j.made >= j.in.ContinueEvery
	if workflow.GetInfo(ctx).GetContinueAsNewSuggested() || forced {
		j.draining = true
	}
	settled := !slices.ContainsFunc(j.stages, func(s stage) bool { return !j.settled(s) })
	if settled {
		j.draining = false
		return !j.pending()
	}
	return j.draining && len(j.running) == 0
}

// table is the story of a language.
func (j *language) table() []stage {
	stages := []stage{{
		name:   contract.StageTranslate,
		needs:  []contract.StageName{contract.StageDialogue},
		params: func() []string { return []string{j.in.Plan.Plan.Translate.Fingerprint, j.in.From, j.language} },
		edits:  gate.Translation,
		gate:   gate.Translation,
		beside: []contract.StageName{contract.StageDialogue},
		run:    j.translate,
	}}
	if j.order.Wants(contract.Subtitles) {
		stages = append(stages, stage{
			name:   contract.StageSubtitles,
			needs:  []contract.StageName{contract.StageIngest, contract.StageShots, contract.StageDialogue, contract.StageTranslate},
			params: func() []string { return []string{j.language, j.order.Profile} },
			edits:  gate.Subtitles,
			gate:   gate.Subtitles,
			beside: []contract.StageName{contract.StageDialogue},
			run:    j.simple(contract.AuthorSubtitles, j.prepare),
		})
	}
	if j.order.Wants(contract.Dub) {
		stages = append(stages, j.dub()...)
	}
	return append(stages, j.delivery())
}

// dub is the dub branch.
func (j *language) dub() []stage {
	hear := func(w *contract.Work) { j.prepare(w); w.Model = j.in.Plan.Plan.Hear }
	stages := []stage{
		{
			name:   contract.StageDubScript,
			needs:  []contract.StageName{contract.StagePlan, contract.StageDialogue, contract.StageTranslate},
			params: func() []string { return casting(j.order) },
			edits:  gate.Premix,
			run:    j.simple(contract.PrepareDub, j.prepare),
		},
		{
			name:   contract.StageTakes,
			needs:  []contract.StageName{contract.StageDubScript},
			params: func() []string { return []string{j.in.Plan.Plan.Speak.Fingerprint, j.language} },
			run:    j.voice,
		},
		{
			name:   contract.StagePremix,
			needs:  []contract.StageName{contract.StageIngest, contract.StageSpeech, contract.StageDubScript, contract.StageTakes},
			gate:   gate.Premix,
			beside: []contract.StageName{contract.StageDubScript},
			run:    j.simple(contract.BuildPremix, j.prepare),
		},
		{
			name:  contract.StageMix,
			needs: []contract.StageName{contract.StageIngest, contract.StagePremix},
			run:   j.simple(contract.MixDub, j.prepare),
		},
		{
			name:   contract.StageHear,
			needs:  []contract.StageName{contract.StageDubScript, contract.StageTakes, contract.StageMix},
			params: func() []string { return []string{j.in.Plan.Plan.Hear.Fingerprint, j.language} },
			run:    j.simple(contract.HearDub, hear),
		},
	}
	master := stage{
		name:  contract.StageMaster,
		needs: []contract.StageName{contract.StageMix, contract.StageHear},
		gate:  gate.Final,
		run:   j.simple(contract.AssembleMaster, j.prepare),
	}
	if j.order.Wants(contract.LipSync) {
		stages = append(stages, stage{
			name:   contract.StagePicture,
			needs:  []contract.StageName{contract.StageIngest, contract.StageShots, contract.StageDubScript, contract.StageTakes, contract.StagePremix},
			params: func() []string { return []string{j.in.Plan.Plan.LipSync.Fingerprint} },
			run:    j.lipSync,
		})
		master.needs = append(master.needs, contract.StagePicture)
	}
	return append(stages, master)
}

// delivery is the last stage: it needs all that was ordered.
func (j *language) delivery() stage {
	needs := []contract.StageName{contract.StageIngest, contract.StageDialogue, contract.StageTranslate}
	if j.order.Wants(contract.Subtitles) {
		needs = append(needs, contract.StageSubtitles)
	}
	if j.order.Wants(contract.Dub) {
		needs = append(needs, contract.StageDubScript, contract.StageTakes, contract.StageMaster)
	}
	return stage{name: contract.StagePackage, needs: needs, params: j.approvals, run: j.deliver}
}

// prepare fills in what every activity of a language is told.
func (j *language) prepare(w *contract.Work) {
	w.From, w.To, w.Casting = j.in.From, j.language, j.order.Casting
}

func (j *language) translate(ctx workflow.Context, w contract.Work) (contract.Made, error) {
	j.prepare(&w)
	w.Model = j.in.Plan.Plan.Translate
	edits := w.Edits
	w.Edits = nil
	failures, err := j.batches(ctx, contract.Translate, w, w.Inputs[0].Items, batchLines)
	if err != nil {
		return contract.Made{}, err
	}
	w.Edits, w.Failures = edits, failures
	return contract.AssembleTranslation.Call(with(ctx, contract.AssembleTranslation.Name, j.order.Customer, j.language), w)
}

func (j *language) voice(ctx workflow.Context, w contract.Work) (contract.Made, error) {
	j.prepare(&w)
	w.Model = j.in.Plan.Plan.Speak
	failures, err := j.batches(ctx, contract.Synthesize, w, w.Inputs[0].Items, batchLines)
	if err != nil {
		return contract.Made{}, err
	}
	w.Failures = failures
	return contract.AssembleTakes.Call(with(ctx, contract.AssembleTakes.Name, j.order.Customer, j.language), w)
}

func (j *language) lipSync(ctx workflow.Context, w contract.Work) (contract.Made, error) {
	j.prepare(&w)
	w.Model = j.in.Plan.Plan.LipSync
	shots, _ := j.document(contract.StageShots)
	failures, err := j.batches(ctx, contract.SyncLips, w, shots.Items, batchShots)
	if err != nil {
		return contract.Made{}, err
	}
	w.Failures = failures
	return contract.AssemblePicture.Call(with(ctx, contract.AssemblePicture.Name, j.order.Customer, j.language), w)
}

// approvals names the approvals that the package tells of, so that a revision
// approved anew is packaged anew.
func (j *language) approvals() []string {
	var ids []string
	for _, g := range j.state.Gates {
		if g.Approval != nil {
			ids = append(ids, g.Approval.ID)
		}
	}
	return ids
}

func (j *language) deliver(ctx workflow.Context, w contract.Work) (contract.Made, error) {
	j.prepare(&w)
	w.Services = j.order.Services
	return contract.Package.Call(with(ctx, contract.Package.Name, j.order.Customer, j.language), contract.PackageIn{
		Work: w, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, TitleID: contract.TitleID(j.order.Job),
		Plan: j.in.Plan.Plan, Labels: j.labels(), Approved: j.approvals(),
	})
}

// casting is the order's casting as key parts, in order of character.
func casting(order contract.Order) []string {
	parts := make([]string, 0, len(order.Casting))
	for _, character := range slices.Sorted(keys(order.Casting)) {
		parts = append(parts, strconv.Quote(character)+"="+order.Casting[character])
	}
	return parts
}
