//go:build e2e

package e2e_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// work is how long a call of the engines takes where a kill shall cut it off.
const work = 300 * time.Millisecond

// crashLines are the lines of a film that takes long enough to be killed in.
var crashLines = append(slices.Clone(simLines),
	"The third one has a ring of dust.",
	"It was found by an amateur in Brazil.",
	"She looked for it for seven years.",
	"Nobody believed her in the beginning.",
	"Now the ring carries her name.",
	"Thank you, and good night to you all.",
)

// Whatever is killed, the job finishes, pays at most for what was cut off, and
// delivers the bytes of a run that nobody disturbed.
func TestKilledInTurnTheJobFinishes(t *testing.T) {
	const job = "crash"
	h, film := newHousehold(t, crashLines, work)
	h.order(job, film, "subs,dub")
	h.sign(job, gate.Dialogue, gate.Translation)

	h.awaitSpoken(3)
	h.kill(workerChild)
	h.awaitSpoken(6)
	h.kill(enginesChild)
	h.awaitSpoken(9)
	h.kill(temporalChild)
	h.sign(job, gate.Subtitles, gate.Premix, gate.Final)
	h.finished(job)
	dir, sums := h.delivered(job)
	calls := h.spoken()
	scratch, err := filepath.Glob(filepath.Join(h.Data, "scratch", "*", "*"))
	require.NoError(t, err)

	lines := readJSON[script.DubScript](t, filepath.Join(dir, "CRASH.pt-BR.dub-script.json")).Lines
	takes := readJSON[script.Takes](t, filepath.Join(dir, "CRASH.pt-BR.takes.json"))
	require.Len(t, lines, len(crashLines))
	require.Len(t, takes.Takes, len(crashLines))
	require.Empty(t, takes.Failures)
	require.Len(t, calls, len(crashLines), "every line was asked for under one key")
	const kills = 3 // one batch works on one line at a time, so each kill cuts off one call at most
	require.LessOrEqual(t, total(calls), len(crashLines)+kills, "%v", calls)
	require.Len(t, h.decisions(job, gate.Dialogue), 1)
	require.Len(t, h.decisions(job, gate.Final), 4)
	require.Empty(t, scratch, "what the killed worker left is removed")
	t.Logf("%d calls for %d lines", total(calls), len(crashLines))

	other, film := newHousehold(t, crashLines, 0)
	other.order(job, film, "subs,dub")
	other.sign(job, gate.Dialogue, gate.Translation, gate.Subtitles, gate.Premix, gate.Final)
	other.finished(job)
	_, undisturbed := other.delivered(job)
	require.Equal(t, undisturbed, sums)
	require.Equal(t, len(crashLines), total(other.spoken()))
}

func total(calls map[string]int) (n int) {
	for _, count := range calls {
		n += count
	}
	return n
}

// A killed up takes all its children with it, and the next one goes on.
func TestUpLeavesNoOrphan(t *testing.T) {
	const job = "orphan"
	h, film := newHousehold(t, crashLines, work)
	h.order(job, film, "subs,dub")
	require.True(t, poll(time.Minute, func() bool { return h.runs("ffmpeg ") }), "the media are not worked on")
	h.crash()
	h.start()
	h.sign(job, gate.Dialogue, gate.Translation)
	approvals := func() []string {
		return []string{h.awaitApproval(job, gate.Dialogue).ID, h.awaitApproval(job, gate.Translation).ID}
	}
	before := approvals()
	h.awaitSpoken(4)
	h.crash()
	h.start()

	require.Equal(t, before, approvals())
	h.sign(job, gate.Subtitles, gate.Premix, gate.Final)
	h.finished(job)
	h.delivered(job)
	require.LessOrEqual(t, total(h.spoken()), len(crashLines)+1)
}

// Ctrl-C in the middle of work is no failure, and an up that cannot serve says
// why.
func TestUpStopsCleanly(t *testing.T) {
	h, film := newHousehold(t, simLines[:2], work)
	h.order("stopped", film, "subs,dub")
	require.True(t, poll(time.Minute, func() bool { return len(h.calls()) > 0 }), "the engines are not asked")
	second := *h
	second.stack = &stack{t: t, Data: h.Data}
	second.ports = [2]int{freePort(t), freePort(t)}
	_, sameData, sameDataCode := second.try("up")
	second.Data = h.path("other")
	second.ports[0] = h.ports[0]
	_, samePort, samePortCode := second.try("up")
	second.ports = [2]int{freePort(t), h.ports[1]}
	_, sameUI, sameUICode := second.try("up")
	h.stop()

	require.Equal(t, []int{1, 1, 1}, []int{sameDataCode, samePortCode, sameUICode})
	require.Contains(t, sameData, "`babelreel up` serves from "+h.Data+" already (process "+strconv.Itoa(h.up.Process.Pid)+")")
	require.Contains(t, samePort, "port "+strconv.Itoa(h.ports[0])+" is not free: end the program that uses it, or give another --temporal-port")
	require.Contains(t, sameUI, "port "+strconv.Itoa(h.ports[1])+" is not free: end the program that uses it, or give another --temporal-ui-port")
	h.start() // what it used is free again
}

// A decision is on record once, wherever the server dies: with the receipt still
// warm, or before anybody got one.
func TestADecisionSurvives(t *testing.T) {
	const job = "decision"
	h, film := newHousehold(t, simLines[:2], 0)
	h.order(job, film, "subs")

	first := h.sign(job, gate.Dialogue)
	h.kill(temporalChild)
	dialogue := h.awaitApproval(job, gate.Dialogue)
	_, again, code := h.try("review", "approve", job, "--gate", "dialogue", "--revision", first.Revision, "--by", "tester")
	require.Equal(t, first.Receipt, dialogue.ID)
	require.Equal(t, 4, code)
	require.Contains(t, again, "already approved by tester")

	g := h.awaitGate(contract.LanguageID(job, "pt-BR"), gate.Translation)
	server := h.await(temporalChild, 0)
	require.NoError(t, h.approveAtOnce(job, g))
	require.NoError(t, syscall.Kill(server, syscall.SIGKILL))
	translation := h.awaitApproval(job, gate.Translation)

	g = h.awaitGate(contract.LanguageID(job, "pt-BR"), gate.Subtitles)
	answered := make(chan error, 1)
	go func() { answered <- h.approveAtOnce(job, g) }()
	h.kill(temporalChild)
	if err := <-answered; err != nil { // a person without a receipt tries again
		require.NoError(t, h.insist(job, g))
	}
	h.finished(job)

	require.Len(t, h.decisions(job, gate.Dialogue), 1)
	of := h.decisions(job, gate.Subtitles)
	require.Len(t, of, 2)
	require.Equal(t, []string{translation.ID, g.Subject.Revision}, []string{of[0].ID, of[1].Revision})
}
