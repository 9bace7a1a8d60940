package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/internal/cli"
)

// translating is the job of waiting while machines work, or try to.
func translating(p cli.Pending) moment {
	m := waiting()
	e := m.executions[language]
	p.Name = contract.Translate.Name
	e.Activities = []cli.Pending{p}
	m.executions[language] = e
	s := m.statuses[language]
	s.Gates = nil
	s.Stages = []contract.StageStatus{{Stage: contract.StageTranslate, State: contract.StageRunning}}
	m.statuses[language] = s
	return m
}

func blocked() moment {
	m := waiting()
	s := m.statuses[language]
	s.Blocked = []contract.Blocked{{Stage: contract.StageTakes, Kind: "Denied", Reason: "no credit\nleft"}}
	m.statuses[language] = s
	return m
}

func TestWatchSaysEachChangeOnce(t *testing.T) {
	server := &fake{moments: []moment{
		translating(cli.Pending{Done: 1, Total: 25, Attempt: 1}),
		translating(cli.Pending{Started: true, Done: 1, Total: 25, Attempt: 1}),
		translating(cli.Pending{Started: true, Done: 1, Total: 25, Attempt: 1}),
		translating(cli.Pending{Started: true, Done: 2, Total: 25, Attempt: 3, Failure: "engine: 429"}),
		{err: cli.Exit(6, "nobody answers")},
		waiting(),
		blocked(),
		over(contract.TitleOut{
			Outcome: contract.OutcomePartial, Languages: []contract.LanguageOut{{Language: "pt-BR"}},
			Failed: []contract.FailedLanguage{{Language: "es", Reason: "no engine"}},
		}),
	}}

	got := run(t, server, "watch", "film")

	require.Equal(t, 3, got.code)
	require.Equal(t, strings.TrimPrefix(`
12:00:00  title    dialogue   done
12:00:00  pt-BR    translate  running, queued for a worker 1/25
12:00:00  pt-BR    translate  running 1/25
12:00:00  pt-BR    translate  running 2/25, attempt 3 after: engine: 429
12:00:00  pt-BR    translate  at-gate for a decision at translation
12:00:00  pt-BR    subtitles  waits for translate
12:00:00  pt-BR    package    waits for subtitles
12:00:00  pt-BR    waiting    gate translation waits for a decision on revision abababababab (1 critical, 2 major, 0 minor): babelreel review show film --gate translation --lang pt-BR
12:00:00  pt-BR    waiting    stage takes is blocked (Denied): no credit left: babelreel retry film takes --lang pt-BR --by YOU
12:00:00  pt-BR    delivered
12:00:00  es       failed: no engine
12:00:00  job film: partial; fetch it with `+"`babelreel deliver film --out DIR`\n", "\n"), got.stdout)
	require.Equal(t, 1, strings.Count(got.stderr, "nobody answers; trying again"))
}

func TestWatchJSONIsOneLinePerChange(t *testing.T) {
	server := &fake{moments: []moment{waiting(), waiting(), over(contract.TitleOut{Outcome: contract.OutcomeDelivered})}}

	got := run(t, server, "watch", "film", "--json")

	require.Zero(t, got.code)
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	require.Len(t, lines, 2)
	var first, last struct {
		State string              `json:"state"`
		Waits []map[string]string `json:"waits"`
	}
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &last))
	require.Equal(t, "running", first.State)
	require.Equal(t, "babelreel review show film --gate translation --lang pt-BR", first.Waits[0]["command"])
	require.Equal(t, "delivered", last.State)
}

func TestWatchOfAFailedJob(t *testing.T) {
	failed := over(contract.TitleOut{})
	e := failed.executions[title]
	e.State = cli.StateFailed
	failed.executions[title] = e
	failed.outcomeErr = cli.Exit(3, "ingest: no audio stream")

	got := run(t, &fake{moments: []moment{failed}}, "watch", "film")

	require.Equal(t, 3, got.code)
	require.Contains(t, got.stderr, "job film: failed: ingest: no audio stream")
}

func TestExplain(t *testing.T) {
	stuck := blocked()
	e := stuck.executions[language]
	e.Activities = []cli.Pending{{Name: contract.AuthorSubtitles.Name}}
	stuck.executions[language] = e
	server := &fake{moments: []moment{stuck}, pollers: map[string]int{"flow": 1, "media": 1, "cpu": 1}}

	got := run(t, server, "explain", "film")
	data := decode[struct {
		Waits     []map[string]string `json:"waits"`
		Unserved  []string            `json:"unservedQueues"`
		Workflows []struct {
			Stages []struct{ Stage, State, Why string }
		} `json:"workflows"`
	}](t, run(t, server, "explain", "film", "--json"))

	require.Zero(t, got.code)
	for _, words := range []string{
		"No worker serves queue gpu", "babelreel worker --queues gpu",
		"an administrator: credentials, quota or consent are missing",
		"babelreel retry film takes --lang pt-BR --by YOU",
		"babelreel review show film --gate translation --lang pt-BR",
	} {
		require.Contains(t, got.stdout, words)
	}
	require.Equal(t, []string{"gpu"}, data.Unserved)
	require.Len(t, data.Waits, 2)
	require.Equal(t, "for subtitles (translate: for a decision at translation)", data.Workflows[1].Stages[2].Why)
}

func TestRetryAndCancel(t *testing.T) {
	server := &fake{moments: []moment{blocked()}}

	retried := run(t, server, "retry", "film", "takes", "--by", "ana")
	cancelled := run(t, server, "cancel", "film", "--json")

	require.Zero(t, retried.code, retried.stderr)
	require.Zero(t, cancelled.code, cancelled.stderr)
	require.Equal(t, []string{language + " retry", title}, server.to)
	require.Equal(t, []any{contract.Retry{Stage: contract.StageTakes, By: "ana"}}, server.sent)
}
