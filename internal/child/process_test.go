package child_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/internal/child"
)

// role makes the test binary be a child of one kind.
const role = "BABELREEL_CHILD_TEST_ROLE"

var roles = map[string]func(){
	// A well-behaved server: it tells its arguments in the ready line.
	"serve": func() {
		line, _ := json.Marshal(ready{Ready: true, Args: os.Args[1:]})
		fmt.Printf("%s\nserving\n", line)
		_, _ = io.Copy(io.Discard, os.Stdin)
		fmt.Println("bye")
	},
	"silent": func() {
		fmt.Fprint(os.Stderr, "loading weights\n\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
	},
	"crash": func() {
		fmt.Fprintln(os.Stderr, "no such model: tiny")
		os.Exit(3)
	},
	// It takes no notice of its stdin or of SIGTERM.
	"stubborn": func() {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println(`{"ready":true}`)
		select {}
	},
	"parent": parent,
}

// parent starts two children, tells who they are, and waits to be killed.
func parent() {
	for _, as := range []string{"serve", "stubborn"} {
		p, err := child.Start(context.Background(), spec(as))
		if err != nil {
			panic(err)
		}
		fmt.Println(p.PID())
	}
	select {}
}

func TestMain(m *testing.M) {
	if run, ok := roles[os.Getenv(role)]; ok {
		run()
		return
	}
	os.Exit(m.Run())
}

// ready is the ready line of the children here.
type ready struct {
	Ready bool     `json:"ready"`
	Args  []string `json:"args"`
}

func (r *ready) parse(line []byte) error {
	if err := json.Unmarshal(line, r); err != nil {
		return err
	}
	if !r.Ready {
		return errors.New("not ready")
	}
	return nil
}

// spec is the test binary in a role.
func spec(as string) child.Spec {
	return child.Spec{
		Name: as, Path: os.Args[0], Env: []string{role + "=" + as}, Ready: new(ready).parse,
	}
}

func TestStart(t *testing.T) {
	var said ready
	var log buffer
	s := spec("serve")
	s.Ready, s.Log = said.parse, &log
	s.Args = func() []string { return []string{"--port", "7233"} }

	p, err := child.Start(t.Context(), s)
	require.NoError(t, err)
	p.Stop()
	p.Stop()

	require.NoError(t, p.Wait(), "the end of its stdin is enough")
	require.Equal(t, []string{"--port", "7233"}, said.Args)
	require.Equal(t, "serving\nbye\n", log.String(), "all but the ready line")
}

func TestStartOutlivesItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := child.Start(ctx, spec("serve"))
	require.NoError(t, err)

	cancel()
	p.Stop()

	require.NoError(t, p.Wait(), "it ended by itself, not by a signal")
}

func TestStartFails(t *testing.T) {
	silent := spec("silent")
	silent.ReadyWithin = 300 * time.Millisecond
	wrong := spec("serve")
	wrong.Ready = func([]byte) error { return errors.New("another version") }
	absent := spec("absent")
	absent.Path = "/no/such/program"

	tests := map[string]struct {
		spec child.Spec
		want string
	}{
		"never ready":        {silent, "silent: not ready within 300ms: loading weights"},
		"ends at once":       {spec("crash"), "crash: ended before it was ready: exit status 3: no such model: tiny"},
		"says another thing": {wrong, `serve: ready line "{\"ready\":true,\"args\":[]}": another version`},
		"no such program":    {absent, "absent: fork/exec /no/such/program: no such file or directory"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := child.Start(t.Context(), tt.spec)

			require.EqualError(t, err, tt.want)
		})
	}
}

func TestStopForcesTheStubborn(t *testing.T) {
	s := spec("stubborn")
	s.Grace = time.Millisecond
	p, err := child.Start(t.Context(), s)
	require.NoError(t, err)

	p.Stop()

	require.EqualError(t, p.Wait(), "stubborn: signal: killed")
}

func kill(t *testing.T, pid int) {
	t.Helper()
	require.Positive(t, pid)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
}

// buffer may be written to by several children.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
