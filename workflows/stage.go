package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// stage is one row of a job's story: what it needs, who decides on what it
// makes, and how it is made.
type stage struct {
	name   contract.StageName
	needs  []contract.StageName // their documents enter the key, in this order
	params func() []string      // what else the document depends on; nil for nothing
	edits  gate.Name            // the gate whose edits go over this document
	gate   gate.Name            // the gate that decides on this document
	beside []contract.StageName // documents that the gate shows beside it
	run    func(workflow.Context, contract.Work) (contract.Made, error)
}

// result is the last outcome of a stage, whether it still counts or not.
func (l *loop) result(name contract.StageName) (contract.StageResult, bool) {
	i := slices.IndexFunc(l.state.Results, func(r contract.StageResult) bool { return r.Stage == name })
	if i < 0 {
		return contract.StageResult{}, false
	}
	return l.state.Results[i], true
}

// document is a document that later stages may be made from: one handed in from
// outside, or the settled result of a stage.
func (l *loop) document(name contract.StageName) (contract.StageDoc, bool) {
	for _, doc := range l.source {
		if doc.Stage == name {
			return doc, true
		}
	}
	i := slices.IndexFunc(l.stages, func(s stage) bool { return s.name == name })
	if i < 0 || !l.settled(l.stages[i]) {
		return contract.StageDoc{}, false
	}
	r, _ := l.result(name)
	return contract.StageDoc{Stage: name, Doc: r.Made.Doc, Items: r.Made.Items}, true
}

// key is the key of what s would make now. While something s needs is missing,
// key is "" and why names it.
func (l *loop) key(s stage) (key string, why contract.StageName) {
	parts := []string{string(s.name)}
	for _, need := range s.needs {
		doc, ok := l.document(need)
		if !ok {
			return "", need
		}
		parts = append(parts, doc.Doc.SHA256)
	}
	if s.params != nil {
		parts = append(parts, s.params()...)
	}
	for _, set := range l.editsOf(s.name) {
		parts = append(parts, "edits", set.SHA256)
	}
	return script.Key("stage", parts...), ""
}

// current reports whether the result of s is of the inputs of now.
func (l *loop) current(s stage) bool {
	key, _ := l.key(s)
	r, ok := l.result(s.name)
	return ok && key != "" && r.Key == key
}

// settled reports whether the result of s is current and, where a gate decides
// on it, approved.
func (l *loop) settled(s stage) bool {
	if !l.current(s) {
		return false
	}
	r, _ := l.result(s.name)
	return s.gate == "" || l.gate(s.gate).Holds(r.Made.Doc.SHA256)
}

func (l *loop) editsOf(name contract.StageName) []script.Blob {
	for _, e := range l.state.Edits {
		if e.Stage == name {
			return e.Sets
		}
	}
	return nil
}

func (l *loop) addEdits(name contract.StageName, set script.Blob) {
	for i := range l.state.Edits {
		if l.state.Edits[i].Stage == name {
			l.state.Edits[i].Sets = append(l.state.Edits[i].Sets, set)
			return
		}
	}
	l.state.Edits = append(l.state.Edits, contract.StageEdits{Stage: name, Sets: []script.Blob{set}})
}

// gate is the gate of the given name. Asking for one that the job does not have
// is a programming error and panics.
func (l *loop) gate(name gate.Name) *gate.Gate {
	if g := l.findGate(name); g != nil {
		return g
	}
	panic("workflows: no gate " + string(name))
}

func (l *loop) findGate(name gate.Name) *gate.Gate {
	for i := range l.state.Gates {
		if l.state.Gates[i].Name == name {
			return &l.state.Gates[i]
		}
	}
	return nil
}

// blocked is the note of a stage that stands still under key.
func (l *loop) blocked(name contract.StageName, key string) bool {
	return slices.ContainsFunc(l.state.Blocked, func(b contract.Blocked) bool { return b.Stage == name && b.Key == key })
}

func (l *loop) unblock(name contract.StageName) {
	l.state.Blocked = slices.DeleteFunc(l.state.Blocked, func(b contract.Blocked) bool { return b.Stage == name })
}

// put makes r the last outcome of its stage.
func (l *loop) put(r contract.StageResult) {
	l.state.Results = slices.DeleteFunc(l.state.Results, func(old contract.StageResult) bool { return old.Stage == r.Stage })
	l.state.Results = append(l.state.Results, r)
}

// labels is everything that must be said of what was made, each once, sorted.
func (l *loop) labels() []string {
	labels := slices.Clone(l.given)
	for _, r := range l.state.Results {
		labels = append(labels, r.Made.Labels...)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}
