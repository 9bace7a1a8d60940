package cli_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/internal/cli"
)

// films makes a programme, an empty one, and an order for the first.
func films(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range map[string]string{
		"My Film.mkv": "pixels", "me.wav": "sound", "empty.mkv": "",
		"order.json": `{"source":"` + filepath.Join(dir, "My Film.mkv") + `","job":"from-file","title":"FILE","languages":["es"],"services":["subs"],"gates":{"dialogue":"off"}}`,
		"typo.json":  `{"sauce":"x"}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

func TestStartBuildsTheOrder(t *testing.T) {
	dir := films(t)
	t.Chdir(dir)
	source, me := filepath.Join(dir, "My Film.mkv"), filepath.Join(dir, "me.wav")

	tests := map[string]struct {
		args  []string
		stdin string
		want  contract.Order
	}{
		"everything": {
			args: []string{
				"My Film.mkv", "--to", "pt-br,es", "--from", "EN", "--services", "subs,dub,lipsync", "--title", "CODE", "--customer", "ACME", "--series", "S1",
				"--me", "me.wav", "--profile", "bbc", "--gate", "premix=automatic-when-clean", "--cast", "S1=pf_dora", "--cast", "S2=a=b", "--due", "2026-12-24", "--job", "j1",
			},
			want: contract.Order{
				Job: "j1", Customer: "ACME", Series: "S1", Title: "CODE", Source: source, SourceLanguage: "en", MusicEffects: me,
				Languages: []string{"pt-BR", "es"}, Services: []contract.Service{contract.Subtitles, contract.Dub, contract.LipSync}, Profile: "bbc",
				Gates:   map[gate.Name]gate.Policy{gate.Premix: gate.Automatic},
				Casting: map[string]string{"S1": "pf_dora", "S2": "a=b"}, Due: time.Date(2026, 12, 24, 23, 59, 59, 0, time.UTC),
			},
		},
		"a due time with a zone": {
			args: []string{"My Film.mkv", "--to", "es", "--services", "subs", "--job", "j", "--due", "2026-12-24T18:00:00+01:00"},
			want: contract.Order{
				Job: "j", Title: "My Film", Source: source, Languages: []string{"es"}, Services: []contract.Service{contract.Subtitles},
				Due: time.Date(2026, 12, 24, 17, 0, 0, 0, time.UTC),
			},
		},
		"flags go over a file": {
			args: []string{"--order", "order.json", "--title", "FLAG", "--gate", "final=off"},
			want: contract.Order{
				Job: "from-file", Title: "FLAG", Source: source, Languages: []string{"es"}, Services: []contract.Service{contract.Subtitles},
				Gates: map[gate.Name]gate.Policy{gate.Dialogue: gate.Off, gate.Final: gate.Off},
			},
		},
		"an order on stdin": {
			args: []string{"My Film.mkv", "--order", "-"}, stdin: `{"job":"j","title":"T","languages":["ja"],"services":["dub"]}`,
			want: contract.Order{Job: "j", Title: "T", Source: source, Languages: []string{"ja"}, Services: []contract.Service{contract.Dub}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := new(fake)
			got := runWith(t, server, tt.stdin, append([]string{"start"}, tt.args...)...)
			require.Zero(t, got.code, got.stderr)
			require.Equal(t, []any{contract.TitleIn{Order: tt.want}}, server.sent)
		})
	}
}

func TestStartRefusesBeforeAnythingIsSent(t *testing.T) {
	dir := films(t)
	t.Chdir(dir)
	good := []string{"start", "My Film.mkv", "--to", "es", "--services", "subs"}

	tests := map[string]struct {
		args  []string
		words string
	}{
		"no programme":           {[]string{"start", "--to", "es", "--services", "subs"}, "name the programme"},
		"programme not there":    {[]string{"start", "none.mkv", "--to", "es", "--services", "subs"}, "there is no file none.mkv"},
		"programme empty":        {[]string{"start", "empty.mkv", "--to", "es", "--services", "subs"}, "empty.mkv is empty"},
		"programme a directory":  {[]string{"start", ".", "--to", "es", "--services", "subs"}, ". is not a file"},
		"M&E not there":          {append(good, "--me", "none.wav"), "music and effects: there is no file none.wav"},
		"no language":            {[]string{"start", "My Film.mkv", "--services", "subs"}, "--to: name at least one"},
		"no language at all":     {append(good, "--to", "not_a_tag!"), "no language tag"},
		"a language twice":       {append(good, "--to", "ES"), "es is named twice"},
		"no service":             {[]string{"start", "My Film.mkv", "--to", "es"}, "order at least one of subs, dub, lipsync"},
		"an unknown service":     {append(good, "--services", "dance"), `no service "dance"`},
		"lip-sync without a dub": {append(good, "--services", "lipsync"), "lipsync needs dub"},
		"an unknown gate":        {append(good, "--gate", "dance=off"), `no gate "dance"`},
		"an unknown policy":      {append(good, "--gate", "final=maybe"), `no policy "maybe"`},
		"a gate without policy":  {append(good, "--gate", "final"), "want GATE=POLICY"},
		"a cast without voice":   {append(good, "--cast", "S1="), "want CHARACTER=VOICE"},
		"a due date that is no":  {append(good, "--due", "soon"), "want a date"},
		"a due date that is by":  {append(good, "--due", "2020-01-01"), "is over"},
		"a job id with a slash":  {append(good, "--job", "a/b"), "--job"},
		"a typo in the order":    {[]string{"start", "--order", "typo.json"}, `unknown field "sauce"`},
		"no order file":          {[]string{"start", "--order", "none.json"}, "none.json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := new(fake)
			got := run(t, server, tt.args...)
			require.Equal(t, 2, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.words)
			require.Empty(t, server.sent)
		})
	}
}

func TestStartSaysWhatIsNext(t *testing.T) {
	t.Chdir(films(t))

	text := run(t, new(fake), "start", "My Film.mkv", "--to", "es", "--services", "subs", "--job", "j1")
	data := decode[map[string]string](t, run(t, new(fake), "start", "My Film.mkv", "--to", "es", "--services", "subs", "--json"))

	require.Contains(t, text.stdout, "next     babelreel watch j1")
	require.Contains(t, text.stdout, "http://ui/title-j1")
	require.Regexp(t, `^my-film-[0-9a-f]{6}$`, data["job"])
	require.Equal(t, "title-"+data["job"], data["workflowId"])
	require.Equal(t, "babelreel watch "+data["job"], data["watch"])
}

func TestStartOfAJobThatIsThere(t *testing.T) {
	t.Chdir(films(t))
	server := &fake{refuse: cli.Exit(4, "job j1 is there already; see it with `babelreel watch j1`")}

	got := run(t, server, "start", "My Film.mkv", "--to", "es", "--services", "subs", "--job", "j1")

	require.Equal(t, 4, got.code)
	require.Contains(t, got.stderr, "babelreel watch j1")
	require.Empty(t, got.stdout)
}

func TestSlug(t *testing.T) {
	tests := map[string]string{
		"My Film":   "my-film",
		"  __A__ ":  "a",
		"日本":        "job",
		"":          "job",
		"Ünder/x.y": "nder-x-y",
		"a123456789b123456789c123456789d123456789e": "a123456789b123456789c123456789d123456789",
	}
	for title, want := range tests {
		require.Equal(t, want, cli.Slug(title), title)
	}
}
