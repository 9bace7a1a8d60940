package child_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/internal/child"
)

func TestKilledParentLeavesNoOrphan(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), role+"=parent")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var children []int
	for lines := bufio.NewScanner(stdout); len(children) < 2 && lines.Scan(); {
		pid, err := strconv.Atoi(lines.Text())
		require.NoError(t, err)
		require.True(t, alive(pid))
		children = append(children, pid)
	}
	require.Len(t, children, 2)

	kill(t, cmd.Process.Pid)
	require.Error(t, cmd.Wait())

	for _, pid := range children {
		require.Eventually(t, func() bool { return !alive(pid) }, 5*time.Second, 5*time.Millisecond)
	}
}

// The kernel takes the end of the thread that started a child for the end of
// the parent. A child must not depend on the caller's thread.
func TestChildOutlivesTheCallersThread(t *testing.T) {
	var p *child.Process
	var thread int
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		start := func() {
			runtime.LockOSThread() // and never unlock: the thread ends with this goroutine
			thread = syscall.Gettid()
			var err error
			p, err = child.Start(context.Background(), spec("serve"))
			done <- err
		}
		if syscall.Gettid() == syscall.Getpid() {
			go start() // Go never ends the first thread; this goroutine keeps it busy
			return
		}
		start()
	}()
	require.NoError(t, <-done)
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join("/proc/self/task", strconv.Itoa(thread)))
		return os.IsNotExist(err)
	}, 5*time.Second, 5*time.Millisecond)

	p.Stop()

	require.NoError(t, p.Wait(), "it ended by itself, not by a signal")
}

// alive reports whether the process runs; a zombie does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	state := stat[bytes.LastIndexByte(stat, ')')+2]
	return state != 'Z' && state != 'X'
}
