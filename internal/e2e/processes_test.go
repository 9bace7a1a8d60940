//go:build e2e

package e2e_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
)

// The children of up, by how their command lines begin.
const (
	temporalChild = "babelreel-temporal "
	enginesChild  = "simengine "
	workerChild   = "babelreel worker "
)

// kill ends a child of up at once, and waits until up has started another.
func (h *household) kill(child string) {
	h.t.Helper()
	old := h.await(child, 0)
	require.NoError(h.t, syscall.Kill(old, syscall.SIGKILL))
	h.await(child, old)
}

// await waits for a child of up, other than the process not.
func (h *household) await(child string, not int) (pid int) {
	h.t.Helper()
	require.True(h.t, poll(time.Minute, func() bool {
		for id, p := range h.processes() {
			if id != not && p.parent == h.up.Process.Pid && strings.HasPrefix(p.command, child) {
				pid = id
			}
		}
		return pid != 0
	}), "up has no child %s; there are %v", child, h.processes())
	return pid
}

// runs reports whether some process of the household runs a program.
func (h *household) runs(program string) bool {
	for _, p := range h.processes() {
		if strings.HasPrefix(p.command, program) {
			return true
		}
	}
	return false
}

// running is a process.
type running struct {
	parent  int
	command string // name of the program and its arguments
}

func (r running) String() string { return fmt.Sprintf("(child of %d) %.100s", r.parent, r.command) }

// processes are those of the household, by process id.
func (h *household) processes() map[int]running {
	h.t.Helper()
	all := h.everybody()
	maps.DeleteFunc(all, func(pid int, _ running) bool {
		for ; all[pid].parent != 0; pid = all[pid].parent {
			if strings.Contains(all[pid].command, h.dir) {
				return false
			}
		}
		return true
	})
	return all
}

// everybody is every process that has not ended.
func (h *household) everybody() map[int]running {
	h.t.Helper()
	entries, err := os.ReadDir("/proc")
	require.NoError(h.t, err)
	all := map[int]running{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		command, commandErr := os.ReadFile(filepath.Join("/proc", entry.Name(), "cmdline"))
		stat, statErr := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if commandErr != nil || statErr != nil || len(command) == 0 {
			continue // it has ended, or is the kernel's
		}
		program, args, _ := strings.Cut(string(command), "\x00")
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // state, parent, ...
		parent, err := strconv.Atoi(fields[1])
		require.NoError(h.t, err)
		all[pid] = running{parent, filepath.Base(program) + " " + strings.ReplaceAll(args, "\x00", " ")}
	}
	return all
}

// crash kills up, after which nothing of the household may be left.
func (h *household) crash() {
	h.t.Helper()
	family := h.processes()
	require.Greater(h.t, len(family), 3, "up, Temporal, engines and worker")
	require.NoError(h.t, syscall.Kill(h.up.Process.Pid, syscall.SIGKILL))
	require.Error(h.t, h.wait())
	require.True(h.t, poll(5*time.Second, func() bool {
		left := h.processes()
		for pid, p := range h.everybody() {
			if p.command == family[pid].command {
				left[pid] = p
			}
		}
		return len(left) == 0
	}), "some are left: %v", h.processes())
}
