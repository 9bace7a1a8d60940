//go:build e2e

package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

// One line edited at the translation gate, after all was made once, costs one
// synthesis; neighbours may be re-timed, never voiced again.
func TestOneEditedLineCostsOneSynthesis(t *testing.T) {
	s := newStack(t, &simengine.Options{Seed: 1})
	film := simFilm(t, s.Engine(), simLines)
	in := allServices(film)
	in.Services = []contract.Service{contract.Subtitles, contract.Dub}
	job, run := s.start(in)
	language := contract.LanguageID(job, "pt-BR")
	s.approve(contract.TitleID(job), gate.Dialogue)
	s.approve(language, gate.Translation, gate.Subtitles, gate.Premix)
	s.awaitGate(language, gate.Final)
	before := s.Sim.Calls()

	approved := s.gate(language, gate.Translation)
	require.NoError(t, s.decide(language, contract.Decide{
		Gate: gate.Translation, Revision: approved.Subject.Revision, Verdict: gate.Reopen, Comment: "the third line is wrong",
	}))
	reopened := s.awaitGate(language, gate.Translation)
	require.NoError(t, s.decide(language, contract.Decide{
		Gate: gate.Translation, Revision: reopened.Subject.Revision, Verdict: gate.Change,
		Edits: []script.Edit{{Op: script.Replace, ID: "e003", Text: "O primeiro é todo de gelo."}},
	}))
	s.awaitRevision(language, gate.Translation, reopened.Subject.Revision)
	s.approve(language, gate.Translation, gate.Subtitles, gate.Premix)
	s.awaitGate(language, gate.Final)
	after := s.Sim.Calls()

	require.Equal(t, before.Calls[engine.CanTranslate], after.Calls[engine.CanTranslate], "nothing is translated again")
	require.Equal(t, before.Calls[engine.CanSpeak]+1, after.Calls[engine.CanSpeak], "one line is voiced")
	require.Equal(t, before.Calls[engine.CanTranscribe]+1, after.Calls[engine.CanTranscribe], "the new stem is listened to once")
	s.approve(language, gate.Final)
	m := s.manifest(run, "pt-BR")
	require.Len(t, m.Approvals, 5)
	s.record("language-reopened-and-edited", language)
}

// A stale revision and a bare rejection are refused in words.
func TestRefusals(t *testing.T) {
	s := newStack(t, &simengine.Options{Seed: 1})
	in := allServices(simFilm(t, s.Engine(), simLines[:2]))
	in.Services = []contract.Service{contract.Subtitles}
	job, _ := s.start(in)
	title := contract.TitleID(job)
	g := s.awaitGate(title, gate.Dialogue)

	stale := s.decide(title, contract.Decide{Gate: gate.Dialogue, Revision: "0123456789abcdef", Verdict: gate.Approve})
	bare := s.decide(title, contract.Decide{Gate: gate.Dialogue, Revision: g.Subject.Revision, Verdict: gate.Reject})
	unknown := s.decide(title, contract.Decide{Gate: "colour", Revision: g.Subject.Revision, Verdict: gate.Approve})

	require.ErrorContains(t, stale, "is stale; the one on show is "+g.Subject.Revision[:12])
	require.ErrorContains(t, bare, "comment: say what must change")
	require.ErrorContains(t, unknown, `this job has no gate "colour"`)
}

// Whatever is cut off between two workflow tasks, the outcome is the same: a
// continue-as-new after every stage and a worker that remembers nothing give
// the bytes of an undisturbed run.
func TestContinueAsNewAndEvictionChangeNothing(t *testing.T) {
	worker.SetStickyWorkflowCacheSize(0)
	defer worker.SetStickyWorkflowCacheSize(10_000)
	s := newStack(t, &simengine.Options{Seed: 1})
	film := simFilm(t, s.Engine(), simLines[:3])
	made := map[int]contract.Manifest{}
	for _, every := range []int{0, 1} {
		in := allServices(film)
		in.Services = []contract.Service{contract.Subtitles, contract.Dub}
		in.ContinueEvery = every
		job, run := s.start(in)
		s.approve(contract.TitleID(job), gate.Dialogue)
		s.approve(contract.LanguageID(job, "pt-BR"), gate.Translation, gate.Subtitles, gate.Premix, gate.Final)
		made[every] = s.manifest(run, "pt-BR")
		s.record(fmt.Sprintf("language-continued-%d", every), contract.LanguageID(job, "pt-BR"))
	}

	require.Equal(t, hashes(made[0]), hashes(made[1]))
	require.Equal(t, revisions(made[0]), revisions(made[1]))
}

func hashes(m contract.Manifest) map[string]string {
	out := map[string]string{}
	for _, f := range m.Files {
		out[f.Name] = f.Blob.SHA256
	}
	return out
}

func revisions(m contract.Manifest) []string {
	var out []string
	for _, a := range m.Approvals {
		out = append(out, a.Gate+" "+a.Revision)
	}
	return out
}
