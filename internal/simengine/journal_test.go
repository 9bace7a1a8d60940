package simengine_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

func TestJournalOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	again := simengine.Fault{Capability: engine.CanSpeak, Mode: simengine.Error, Calls: []int{1}}
	for range 2 { // processes
		server, client := start(t, simengine.Options{Journal: path, Faults: []simengine.Fault{again}})
		ask := say("Não sei.")
		ask.Key = "k1"
		_, err := client.Speak(t.Context(), ask)
		require.Error(t, err, "and counted all the same")
		ask.Text, ask.Key = "Quem sabe?", "k2"
		_, err = client.Speak(t.Context(), ask)
		require.NoError(t, err)
		server.Close()
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = f.WriteString(`{"capability":"spee`) // as a reader may find it
	require.NoError(t, err)
	require.NoError(t, f.Close())

	calls, err := simengine.ReadJournal(path)
	none, noneErr := simengine.ReadJournal(path + ".absent")

	require.NoError(t, err)
	var keys []string
	for _, call := range calls {
		keys = append(keys, string(call.Capability)+" "+call.Key)
	}
	require.Equal(t, []string{"speech k1", "speech k2", "speech k1", "speech k2"}, keys)
	require.Equal(t, calls[0].Asked, calls[2].Asked)
	require.NotEqual(t, calls[0].Asked, calls[1].Asked)
	require.NoError(t, noneErr)
	require.Empty(t, none)
}
