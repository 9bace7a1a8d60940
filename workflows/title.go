package workflows

import (
	"slices"
	"strings"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// LocalizeTitle takes one programme into the languages of an order: it makes
// the dialogue list, waits until people approve it, and runs one
// LocalizeLanguage for each language. A language that fails does not touch the
// others; the outcome names it.
//
// It fails with fault.Invalid, Missing or Denied when the order or the master
// cannot be worked on, before anything is spent.
func LocalizeTitle(ctx workflow.Context, in contract.TitleIn) (contract.TitleOut, error) {
	if in.Job == "" {
		in.Job = strings.TrimPrefix(workflow.GetInfo(ctx).WorkflowExecution.ID, "title-")
	}
	t := &title{loop: newLoop(in.Order, "", new(contract.State)), in: in, targets: slices.Clone(in.Languages)}
	t.children = t.childStatus
	t.state.Gates = []gate.Gate{gate.New(gate.Dialogue, in.Gates[gate.Dialogue])}
	if err := t.handleAll(ctx); err != nil {
		return contract.TitleOut{}, err
	}

	if err := workflow.UpsertTypedSearchAttributes(ctx, identity(in.Order, "")...); err != nil {
		return contract.TitleOut{}, err
	}

	admitted, err := contract.Admit.Call(with(ctx, contract.Admit.Name, in.Customer, in.Title), in.Order)
	if err != nil {
		return contract.TitleOut{}, contract.Stage("admission", err)
	}
	t.stages = t.table(admitted)
	t.intake = func() { t.draining = t.silent() }
	work, stop := workflow.WithCancel(ctx)
	err = t.run(work, t.turn)
	stop()
	t.abandon(ctx)
	if err != nil {
		return contract.TitleOut{}, err
	}
	return t.out(), nil
}

// title is the state of a LocalizeTitle beside its loop.
type title struct {
	*loop
	in        contract.TitleIn
	targets   []string // languages, in the order they were asked for
	languages []*child
}

// child is one LocalizeLanguage.
type child struct {
	language string
	run      workflow.ChildWorkflowFuture
	told     []contract.StageDoc // what it is made from, as it was last told
	done     bool
	out      contract.LanguageOut
	err      error
}

// table is the story of a title.
func (t *title) table(models contract.Admission) []stage {
	return []stage{
		{
			name:   contract.StageIngest,
			params: func() []string { return []string{t.in.Source, t.in.MusicEffects} },
			run: func(ctx workflow.Context, w contract.Work) (contract.Made, error) {
				return contract.Ingest.Call(with(ctx, contract.Ingest.Name, t.order.Customer, t.in.Title),
					contract.IngestIn{Job: w.Job, Source: t.in.Source, MusicEffects: t.in.MusicEffects, ConstantRate: t.in.Wants(contract.LipSync)})
			},
		},
		{
			name:  contract.StageShots,
			needs: []contract.StageName{contract.StageIngest},
			run:   t.simple(contract.FindShots, nil),
		},
		{
			name:   contract.StageSpeech,
			needs:  []contract.StageName{contract.StageIngest},
			params: func() []string { return []string{models.FindSpeech.Fingerprint, t.in.SourceLanguage} },
			run: t.simple(contract.FindSpeech, func(w *contract.Work) {
				w.Model, w.From = models.FindSpeech, t.in.SourceLanguage
			}),
		},
		{
			name:   contract.StageDialogue,
			needs:  []contract.StageName{contract.StageIngest, contract.StageSpeech},
			params: func() []string { return []string{models.Transcribe.Fingerprint, t.in.SourceLanguage} },
			edits:  gate.Dialogue,
			gate:   gate.Dialogue,
			beside: []contract.StageName{contract.StageSpeech},
			run: t.simple(contract.Transcribe, func(w *contract.Work) {
				w.Model, w.From = models.Transcribe, t.in.SourceLanguage
			}),
		},
	}
}

// silent reports whether nobody speaks in the programme, or people approved a
// list with nothing to localize: then there is nothing to make.
func (t *title) silent() bool {
	for _, name := range []contract.StageName{contract.StageSpeech, contract.StageDialogue} {
		if doc, ok := t.document(name); ok && doc.Items == 0 {
			return true
		}
	}
	return false
}

// turn starts a language once the dialogue list is approved, and tells those
// that run when it was revised or reopened.
func (t *title) turn(ctx workflow.Context) (done bool) {
	if t.silent() {
		return len(t.running) == 0 && !t.pending()
	}
	source, whole := t.settledDocs()
	for _, language := range t.targets {
		i := slices.IndexFunc(t.languages, func(c *child) bool { return c.language == language })
		switch {
		case i < 0 && whole:
			t.begin(ctx, language, source)
		case i >= 0 && !t.languages[i].done && !slices.Equal(t.languages[i].told, source):
			t.tell(ctx, t.languages[i], source)
		}
	}
	return whole && !t.pending() && !slices.ContainsFunc(t.languages, func(c *child) bool { return !c.done })
}

// settledDocs are the documents that languages may be made from; whole says that
// none is missing. A dialogue list that was reopened is taken from languages that
// run, so that none delivers from a list that is no longer approved.
func (t *title) settledDocs() (docs []contract.StageDoc, whole bool) {
	whole = true
	for _, s := range t.stages {
		doc, ok := t.document(s.name)
		if !ok {
			whole = false
			continue
		}
		docs = append(docs, doc)
	}
	return docs, whole
}

func (t *title) begin(ctx workflow.Context, language string, source []contract.StageDoc) {
	r, _ := t.result(contract.StageDialogue)
	c := &child{language: language, told: source}
	t.languages = append(t.languages, c)
	id := contract.LanguageID(t.order.Job, language)
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            id,
		TaskQueue:             contract.QueueFlow,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WaitForCancellation:   true,
		StaticSummary:         t.order.Title + " to " + language,
		TypedSearchAttributes: temporal.NewSearchAttributes(identity(t.order, language)...),
	})
	c.run = workflow.ExecuteChildWorkflow(ctx, contract.LocalizeLanguage, contract.LanguageIn{
		Order: t.order, Language: language, From: r.Made.Language, Source: source, Labels: t.labels(), ContinueEvery: t.in.ContinueEvery,
	})
	workflow.Go(ctx, func(ctx workflow.Context) {
		c.err = c.run.Get(ctx, &c.out)
		c.done, t.changed = true, true
	})
}

