package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/internal/cli"
	"github.com/babelreel/babelreel/store/dir"
)

// shelf is a data directory with a store.
type shelf struct {
	t     *testing.T
	data  string
	store *dir.Store
}

func newShelf(t *testing.T) shelf {
	t.Helper()
	data := t.TempDir()
	s, err := dir.Open(filepath.Join(data, "blobs"), noon)
	require.NoError(t, err)
	return shelf{t, data, s}
}

// put stores text, or a document as JSON.
func (s shelf) put(doc any) script.Blob {
	s.t.Helper()
	text, isText := doc.(string)
	if !isText {
		data, err := json.Marshal(doc)
		require.NoError(s.t, err)
		text = string(data)
	}
	b, err := s.store.Put(s.t.Context(), strings.NewReader(text))
	require.NoError(s.t, err)
	return b
}

// at is the job of waiting with one gate of the language open on doc.
func at(name gate.Name, doc, report script.Blob, stages ...contract.StageStatus) *fake {
	m := waiting()
	s := m.statuses[language]
	g := gate.New(name, "")
	g.Show(gate.Subject{Revision: doc.SHA256, Report: report, Majors: 1}, noon.Add(-time.Hour))
	s.Gates, s.Stages = []gate.Gate{g}, stages
	m.statuses[language] = s
	return &fake{moments: []moment{m}}
}

func TestReviewList(t *testing.T) {
	server := &fake{moments: []moment{waiting()}}

	text := run(t, server, "review", "list")
	data := decode[[]map[string]any](t, run(t, server, "review", "list", "--json"))
	none := run(t, &fake{moments: []moment{{}}}, "review", "list")

	require.Equal(t, `JOB   LANGUAGE  GATE         REVISION      CRITICAL  MAJOR  MINOR  WAITS  STATE
film  pt-BR     translation  abababababab  1         2      0      1h30m  waiting

See one: babelreel review show film --gate translation --lang pt-BR
`, text.stdout)
	require.Len(t, data, 1)
	require.Equal(t, "translation", data[0]["gate"])
	require.Equal(t, `ExecutionStatus = "Running" AND (ReviewState = "awaiting_linguist" OR ReviewState = "blocked")`, server.queries[0])
	require.Equal(t, "No gate waits for a decision.\n", none.stdout)
}

func TestReviewShowsTheWholeDocument(t *testing.T) {
	s := newShelf(t)
	doc := script.Translation{From: "en", To: "pt-BR", Failures: []script.Failure{{Event: "e031", Kind: "Refused", Reason: "declined"}}}
	for range 30 {
		doc.Lines = append(doc.Lines, script.Line{Event: "e001", Source: "Hello \x1b[2Jthere", Text: "Olá", Origin: "edit:ana"})
	}
	report := s.put(qa.Report{RulesVersion: "r1", Findings: []qa.Finding{{Rule: "TRN002", Severity: qa.Major, Message: "too long"}}, Counts: qa.Counts{Major: 1}})
	server := at(gate.Translation, s.put(doc), report)

	text := run(t, server, "review", "show", "film", "--data", s.data)
	data := decode[struct {
		Gate     gate.Gate
		Report   qa.Report
		Document script.Translation
		Lines    []map[string]string
	}](t, run(t, server, "review", "show", "film", "--data", s.data, "--json"))

	require.Zero(t, text.code, text.stderr)
	require.Equal(t, 30, strings.Count(text.stdout, "Hello [2Jthere  Olá "), "every line, and nothing that steers the terminal")
	require.Contains(t, text.stdout, "MISSING: declined")
	require.Contains(t, text.stdout, "edited by ana")
	require.Contains(t, text.stdout, "too long")
	require.Contains(t, text.stdout, "babelreel review approve film --gate translation --lang pt-BR --revision")
	require.Equal(t, doc, data.Document)
	require.Len(t, data.Lines, 31)
	require.Equal(t, "r1", data.Report.RulesVersion)
}

func TestReviewShowOfAPremixGivesItsSound(t *testing.T) {
	s := newShelf(t)
	dub := s.put(script.DubScript{Language: "pt-BR", Lines: []script.DubLine{
		{Event: "e001", Voice: "dora", Source: "Hello", Text: "Olá"},
		{Event: "e002", Voice: "dora", Source: "Bye", Text: "Tchau"},
	}})
	takes := s.put(script.Takes{
		Takes:    []script.Take{{Event: "e001", Duration: time.Second, Slot: 2 * time.Second, Method: "natural", Ratio: 1}},
		Failures: []script.Failure{{Event: "e002", Kind: "Broken", Reason: "engine died"}},
	})
	premix := contract.Premix{Takes: takes, Guide: s.put("guide sound"), Dialogue: s.put("dialogue sound"), BedKind: "supplied M&E"}
	server := at(gate.Premix, s.put(premix), script.Blob{}, contract.StageStatus{Stage: contract.StageDubScript, Doc: dub})
	out := filepath.Join(t.TempDir(), "media")

	got := run(t, server, "review", "show", "film", "--data", s.data, "--media", out)

	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "dora, 1.00 s of 2.00 s, natural 1.00x")
	require.Contains(t, got.stdout, "MISSING: Broken: engine died")
	require.Contains(t, got.stdout, "over the supplied M&E")
	sound, err := filepath.Glob(filepath.Join(out, "*guide.wav"))
	require.NoError(t, err)
	require.Len(t, sound, 1)
	content, err := os.ReadFile(sound[0])
	require.NoError(t, err)
	require.Equal(t, "guide sound", string(content))
}

