package cli

import (
	"context"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// jobReport is where a job stands.
type jobReport struct {
	Job       string                    `json:"job"`
	Title     string                    `json:"title"`
	State     string                    `json:"state"` // running, an outcome of contract, or how it ended without one
	Reason    string                    `json:"reason,omitempty"`
	Workflows []partReport              `json:"workflows"`
	Waits     []wait                    `json:"waits"`
	Failed    []contract.FailedLanguage `json:"failed,omitempty"`
}

// partReport is the title itself, or one of its languages.
type partReport struct {
	WorkflowID string        `json:"workflowId"`
	Language   string        `json:"language"` // "" for the title itself
	State      string        `json:"state"`
	Reason     string        `json:"reason,omitempty"`
	UI         string        `json:"ui,omitempty"`
	Stages     []stageReport `json:"stages"`
	Labels     []string      `json:"labels,omitempty"`
}

// stageReport is one stage, with the activities that work for it.
type stageReport struct {
	Stage    contract.StageName `json:"stage"`
	State    string             `json:"state"` // a Stage state of contract
	Why      string             `json:"why,omitempty"`
	Key      string             `json:"key,omitempty"`
	Document string             `json:"document,omitempty"` // hash
	Items    int                `json:"items,omitempty"`
	Activity *work              `json:"activity,omitempty"`
}

// work sums up the activities of a stage that are not done.
type work struct {
	Count   int        `json:"count"`
	Queued  int        `json:"queued"` // of Count, no worker has taken yet
	Done    int64      `json:"done"`
	Total   int64      `json:"total"`
	Attempt int        `json:"attempt"` // the highest
	Failure string     `json:"failure,omitempty"`
	Next    *time.Time `json:"next,omitempty"` // attempt, where one is due
}

// wait is something that does not go on by itself.
type wait struct {
	Language string             `json:"language"`
	Gate     gate.Name          `json:"gate,omitempty"`
	Stage    contract.StageName `json:"stage,omitempty"`
	Why      string             `json:"why"`
	Who      string             `json:"who"`     // can unblock it
	Command  string             `json:"command"` // that does
}

// ended reports whether nothing more will happen.
func (r jobReport) ended() bool { return r.State != stateRunning }

// err is the error that a job which ended so ends its commands with; nil where
// it delivered.
func (r jobReport) err() error {
	switch r.State {
	case stateRunning, string(contract.OutcomeDelivered), string(contract.OutcomeNoDialogue):
		return nil
	case string(contract.OutcomePartial):
		return exitf(exitFailed, "job %s delivered only in part", r.Job)
	default:
		if r.Reason == "" {
			return exitf(exitFailed, "job %s: %s", r.Job, r.State)
		}
		return exitf(exitFailed, "job %s: %s: %s", r.Job, r.State, r.Reason)
	}
}

// inspect finds out where a job stands.
func inspect(ctx context.Context, s service, job string) (jobReport, error) {
	id := contract.TitleID(job)
	title, err := s.Look(ctx, id)
	if err != nil {
		if codeOf(err) == exitNotFound {
			return jobReport{}, exitf(exitNotFound, "there is no job %s: %w", job, err)
		}
		return jobReport{}, err
	}
	r := jobReport{Job: job, Title: title.Title, State: title.State, Waits: []wait{}}
	if title.State == stateRunning {
		return r, r.running(ctx, s, title)
	}
	var out contract.TitleOut
	if title.State == stateCompleted || title.State == stateFailed {
		if out, err = s.Outcome(ctx, id); err != nil && codeOf(err) != exitFailed {
			return r, err
		}
	}
	r.over(s, out, err)
	return r, nil
}

// over reports a title that has ended: with out, or with an error.
func (r *jobReport) over(s service, out contract.TitleOut, err error) {
	if err != nil {
		r.Reason = err.Error()
	} else if out.Outcome != "" {
		r.State, r.Failed = string(out.Outcome), out.Failed
	}
	part := func(id, language, state, reason string) {
		r.Workflows = append(r.Workflows, partReport{
			WorkflowID: id, Language: language, State: state, Reason: reason, UI: s.Link(id), Stages: []stageReport{},
		})
	}
	part(contract.TitleID(r.Job), "", r.State, r.Reason)
	for _, l := range out.Languages {
		part(contract.LanguageID(r.Job, l.Language), l.Language, string(contract.OutcomeDelivered), "")
	}
	for _, f := range out.Failed {
		part(contract.LanguageID(r.Job, f.Language), f.Language, stateFailed, f.Reason)
	}
}

func (r *jobReport) running(ctx context.Context, s service, title execution) error {
	status, err := s.Status(ctx, title.WorkflowID)
	if err != nil {
		return err
	}
	r.Title = status.Title
	r.add(s, title, status)
	for _, child := range status.Children {
		if child.State != stateRunning {
			r.Workflows = append(r.Workflows, partReport{
				WorkflowID: child.WorkflowID, Language: child.Language, State: child.State, Reason: child.Reason,
				UI: s.Link(child.WorkflowID), Stages: []stageReport{},
			})
			continue
		}
		e, err := s.Look(ctx, child.WorkflowID)
		if codeOf(err) == exitNotFound {
			continue // the title has decided to start it, and is about to
		}
		if err != nil {
			return err
		}
		if e.State != stateRunning {
			continue // it ended a moment ago; the title knows next time
		}
		status, err := s.Status(ctx, child.WorkflowID)
		if err != nil {
			return err
		}
		r.add(s, e, status)
	}
	return nil
}

// add reports one running workflow.
func (r *jobReport) add(s service, e execution, status contract.Status) {
	part := partReport{
		WorkflowID: e.WorkflowID, Language: status.Language, State: e.State, UI: s.Link(e.WorkflowID),
		Stages: []stageReport{}, Labels: status.Labels,
	}
	at := map[contract.StageName]*work{}
	var order []contract.StageName
	for _, p := range e.Activities {
		stage := stageOf[p.Name]
		if stage == "" {
			continue
		}
		if at[stage] == nil {
			at[stage] = new(work)
			order = append(order, stage)
		}
		at[stage].add(p)
	}
	for _, st := range status.Stages {
		part.Stages = append(part.Stages, stageReport{
			Stage: st.Stage, State: st.State, Why: st.Why, Key: st.Key, Document: st.Doc.SHA256, Items: st.Items, Activity: at[st.Stage],
		})
		delete(at, st.Stage)
	}
	for _, stage := range order { // what is done before there are stages
		if at[stage] != nil {
			part.Stages = append(part.Stages, stageReport{Stage: stage, State: contract.StageRunning, Activity: at[stage]})
		}
	}
	r.Workflows = append(r.Workflows, part)
	r.Waits = append(r.Waits, waits(r.Job, status)...)
}

func (w *work) add(p pending) {
	w.Count++
	if !p.Started {
		w.Queued++
	}
	w.Done += p.Done
	w.Total += p.Total
	w.Attempt = max(w.Attempt, p.Attempt)
	if p.Failure != "" {
		w.Failure = oneLine(p.Failure)
	}
	if !p.Next.IsZero() && (w.Next == nil || p.Next.Before(*w.Next)) {
		w.Next = &p.Next
	}
}
