//go:build e2e

package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/internal/simengine"
)

// bookmark is the one address that a linguist needs.
const bookmark = `ReviewState="awaiting_linguist"`

// TestUIJob is a job as people run it who have nothing but the
// stock Temporal UI: a manager orders it in the Start Workflow form; a linguist
// finds it by a bookmark, reads the brief, is refused in words, and approves and
// changes with the JSON that the brief gives.
//
// With SCREENSHOTS set to a folder the engines are the neural ones, and what
// people see is put there.
func TestUIJob(t *testing.T) {
	sim := &simengine.Options{Seed: 1}
	if os.Getenv("SCREENSHOTS") != "" {
		sim = nil
	}
	s := newStack(t, sim)
	film := simFilm(t, s.Engine(), simLines)
	p := s.browse()
	title := contract.TitleID("observatory")
	language := contract.LanguageID("observatory", "pt-BR")

	p.order(title, film)
	p.dialogue(title)
	p.translation(language)
	p.bothBranches()

	seen := do[seen](p, step{Do: "seen"})
	require.Equal(t, []string{"127.0.0.1"}, seen.Hosts, "the UI asks no other host")
	require.Empty(t, seen.Failures)
	require.Empty(t, seen.PageErrors)
	require.Empty(t, slices.DeleteFunc(seen.ConsoleErrors, sandboxed))
}

// order starts a job in the UI alone.
func (p *person) order(title, film string) {
	input := fmt.Sprintf(`{"title":"OBSERVATORY","customer":"NORTHERN","source":%q,"languages":["pt-BR"],"services":["subs","dub"]}`, film)

	do[any](p, step{Do: "start", ID: title, Queue: contract.QueueFlow, Type: contract.LocalizeTitle, Data: input, Shot: "order"})
}

// dialogue finds the job at its first gate. A stale revision and a bare
// rejection are refused; the JSON of the brief is taken.
func (p *person) dialogue(title string) {
	t := p.t
	do[any](p, step{Do: "list", Query: bookmark, ID: title})
	p.shot("list")
	do[any](p, step{Do: "open", ID: title})
	brief := p.brief(gate.Dialogue, "")
	p.shot("brief")
	approval := brief.answer(t, gate.Approve)
	revision := revisionIn(t, approval)

	onStale := p.decide(replace(t, approval, revision, "0123456789ab"), "refusal")
	onBare := p.decide(replace(t, approval, `"approve"`, `"reject"`), "")
	onApproval := p.decide(approval, "")

	require.Equal(t, []string{"id", "time", "line", "who"}, brief.Headings, "the table is a table")
	require.Len(t, brief.Cells, 4*len(simLines))
	require.Contains(t, onStale.Description, `"verdict":"approve"`, "what to send stands beside the update")
	require.Equal(t, "gate dialogue: revision 0123456789ab is stale; the one on show is "+revision+". Look at it and decide again", onStale.Refusal)
	require.Equal(t, "comment: say what must change; a rejection without a reason helps nobody", onBare.Refusal)
	require.Empty(t, onApproval.Refusal)
}

// translation reaches the language from its title, and by the bookmark. One line
// is changed; the revision that this makes is approved.
func (p *person) translation(language string) {
	t := p.t
	do[any](p, step{Do: "read", Text: "pt-BR: running"})
	p.shot("accepted")
	opened, err := url.PathUnescape(do[string](p, step{Do: "follow", Text: "pt-BR"}))
	require.NoError(t, err)
	first := p.brief(gate.Translation, "")
	change := first.answer(t, gate.Change)
	revision := revisionIn(t, change)

	onEmpty := p.decide(change, "")
	onChange := p.decide(replace(t, change, `"id":"e001","text":""`, `"id":"e003","text":"O primeiro é todo de gelo."`), "")
	do[any](p, step{Do: "list", Query: bookmark, ID: language})
	do[any](p, step{Do: "open", ID: language})
	second := p.brief(gate.Translation, revision)
	p.shot("translation")
	onApproval := p.decide(second.answer(t, gate.Approve), "")

	require.Contains(t, opened, "/workflows/"+language+"/")
	require.Contains(t, onEmpty.Refusal, `"text" is empty`, "the example as it stands does no harm")
	require.Empty(t, onChange.Refusal)
	require.Equal(t, []string{"id", "en", "pt-BR"}, second.Headings)
	require.Equal(t, "O primeiro é todo de gelo.", second.cell("e003", "pt-BR"))
	require.Equal(t, first.cell("e004", "pt-BR"), second.cell("e004", "pt-BR"), "the other lines stay")
	require.Empty(t, onApproval.Refusal)
}

// bothBranches sees that subtitles and dub wait side by side.
func (p *person) bothBranches() {
	subtitles, premix := p.brief(gate.Subtitles, ""), p.brief(gate.Premix, "")
	do[any](p, step{Do: "timeline", Text: "Synthesize"})
	p.shot("timeline")

	require.Contains(p.t, subtitles.Text, "O primeiro é todo de gelo.")
	require.Contains(p.t, premix.Text, "babelreel review show observatory --gate premix --lang pt-BR")
}

