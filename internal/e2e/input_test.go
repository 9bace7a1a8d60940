//go:build e2e

package e2e_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/internal/simengine"
)

// Bad input ends a job with words that name the cause and the remedy, before
// any engine has done work.
func TestBadInputIsRefusedBeforeAnythingIsSpent(t *testing.T) {
	s := newStack(t, &simengine.Options{Seed: 1})
	dir := t.TempDir()
	film := simFilm(t, s.Engine(), simLines[:1])
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, data []byte) { require.NoError(t, os.WriteFile(path(name), data, 0o600)) }
	write("empty.mp4", nil)
	write("text.mp4", []byte("this is not a film, whatever its name says\n"))
	whole, err := os.ReadFile(film)
	require.NoError(t, err)
	write("cut-off.mp4", whole[:len(whole)/2])
	run(t, "ffmpeg", "-v", "error", "-i", film, "-an", "-c", "copy", path("silent.mp4"))
	run(t, "ffmpeg", "-v", "error", "-i", film, "-vn", "-c", "copy", path("sound.mp4"))
	run(t, "ffmpeg", "-v", "error", "-i", film, "-t", "0.2", "-c:v", "libx264", "-c:a", "aac", path("short.mp4"))
	spent := s.Sim.Calls().Calls

	tests := map[string]struct {
		change func(*contract.Order)
		says   string
	}{
		"zero bytes":             {func(o *contract.Order) { o.Source = path("empty.mp4") }, "empty"},
		"not media":              {func(o *contract.Order) { o.Source = path("text.mp4") }, "text.mp4"},
		"corrupt":                {func(o *contract.Order) { o.Source = path("cut-off.mp4") }, "cut-off.mp4"},
		"no audio":               {func(o *contract.Order) { o.Source = path("silent.mp4") }, "has no sound"},
		"no video":               {func(o *contract.Order) { o.Source = path("sound.mp4") }, "has no picture"},
		"a fifth of a second":    {func(o *contract.Order) { o.Source = path("short.mp4") }, "shorter than 1s"},
		"not there":              {func(o *contract.Order) { o.Source = path("nowhere.mp4") }, "check the path"},
		"unsupported language":   {func(o *contract.Order) { o.Languages = []string{"tlh"} }, "offered: "},
		"same source and target": {func(o *contract.Order) { o.Languages = []string{"en"} }, "is the language of the programme"},
		"no language":            {func(o *contract.Order) { o.Languages = []string{} }, "name at least one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := allServices(film)
			in.Languages = []string{"pt-BR"}
			tt.change(&in.Order)
			_, run := s.with(t).start(in)

			err := run.Get(t.Context(), nil)

			require.ErrorContains(t, err, tt.says)
			require.Contains(t, []fault.Kind{fault.Invalid, fault.Missing}, contract.KindOf(err))
		})
	}
	require.Equal(t, spent, s.Sim.Calls().Calls, "nothing was spent")
}
