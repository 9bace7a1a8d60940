package media_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media"
)

func TestBounds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zeros")
	tests := map[string]struct {
		bin  string
		args []string
		kind fault.Kind
		says string
	}{
		"a program that never ends":  {"sh", []string{"-c", "while :; do :; done"}, fault.Invalid, "more than 1s of processor time"},
		"a program that fills disks": {"dd", []string{"if=/dev/zero", "of=" + file, "bs=64k"}, fault.Invalid, "dd wrote more than"},
		"a program that is killed":   {"sh", []string{"-c", "kill -9 $$"}, fault.Broken, "lack of memory"},
		"a program that is not":      {"no-such-program", nil, fault.Missing, "not installed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := media.RunWithin(t.Context(), time.Second, 1<<20, tt.bin, tt.args...)

			require.Equal(t, tt.kind, fault.Of(err))
			require.ErrorContains(t, err, tt.says)
		})
	}
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(1<<20))
}

func TestCancelKillsTheWholeGroup(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- media.RunWithin(ctx, time.Minute, 1<<20, "sh", "-c", "sleep 600 & echo $! >"+pid+".part && mv "+pid+".part "+pid+"; wait")
	}()
	require.Eventually(t, func() bool { _, err := os.Stat(pid); return err == nil }, 20*time.Second, 10*time.Millisecond)
	grandchild, err := os.ReadFile(pid)
	require.NoError(t, err)

	cancel()

	require.ErrorIs(t, <-done, context.Canceled)
	require.Eventually(t, func() bool { return !alive(string(grandchild)) }, 10*time.Second, 10*time.Millisecond)
}

// alive reports whether the process runs; one that is dead but not yet waited
// for does not.
func alive(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid[:len(pid)-1], "stat"))
	if err != nil {
		return false
	}
	for i := len(stat) - 1; i > 0; i-- {
		if stat[i] == ')' {
			return stat[i+2] != 'Z'
		}
	}
	return true
}
