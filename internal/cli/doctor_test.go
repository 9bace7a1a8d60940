package cli_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/internal/cli"
)

type diagnosis struct {
	OK     bool `json:"ok"`
	Checks []struct {
		Name, State, Say, Remedy string
	} `json:"checks"`
	Settings []struct{ Key, Value, Origin string }
}

func TestDoctor(t *testing.T) {
	data := t.TempDir()
	server := &fake{moments: []moment{{}}, pollers: map[string]int{"flow": 1, "media": 1, "cpu": 2}}

	got := run(t, server, "doctor", "--json", "--data", data, "--host-command", "/none/such")
	text := run(t, server, "doctor", "--data", data, "--host-command", "/none/such")

	require.Equal(t, 1, got.code)
	var d diagnosis
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &d))
	state := map[string]string{}
	for _, c := range d.Checks {
		state[c.Name] = c.State
		if c.State != "ok" {
			require.NotEmpty(t, c.Remedy, c.Name)
		}
	}
	require.False(t, d.OK)
	require.Equal(t, "fail", state["engine host"])
	require.Equal(t, "ok", state["temporal"])
	require.Equal(t, "ok", state["queue cpu"])
	require.Equal(t, "fail", state["queue gpu"])
	require.Equal(t, "ok", state["queue net"], "no stage works there")
	require.Contains(t, text.stdout, "babelreel worker --queues gpu")
	require.Contains(t, text.stdout, "flag --data")
}

func TestDoctorBeforeTheFirstUp(t *testing.T) {
	var d diagnosis
	got := run(t, cli.Exit(6, "refused"), "doctor", "--json", "--data", t.TempDir(), "--temporal-binary", program(t, "server"),
		"--temporal-port", freePort(t), "--temporal-ui-port", freePort(t))
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &d))

	for _, c := range d.Checks {
		switch c.Name {
		case "temporal":
			require.Equal(t, "warn", c.State, "it is not started yet, which is no fault")
		case "temporal program":
			require.Equal(t, "ok", c.State)
		}
	}
}

func TestModelsAreHeldAgainstTheirHashes(t *testing.T) {
	dir := t.TempDir()
	sum := sha256.Sum256([]byte("weights"))
	list := filepath.Join(dir, "models.sha256")
	write := func(path, content string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	write(list, hex.EncodeToString(sum[:])+"  a/model.bin\n"+hex.EncodeToString(sum[:])+"  b/model.bin\n")

	write(filepath.Join(dir, "a/model.bin"), "weights")
	_, lacking := cli.CheckModels(t.Context(), list, dir)
	write(filepath.Join(dir, "b/model.bin"), "waits")
	_, wrong := cli.CheckModels(t.Context(), list, dir)
	write(filepath.Join(dir, "b/model.bin"), "weights")
	n, err := cli.CheckModels(t.Context(), list, dir)

	require.EqualError(t, lacking, "b/model.bin is missing")
	require.ErrorContains(t, wrong, "b/model.bin is not what it should be")
	require.NoError(t, err)
	require.Equal(t, 2, n)
}
