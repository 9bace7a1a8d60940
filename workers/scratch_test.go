package workers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/workers"
)

func TestScratchOfTheDeadIsRemoved(t *testing.T) {
	cfg := config.Default()
	cfg.Data = t.TempDir()
	cfg.Engines = map[string]config.Engine{config.LocalEngine: {URL: "http://127.0.0.1:1"}}
	open := func() (*activities.Parts, func() error) {
		parts, closeAll, err := workers.Open(t.Context(), cfg, os.Getenv)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(parts.Scratch, "film.wav"), []byte("RIFF"), 0o600))
		return parts, closeAll
	}
	dead := filepath.Join(cfg.Data, "scratch", "worker-killed")
	require.NoError(t, os.MkdirAll(filepath.Join(dead, "work-1"), 0o700))

	first, closeFirst := open()
	second, closeSecond := open()

	require.NoDirExists(t, dead)
	require.FileExists(t, filepath.Join(first.Scratch, "film.wav"), "its process lives")
	require.NoError(t, closeFirst())
	require.NoDirExists(t, first.Scratch)
	require.FileExists(t, filepath.Join(second.Scratch, "film.wav"))
	require.NoError(t, closeSecond())
}
