package cli_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/internal/cli"
)

func TestExitCodes(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	tests := map[string]struct {
		server any
		args   []string
		code   int
		words  string // on stderr
	}{
		"no such command":           {nil, []string{"dance"}, 2, `unknown command "dance"`},
		"no such subcommand":        {nil, []string{"review", "dance"}, 2, `no command "dance"`},
		"an argument too few":       {nil, []string{"watch"}, 2, "see `babelreel watch --help`"},
		"a flag that is not there":  {nil, []string{"watch", "film", "--fast"}, 2, "unknown flag"},
		"a setting that cannot be":  {nil, []string{"version", "--temporal-port", "70000"}, 2, "temporal.port"},
		"nobody named":              {&fake{moments: []moment{waiting()}}, []string{"review", "approve", "film"}, 2, "--by"},
		"nothing to change":         {&fake{moments: []moment{waiting()}}, []string{"review", "change", "film", "--by", "ana"}, 2, "--replace"},
		"a stale revision":          {&fake{moments: []moment{waiting()}}, []string{"review", "approve", "film", "--by", "ana", "--revision", "0000"}, 4, "revision 0000 is stale"},
		"a critical finding stands": {&fake{moments: []moment{waiting()}}, []string{"review", "approve", "film", "--by", "ana"}, 4, "critical finding TRN001:e002 stands"},
		"no such job":               {&fake{moments: []moment{waiting()}}, []string{"watch", "other"}, 5, "there is no job other"},
		"no such language":          {&fake{moments: []moment{waiting()}}, []string{"review", "show", "film", "--lang", "es"}, 5, "it has pt-BR"},
		"no such stage":             {&fake{moments: []moment{waiting()}}, []string{"retry", "film", "dance", "--by", "ana"}, 5, `no stage "dance"`},
		"no such gate":              {&fake{moments: []moment{waiting()}}, []string{"review", "show", "film", "--gate", "dance"}, 2, "there are dialogue, translation"},
		"no store":                  {&fake{moments: []moment{waiting()}}, []string{"review", "show", "film", "--data", absent}, 5, "name the place with --data"},
		"no records":                {nil, []string{"usage", "--data", absent}, 5, "name the place with --data"},
		"no directory named":        {nil, []string{"deliver", "film"}, 2, "--out"},
		"no server":                 {cli.Exit(6, "cannot reach Temporal"), []string{"watch", "film"}, 6, "cannot reach Temporal"},
		"partly delivered":          {&fake{moments: []moment{over(contract.TitleOut{Outcome: contract.OutcomePartial})}}, []string{"watch", "film"}, 3, "delivered only in part"},
		"delivered":                 {&fake{moments: []moment{over(contract.TitleOut{Outcome: contract.OutcomeDelivered})}}, []string{"watch", "film"}, 0, ""},
		"nobody speaks":             {&fake{moments: []moment{over(contract.TitleOut{Outcome: contract.OutcomeNoDialogue})}}, []string{"watch", "film"}, 0, ""},
		"review of a job that ended": {
			&fake{moments: []moment{over(contract.TitleOut{Outcome: contract.OutcomeDelivered})}},
			[]string{"review", "approve", "film", "--by", "ana"},
			5, "has ended",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(t, tt.server, tt.args...)

			require.Equal(t, tt.code, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.words)
			require.NoDirExists(t, absent)
		})
	}
	require.Equal(t, 1, cli.CodeOf(errors.New("something")))
	require.Equal(t, 5, cli.CodeOf(fault.New(fault.Missing, "store", "there is no blob")))
}

func TestHelpTellsEveryExitCodeAndSetting(t *testing.T) {
	codes := run(t, nil, "help", "exit-codes")
	settings := run(t, nil, "help", "settings")

	require.Zero(t, codes.code)
	for _, code := range []string{"  0  ", "  1  ", "  2  ", "  3  ", "  4  ", "  5  ", "  6  "} {
		require.Contains(t, codes.stdout, code)
	}
	require.Contains(t, settings.stdout, "--lease-ttl")
	require.NotContains(t, run(t, nil, "watch", "--help").stdout, "--lease-ttl", "settings do not crowd the help of each command")
}

func TestVersion(t *testing.T) {
	got := decode[map[string]any](t, run(t, nil, "version", "--json"))

	require.NotEmpty(t, got["version"])
	require.Contains(t, got["go"], "go1.")
}

func TestLocate(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "temporal.toml")
	require.NoError(t, os.WriteFile(profile, []byte("[profile.default]\naddress = \"file:1\"\nnamespace = \"ns\"\n"), 0o600))
	cfg := config.Default()

	tests := map[string]struct {
		address string
		env     map[string]string
		want    [4]string // host and port, namespace, UI, origin
	}{
		"nothing set":           {"", nil, [4]string{"127.0.0.1:7233", "default", "http://127.0.0.1:8233", "embedded"}},
		"a profile":             {"", map[string]string{"TEMPORAL_CONFIG_FILE": profile}, [4]string{"file:1", "ns", "", "profile"}},
		"environment beats it":  {"", map[string]string{"TEMPORAL_CONFIG_FILE": profile, "TEMPORAL_ADDRESS": "env:1"}, [4]string{"env:1", "ns", "", "profile"}},
		"the flag beats both":   {"flag:1", map[string]string{"TEMPORAL_CONFIG_FILE": profile, "TEMPORAL_ADDRESS": "env:1"}, [4]string{"flag:1", "default", "", "--address"}},
		"the embedded one told": {"127.0.0.1:7233", nil, [4]string{"127.0.0.1:7233", "default", "http://127.0.0.1:8233", "--address"}},
		"Temporal Cloud":        {"", map[string]string{"TEMPORAL_ADDRESS": "ns.acct.tmprl.cloud:7233"}, [4]string{"ns.acct.tmprl.cloud:7233", "default", "https://cloud.temporal.io", "profile"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			getenv := func(key string) string {
				if v, ok := tt.env[key]; ok {
					return v
				}
				if key == "TEMPORAL_CONFIG_FILE" {
					return filepath.Join(t.TempDir(), "none")
				}
				return ""
			}
			hostPort, namespace, ui, origin, err := cli.Locate(tt.address, cfg, getenv)
			require.NoError(t, err)
			require.Equal(t, tt.want, [4]string{hostPort, namespace, ui, origin})
		})
	}
}

func TestEveryActivityHasAStage(t *testing.T) {
	stages := cli.StagesOfActivities()

	for _, name := range contract.ActivityNames() {
		require.Contains(t, stages, name, "watch shows what it works for")
	}
	require.Len(t, stages, len(contract.ActivityNames()))
}
