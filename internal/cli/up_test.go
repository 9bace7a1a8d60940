package cli_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/internal/cli"
)

func TestOneUpForEachDataDirectory(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	release, err := cli.LockData(data)
	require.NoError(t, err)

	second := run(t, nil, "up", "--data", data)
	release()
	again, err := cli.LockData(data)

	require.Equal(t, 1, second.code)
	require.Contains(t, second.stderr, fmt.Sprintf("serves from %s already (process %d)", data, os.Getpid()))
	require.NoError(t, err, "the lock ends with its holder")
	again()
}

func TestUpSaysWhatIsNotThere(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	taken := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	one, other := freePort(t), freePort(t)
	server, python := program(t, "server"), program(t, "python")

	tests := map[string]struct {
		args  []string
		words string
	}{
		"no Temporal":    {[]string{"--temporal-binary", "/none/such"}, "build it with `make build`"},
		"a port taken":   {[]string{"--temporal-binary", server, "--temporal-port", taken, "--temporal-ui-port", other}, "port " + taken + " is not free"},
		"no Python":      {[]string{"--temporal-binary", server, "--temporal-port", one, "--temporal-ui-port", other, "--host-python", "/none/such"}, "run `make setup`"},
		"no models":      {[]string{"--temporal-binary", server, "--temporal-port", one, "--temporal-ui-port", other, "--host-python", python, "--host-source", t.TempDir(), "--host-models", "/none/such"}, "there is no directory /none/such"},
		"no own host":    {[]string{"--temporal-binary", server, "--temporal-port", one, "--temporal-ui-port", other, "--host-command", "/none/such"}, "see --host-command"},
		"Temporal fails": {[]string{"--temporal-binary", server, "--temporal-port", one, "--temporal-ui-port", other, "--host-command", python}, "temporal: ended before it was ready"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(t, nil, append([]string{"up", "--data", t.TempDir()}, tt.args...)...)
			require.Equal(t, 1, got.code, got.stderr)
			require.Contains(t, got.stderr, tt.words)
			require.Empty(t, got.stdout)
		})
	}
}

// program is a program that ends at once.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\nexit 7\n"), 0o700))
	return path
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func TestForwarderFollowsTheServer(t *testing.T) {
	url, to, stop, err := cli.Forward(t.Context())
	require.NoError(t, err)
	t.Cleanup(stop)
	answer := func(words string) (*httptest.Server, int) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = fmt.Fprintf(w, "%s got %d bytes", words, len(body))
		}))
		return s, s.Listener.Addr().(*net.TCPAddr).Port
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func() (string, error) {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, io.LimitReader(zeros{}, 1<<20))
		require.NoError(t, err)
		resp, err := c.Do(r)
		if err != nil {
			return "", err
		}
		defer func() { _ = resp.Body.Close() }()
		body, err := io.ReadAll(resp.Body)
		return string(body), err
	}

	_, early := ask()
	first, port := answer("first")
	to(port)
	one, err := ask()
	require.NoError(t, err)
	first.CloseClientConnections()
	first.Close()
	_, down := ask()
	second, port := answer("second")
	t.Cleanup(second.Close)
	to(port)
	two, err := ask()
	require.NoError(t, err)

	require.Error(t, early, "nobody is there yet")
	require.Equal(t, "first got 1048576 bytes", one)
	require.Error(t, down)
	require.Equal(t, "second got 1048576 bytes", two)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
