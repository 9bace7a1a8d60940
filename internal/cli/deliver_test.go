package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
	"github.com/babelreel/babelreel/store/records"
)

// warehouse is a shelf with records.
type warehouse struct {
	shelf
	db *records.DB
}

func newWarehouse(t *testing.T, languages ...string) warehouse {
	t.Helper()
	s := newShelf(t)
	db, err := records.Open(t.Context(), filepath.Join(s.data, "records.db"), func() time.Time { return noon })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	order, err := json.Marshal(contract.Order{Languages: languages})
	require.NoError(t, err)
	require.NoError(t, db.PutJob(t.Context(), store.Job{ID: "film", Title: "Film", Order: order}))
	return warehouse{s, db}
}

// deliver records a delivery of files, content by name.
func (w warehouse) deliver(language string, files map[string]string) script.Blob {
	w.t.Helper()
	m := contract.Manifest{Job: "film", To: language, Labels: []string{"synthetic voice"}}
	for name, content := range files {
		m.Files = append(m.Files, contract.Delivered{Name: name, Blob: w.put(content)})
	}
	b := w.put(m)
	require.NoError(w.t, w.db.RecordDelivery(w.t.Context(), store.Delivery{Job: "film", Language: language, Manifest: b.SHA256}))
	return b
}

// blob is where the store keeps an object.
func (w warehouse) blob(b script.Blob) string {
	return filepath.Join(w.data, "blobs", "blobs", b.SHA256[:2], b.SHA256[2:])
}

// tree is the files below dir, content by path.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(content)
		return err
	}))
	return files
}

func TestDeliver(t *testing.T) {
	w := newWarehouse(t, "pt-BR", "es")
	manifest := w.deliver("pt-BR", map[string]string{"film.srt": "1\n", "film.mp4": "picture"})
	out := filepath.Join(t.TempDir(), "new", "out")

	first := run(t, nil, "deliver", "film", "--out", out, "--data", w.data)
	again := run(t, nil, "deliver", "film", "--out", out, "--data", w.data, "--lang", "pt-BR", "--json")

	require.Equal(t, 3, first.code)
	require.Contains(t, first.stderr, "not delivered yet: es")
	require.Contains(t, first.stdout, "label: synthetic voice")
	got := tree(t, out)
	data, err := os.ReadFile(w.blob(manifest))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"pt-BR/film.srt": "1\n", "pt-BR/film.mp4": "picture", "pt-BR/manifest.json": string(data)}, got)
	require.Contains(t, again.stdout, `"wasThere": true`)

	require.NoError(t, os.WriteFile(filepath.Join(out, "pt-BR", "film.srt"), []byte("edited by the customer"), 0o600), "a file of its own, free to edit")
	in, err := w.store.Open(t.Context(), w.put("1\n").SHA256)
	require.NoError(t, err)
	require.NoError(t, in.Close())
	changed := run(t, nil, "deliver", "film", "--out", out, "--data", w.data, "--lang", "pt-BR")
	require.Equal(t, 1, changed.code)
	require.Contains(t, changed.stderr, "with film.srt changed or missing")
	require.Equal(t, "edited by the customer", tree(t, out)["pt-BR/film.srt"])
}

func TestDeliverLeavesOthersAlone(t *testing.T) {
	tests := map[string]func(t *testing.T, target string){
		"a directory with something else": func(t *testing.T, target string) {
			require.NoError(t, os.MkdirAll(target, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(target, "notes.txt"), []byte("mine"), 0o600))
		},
		"another delivery": func(t *testing.T, target string) {
			require.NoError(t, os.MkdirAll(target, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(target, "manifest.json"), []byte("{}"), 0o600))
		},
	}
	for name, arrange := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWarehouse(t, "pt-BR")
			w.deliver("pt-BR", map[string]string{"film.srt": "1\n"})
			out := t.TempDir()
			arrange(t, filepath.Join(out, "pt-BR"))
			before := tree(t, out)

			got := run(t, nil, "deliver", "film", "--out", out, "--data", w.data)

			require.Equal(t, 1, got.code)
			require.Contains(t, got.stderr, "holds something else and is left as it is")
			require.Equal(t, before, tree(t, out))
		})
	}
}

func TestDeliverIntoAnEmptyDirectory(t *testing.T) {
	w := newWarehouse(t, "pt-BR")
	w.deliver("pt-BR", map[string]string{"film.srt": "1\n"})
	out := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(out, "pt-BR"), 0o755))

	got := run(t, nil, "deliver", "film", "--out", out, "--data", w.data)

	require.Zero(t, got.code, got.stderr)
	require.Len(t, tree(t, out), 2)
}

func TestDeliverLeavesNothingHalfDone(t *testing.T) {
	tests := map[string]struct {
		files  map[string]string
		damage func(t *testing.T, path string)
		code   int
		words  string
	}{
		"a blob is damaged": {map[string]string{"a.srt": "text", "b.srt": "more"}, func(t *testing.T, path string) {
			require.NoError(t, os.Chmod(path, 0o600))
			require.NoError(t, os.WriteFile(path, []byte("tixt"), 0o600))
		}, 1, "is damaged"},
		"a blob is gone":               {map[string]string{"a.srt": "text"}, func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }, 5, "there is no blob"},
		"a name that climbs":           {map[string]string{"../a.srt": "text"}, nil, 1, "is no name for a file"},
		"a name that is the manifest":  {map[string]string{"manifest.json": "text"}, nil, 1, "twice"},
		"a name that is a folder only": {map[string]string{"..": "text"}, nil, 1, "is no name for a file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWarehouse(t, "pt-BR")
			w.deliver("pt-BR", tt.files)
			if tt.damage != nil {
				tt.damage(t, w.blob(w.put("text")))
			}
			out := t.TempDir()

			got := run(t, nil, "deliver", "film", "--out", out, "--data", w.data)

			require.Equal(t, tt.code, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.words)
			left, err := os.ReadDir(out)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestDeliverOfNothing(t *testing.T) {
	w := newWarehouse(t, "pt-BR")

	early := run(t, nil, "deliver", "film", "--out", t.TempDir(), "--data", w.data)
	unknown := run(t, nil, "deliver", "other", "--out", t.TempDir(), "--data", w.data)

	require.Equal(t, 5, early.code)
	require.Contains(t, early.stderr, "nothing is delivered yet in pt-BR")
	require.Equal(t, 5, unknown.code)
	require.Contains(t, unknown.stderr, "there is no job other")
}

func TestUsage(t *testing.T) {
	w := newWarehouse(t, "pt-BR")
	lease, held, _, err := w.db.Acquire(t.Context(), "k", "me", time.Minute)
	require.NoError(t, err)
	require.True(t, held)
	_, err = w.db.PutResult(t.Context(), lease, store.Result{
		Key: "k", Kind: "speech", Job: "film", Engine: "voice@1#hash", Units: 6.5, Unit: "second", CostMicroUSD: 1234, Millis: 2500,
	})
	require.NoError(t, err)

	text := run(t, nil, "usage", "film", "--data", w.data)
	data := decode[[]store.Usage](t, run(t, nil, "usage", "--data", w.data, "--json"))

	require.Equal(t, `KIND    ENGINE   RESULTS  UNITS       COST     WORK
speech  voice@1  1        6.5 second  $0.0012  2.5s
total                                 $0.0012  2.5s
`, text.stdout)
	require.Equal(t, []store.Usage{{Kind: "speech", Engine: "voice@1#hash", Unit: "second", Calls: 1, Units: 6.5, CostMicroUSD: 1234, Millis: 2500}}, data)
}