func TestReviewShowOfTheFinalGate(t *testing.T) {
	s := newShelf(t)
	master := contract.Master{
		Mix:     s.put(contract.Mix{LUFS: -27.1, PeakDBTP: -2, BedKind: "ducked original"}),
		Heard:   s.put(qa.Report{Counts: qa.Counts{Minor: 3}}),
		Picture: s.put(contract.Picture{Grade: "preview", Shots: 4, Closures: 12, ClosuresHit: 11, OutsideIdentical: true}),
	}

	got := run(t, at(gate.Final, s.put(master), script.Blob{}), "review", "show", "film", "--data", s.data)

	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "mix: -27.1 LUFS, true peak -2.0 dBTP")
	require.Contains(t, got.stdout, "lip-sync (preview grade): 4 shots, 11 of 12 lip closures hit")
	require.Contains(t, got.stdout, "babelreel review reopen film --gate premix --lang pt-BR", "nothing can be changed at this gate itself")
}

func TestReviewShowOfADamagedDocument(t *testing.T) {
	s := newShelf(t)

	got := run(t, at(gate.Translation, s.put("no JSON"), script.Blob{}), "review", "show", "film", "--data", s.data)

	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "document: parse")
}

func TestReviewApproveTakesWhatIsOnShow(t *testing.T) {
	server := &fake{moments: []moment{waiting()}}

	got := run(t, server, "review", "approve", "film", "--by", " ana ", "--waive", "TRN001:e002=it is a name=really", "--comment", "fine")

	require.Zero(t, got.code, got.stderr)
	require.Equal(t, []string{language + " decide"}, server.to)
	require.Equal(t, []any{contract.Decide{
		Gate: gate.Translation, Revision: strings.Repeat("ab", 32), Verdict: gate.Approve, By: "ana", Comment: "fine",
		Waive: []gate.Waiver{{Finding: "TRN001:e002", Reason: "it is a name=really"}},
	}}, server.sent)
	require.Contains(t, got.stdout, "revision abababababab: taken")
}

func TestReviewChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "edits.json")
	require.NoError(t, os.WriteFile(file, []byte(`[{"op":"delete","id":"e009"}]`), 0o600))
	want := []script.Edit{{Op: script.Replace, ID: "e001", Text: "a=b, c"}, {Op: script.Delete, ID: "e009"}}

	fromFile, fromStdin := &fake{moments: []moment{waiting()}}, &fake{moments: []moment{waiting()}}
	one := run(t, fromFile, "review", "change", "film", "--by", "ana", "--replace", "e001=a=b, c", "--edits", file)
	two := runWith(t, fromStdin, `[{"op":"delete","id":"e009"}]`, "review", "change", "film", "--by", "ana", "--replace", "e001=a=b, c", "--edits", "-")
	typo := runWith(t, fromStdin, `[{"opp":"delete"}]`, "review", "change", "film", "--by", "ana", "--edits", "-")

	require.Zero(t, one.code, one.stderr)
	require.Zero(t, two.code, two.stderr)
	require.Equal(t, want, fromFile.sent[0].(contract.Decide).Edits)
	require.Equal(t, want, fromStdin.sent[0].(contract.Decide).Edits)
	require.Equal(t, 2, typo.code)
	require.Contains(t, typo.stderr, `unknown field "opp"`)
}

func TestReviewPrintsARefusalWordForWord(t *testing.T) {
	got := run(t, &fake{moments: []moment{waiting()}}, "review", "reject", "film", "--by", "ana")

	require.Equal(t, result{4, "", "babelreel: comment: say what must change; a rejection without a reason helps nobody\n"}, got)
}

func TestReviewOfSeveralGatesAsksWhich(t *testing.T) {
	m := waiting()
	s := m.statuses[language]
	second := gate.New(gate.Subtitles, "")
	second.Show(gate.Subject{Revision: "ef"}, noon)
	s.Gates = append(s.Gates[:1:1], second)
	m.statuses[language] = s
	server := &fake{moments: []moment{m}}

	unclear := run(t, server, "review", "approve", "film", "--by", "ana")
	named := run(t, server, "review", "approve", "film", "--by", "ana", "--gate", "subtitles")
	approved := run(t, server, "review", "reopen", "film", "--by", "ana", "--gate", "dialogue", "--comment", "a name is wrong")

	require.Equal(t, 2, unclear.code)
	require.Contains(t, unclear.stderr, "--gate translation --lang pt-BR\n  --gate subtitles --lang pt-BR")
	require.Zero(t, named.code, named.stderr)
	require.Zero(t, approved.code, "a gate that is named need not wait: "+approved.stderr)
	require.Equal(t, []string{language + " decide", title + " decide"}, server.to)
}

func TestReviewWithoutAServer(t *testing.T) {
	require.Equal(t, 6, run(t, cli.Exit(6, "down"), "review", "list").code)
}