func (t *title) tell(ctx workflow.Context, c *child, source []contract.StageDoc) {
	r, _ := t.result(contract.StageDialogue)
	c.told = source
	sent := c.run.SignalChildWorkflow(ctx, contract.SignalSourceRevised, contract.SourceRevised{Source: source, From: r.Made.Language})
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := sent.Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("Language did not hear of the revised source: it had ended.", "language", c.language)
		}
	})
}

// abandon waits until every language has ended: those that still run were
// cancelled with the job, or have nothing left to be made from.
func (t *title) abandon(ctx workflow.Context) {
	ctx, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	for _, c := range t.languages {
		_ = c.run.Get(ctx, nil) // its own history tells how it ended
	}
}

func (t *title) out() contract.TitleOut {
	out := contract.TitleOut{Outcome: contract.OutcomeDelivered}
	if t.silent() {
		out.Outcome = contract.OutcomeNoDialogue
		return out
	}
	for _, c := range t.languages {
		if c.err == nil {
			out.Languages = append(out.Languages, c.out)
			continue
		}
		out.Outcome = contract.OutcomePartial
		out.Failed = append(out.Failed, contract.FailedLanguage{Language: c.language, Kind: c.kind(), Reason: reason(c.err)})
	}
	return out
}

func (c *child) kind() string {
	if temporal.IsCanceledError(c.err) {
		return ""
	}
	return string(contract.KindOf(c.err))
}

func (t *title) childStatus() []contract.ChildStatus {
	var all []contract.ChildStatus
	for _, c := range t.languages {
		s := contract.ChildStatus{Language: c.language, WorkflowID: contract.LanguageID(t.order.Job, c.language), State: "running"}
		switch {
		case c.done && c.err == nil:
			s.State = "delivered"
		case c.done && temporal.IsCanceledError(c.err):
			s.State = "cancelled"
		case c.done:
			s.State, s.Reason = "failed", reason(c.err)
		}
		all = append(all, s)
	}
	return all
}

func (t *title) handleAll(ctx workflow.Context) error {
	if err := t.handle(ctx); err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateAddLanguage, t.addLanguage, workflow.UpdateHandlerOptions{
		Validator:   t.checkAddLanguage,
		Description: `Add a language to this title, e.g. {"language":"es","by":"you@example.com"}.`,
	})
}

func (t *title) checkAddLanguage(_ workflow.Context, in contract.AddLanguage) error {
	switch {
	case strings.TrimSpace(in.By) == "":
		return reject("by: name who orders it")
	case strings.TrimSpace(in.Language) == "":
		return reject(`language: give a BCP 47 tag such as "pt-BR"`)
	case slices.Contains(t.targets, in.Language):
		return reject("language: " + in.Language + " is ordered already")
	}
	return nil
}

func (t *title) addLanguage(_ workflow.Context, in contract.AddLanguage) (contract.Receipt, error) {
	t.targets = append(t.targets, in.Language)
	t.changed = true
	return contract.Receipt{ID: contract.LanguageID(t.order.Job, in.Language), Say: in.Language + " starts when the dialogue list is approved"}, nil
}
