package child_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/internal/child"
)

func TestSupervisorRestarts(t *testing.T) {
	var events events
	var args []string // what the ready line said; the next start uses it
	server := spec("serve")
	server.Name = "server"
	server.Args = func() []string { return append([]string{}, append(args, "x")...) }
	server.Ready = func(line []byte) error {
		var said ready
		err := said.parse(line)
		args = said.Args
		return err
	}
	s := child.NewSupervisor(events.add)
	t.Cleanup(s.Stop)
	require.NoError(t, s.Start(t.Context(), server))

	kill(t, events.wait(t, 1).PID)
	kill(t, events.wait(t, 3).PID)
	last := events.wait(t, 5)
	s.Stop()

	require.Equal(t, []string{
		"server started",
		"server: signal: killed; again in 100ms", "server restarted",
		"server: signal: killed; again in 200ms", "server restarted",
	}, events.strings(), "and stopping is no death")
	require.Equal(t, []string{"x", "x", "x"}, args, "each start knew what the one before had said")
	require.ErrorIs(t, syscall.Kill(last.PID, 0), syscall.ESRCH)
}

func TestSupervisorTriesAgain(t *testing.T) {
	var events events
	flaky := spec("serve")
	starts := 0
	flaky.Ready = func([]byte) error {
		if starts++; starts == 2 {
			return errors.New("port taken")
		}
		return nil
	}
	s := child.NewSupervisor(events.add)
	t.Cleanup(s.Stop)
	require.NoError(t, s.Start(t.Context(), flaky))

	kill(t, events.wait(t, 1).PID)
	events.wait(t, 4)
	s.Stop()

	got := events.strings()
	require.Len(t, got, 4)
	require.Equal(t, "serve: signal: killed; again in 100ms", got[1])
	require.Regexp(t, `^serve: ready line .*: port taken; again in 200ms$`, got[2])
	require.Equal(t, "serve restarted", got[3])
}

func TestSupervisorStopsInReverse(t *testing.T) {
	var log buffer
	s := child.NewSupervisor(nil)
	for _, name := range []string{"server", "host", "worker"} {
		one := spec("serve")
		one.Name, one.Log = name, prefix{name, &log}
		require.NoError(t, s.Start(t.Context(), one))
	}

	s.Stop()
	late := s.Start(t.Context(), spec("serve"))

	var order []string
	for line := range strings.Lines(log.String()) {
		if name, ok := strings.CutSuffix(line, ": bye\n"); ok {
			order = append(order, name)
		}
	}
	require.Equal(t, []string{"worker", "host", "server"}, order)
	require.EqualError(t, late, "serve: not started: the supervisor has been stopped")
}

func TestSupervisorFirstStartFails(t *testing.T) {
	s := child.NewSupervisor(func(e child.Event) { t.Errorf("event: %s", e) })

	err := s.Start(t.Context(), spec("crash"))
	s.Stop()

	require.ErrorContains(t, err, "no such model: tiny")
}

func TestSupervisorStopsARestart(t *testing.T) {
	var events events
	as := "serve"
	starts := make(chan string, 2)
	slow := spec("slow")
	slow.Path = "env"
	slow.Args = func() []string {
		starts <- as
		return []string{role + "=" + as, os.Args[0]}
	}
	slow.ReadyWithin = time.Hour
	s := child.NewSupervisor(func(e child.Event) {
		as = "silent"
		events.add(e)
	})
	require.NoError(t, s.Start(t.Context(), slow))
	require.Equal(t, "serve", <-starts)
	kill(t, events.wait(t, 1).PID)
	require.Equal(t, "silent", <-starts, "it is never ready again")

	s.Stop()

	require.Equal(t, []string{"slow started", "slow: signal: killed; again in 100ms"}, events.strings())
}

func TestDelay(t *testing.T) {
	var d child.Delay
	var got []time.Duration
	for range 8 {
		child.Lived(&d, 9*time.Second)
		got = append(got, child.Next(&d)/time.Millisecond)
	}
	child.Lived(&d, 10*time.Second)
	got = append(got, child.Next(&d)/time.Millisecond)

	require.Equal(t, []time.Duration{100, 200, 400, 800, 1600, 3200, 5000, 5000, 100}, got, "ms")
}

// events collects what a Supervisor tells.
type events struct {
	mu  sync.Mutex
	all []child.Event
}

func (e *events) add(event child.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// wait waits for the nth event, counted from 1.
func (e *events) wait(t *testing.T, n int) (event child.Event) {
	t.Helper()
	require.Eventually(t, func() bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(e.all) < n {
			return false
		}
		event = e.all[n-1]
		return true
	}, 10*time.Second, 5*time.Millisecond)
	return event
}

// strings are the events as people read them, without process ids.
func (e *events) strings() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, event := range e.all {
		all = append(all, strings.ReplaceAll(event.String(), fmt.Sprintf(" (pid %d)", event.PID), ""))
	}
	return all
}

type prefix struct {
	name string
	to   io.Writer
}

func (p prefix) Write(b []byte) (int, error) {
	_, err := fmt.Fprintf(p.to, "%s: %s", p.name, b)
	return len(b), err
}