// sandboxed reports whether a console error is the UI's own doing: it renders
// markdown in a frame that may not run scripts, and puts one in.
func sandboxed(message string) bool {
	return strings.HasPrefix(message, "Blocked script execution in 'http://127.0.0.1:") && strings.Contains(message, "/render?")
}

// person is somebody at the UI: tools/ui/browser.mjs.
type person struct {
	t       testing.TB
	steps   *json.Encoder
	answers *bufio.Reader
}

// step is one thing that a person does.
type step struct {
	Do      string `json:"do"`
	ID      string `json:"id,omitempty"`
	Query   string `json:"query,omitempty"`
	Text    string `json:"text,omitempty"`
	Without string `json:"without,omitempty"`
	Name    string `json:"name,omitempty"`
	Data    string `json:"data,omitempty"`
	Queue   string `json:"queue,omitempty"`
	Type    string `json:"type,omitempty"`
	Shot    string `json:"shot,omitempty"`
}

// shown is what a person reads of a workflow.
type shown struct {
	Text     string   `json:"text"`
	Codes    []string `json:"codes"`
	Headings []string `json:"headings"`
	Cells    []string `json:"cells"`
}

// sent is what a person learns of an update.
type sent struct {
	Description string `json:"description"`
	Refusal     string `json:"refusal"`
}

// seen is what the page asked for and complained of.
type seen struct {
	Hosts         []string `json:"hosts"`
	Failures      []string `json:"failures"`
	PageErrors    []string `json:"pageErrors"`
	ConsoleErrors []string `json:"consoleErrors"`
}

// browse puts a person before the UI of s, until the test ends.
func (s *stack) browse() *person {
	s.t.Helper()
	args := []string{filepath.Join(root(), "tools", "ui", "browser.mjs"), s.UI}
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		args = append(args, dir)
	}
	cmd := exec.Command("node", args...)
	cmd.Stderr = &logWriter{t: s.t, name: "browser"}
	stdin, err := cmd.StdinPipe()
	require.NoError(s.t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	s.t.Cleanup(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	p := &person{t: s.t, steps: json.NewEncoder(stdin), answers: bufio.NewReader(stdout)}
	answer[string](p)
	return p
}

// do takes a step and returns what came of it.
func do[T any](p *person, what step) T {
	p.t.Helper()
	require.NoError(p.t, p.steps.Encode(what))
	return answer[T](p)
}

func answer[T any](p *person) T {
	p.t.Helper()
	line, err := p.answers.ReadBytes('\n')
	require.NoError(p.t, err, "the browser ended")
	var a struct {
		Value T      `json:"value"`
		Error string `json:"error"`
	}
	require.NoError(p.t, json.Unmarshal(line, &a))
	require.Empty(p.t, a.Error)
	return a.Value
}

func (p *person) shot(name string) {
	p.t.Helper()
	do[any](p, step{Do: "shot", Name: name})
}

// brief waits until a gate shows a revision other than the given one.
func (p *person) brief(name gate.Name, without string) shown {
	p.t.Helper()
	return do[shown](p, step{Do: "read", Text: "Waiting for a decision: " + string(name), Without: without})
}

// decide pastes what a brief gave, with the name of this person in it.
func (p *person) decide(pasted, shot string) sent {
	p.t.Helper()
	return do[sent](p, step{Do: "update", Name: contract.UpdateDecide, Data: replace(p.t, pasted, "you@example.com", "ana@example.com"), Shot: shot})
}

// answer is the text that s gives to copy for a verdict.
func (s shown) answer(tb testing.TB, verdict gate.Verdict) string {
	tb.Helper()
	i := slices.IndexFunc(s.Codes, func(code string) bool { return strings.Contains(code, `"verdict":"`+string(verdict)+`"`) })
	require.GreaterOrEqual(tb, i, 0, "no %s to copy in %s", verdict, s.Text)
	return s.Codes[i]
}

func revisionIn(tb testing.TB, pasted string) string {
	tb.Helper()
	var d contract.Decide
	require.NoError(tb, json.Unmarshal([]byte(pasted), &d), "%s", pasted)
	return d.Revision
}

// replace edits what a person is about to paste.
func replace(tb testing.TB, pasted, old, with string) string {
	tb.Helper()
	require.Equal(tb, 1, strings.Count(pasted, old), "%s in %s", old, pasted)
	return strings.Replace(pasted, old, with, 1)
}

// cell is what the table of s holds in a column for the line with an id.
func (s shown) cell(id, column string) string {
	width, at := len(s.Headings), slices.Index(s.Headings, column)
	for row := range slices.Chunk(s.Cells, max(1, width)) {
		if row[0] == id && at >= 0 {
			return row[at]
		}
	}
	return ""
}
