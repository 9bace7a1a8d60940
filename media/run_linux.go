package media

import (
	"errors"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownGroup puts cmd into a process group of its own, to be killed as a whole,
// and has the kernel kill it if this process dies.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// start starts cmd within bounds. They are set right after the start: the
// programs take longer than that to read their arguments.
func start(cmd *exec.Cmd, b bounds) error {
	// A death signal is sent when the starting thread ends; threads of the Go
	// runtime end only when a goroutine exits while locked to one.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	cpu, file := uint64(b.cpu.Seconds()), uint64(b.file)
	for resource, limit := range map[int]unix.Rlimit{
		unix.RLIMIT_CPU:   {Cur: cpu, Max: cpu + 1}, // at Max the signal is an anonymous SIGKILL
		unix.RLIMIT_FSIZE: {Cur: file, Max: file},
		unix.RLIMIT_CORE:  {},
	} {
		err := unix.Prlimit(cmd.Process.Pid, resource, &limit, nil)
		if err != nil && !errors.Is(err, unix.ESRCH) { // ESRCH: it has ended already
			return errors.Join(err, cmd.Cancel(), cmd.Wait())
		}
	}
	return nil
}

// death is why the kernel ended a program.
type death int

const (
	natural death = iota
	cpuLimit
	sizeLimit
	outOfMemory
)

// killedBy reads the signal out of the error of Wait.
func killedBy(err error) death {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return natural
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return natural
	}
	switch status.Signal() {
	case syscall.SIGXCPU:
		return cpuLimit
	case syscall.SIGXFSZ:
		return sizeLimit
	case syscall.SIGKILL:
		return outOfMemory
	default:
		return natural
	}
}
