// Package child starts the processes that serve together with this one, and
// keeps them alive. None outlives its parent: each holds the read end of a pipe
// as its stdin, which ends when the parent does, however it does; on Linux the
// kernel kills what takes no notice of that.
//
// A child is in a process group of its own, so Ctrl-C reaches the parent alone,
// which then stops its children in order.
package child

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	// readyWithin is the default of Spec.ReadyWithin: a cold model takes longest.
	readyWithin = time.Minute
	// grace is the default of Spec.Grace: the server and the engine host promise
	// to end within five seconds of the end of their stdin.
	grace = 6 * time.Second
	// killAfter is how long a child that got SIGTERM may still take.
	killAfter = 2 * time.Second
)

// Spec says how to start a child and how to tell that it is ready.
type Spec struct {
	// Name is what people call the child, in events and errors.
	Name string
	// Path is the program, found as exec.LookPath does.
	Path string
	// Args are the arguments, asked for at every start; nil is none.
	Args func() []string
	// Env is added to the environment of this process, as "KEY=value".
	Env []string
	// Ready takes the first line of stdout, without its end, and says whether it
	// is the ready line. A nil Ready takes the child as ready once it runs.
	Ready func(line []byte) error
	// ReadyWithin is how long Ready's line may take; 0 is a minute.
	ReadyWithin time.Duration
	// Grace is how long the child may take to end by itself when told to stop,
	// before it gets SIGTERM, and two seconds later SIGKILL; 0 is six seconds.
	Grace time.Duration
	// Log gets stderr and the rest of stdout, each line in one Write; nil drops
	// them. It may be shared by several children if it may be written to by
	// several goroutines.
	Log io.Writer
}

// Process is a child that has been started.
type Process struct {
	name  string
	grace time.Duration
	cmd   *exec.Cmd
	stdin io.Closer
	said  *lastLine
	done  chan struct{}
	err   error // how it ended; set before done is closed
}

// Start runs a child and returns when it is ready. A child that cannot be run,
// ends early, says something else than it should or is not ready in time is an
// error that names it and its last words on stderr; it is gone by then. The end
// of ctx gives up a start that is not finished; it does not stop a ready child.
func Start(ctx context.Context, spec Spec) (*Process, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, cmp.Or(spec.ReadyWithin, readyWithin),
		fmt.Errorf("not ready within %s", cmp.Or(spec.ReadyWithin, readyWithin)))
	defer cancel()

	p, first, err := run(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	if spec.Ready == nil {
		return p, nil
	}
	select {
	case line := <-first:
		if err := spec.Ready(line); err != nil {
			p.Stop()
			return nil, p.failure(fmt.Errorf("ready line %q: %w", line, err))
		}
		return p, nil
	case <-p.done:
		return nil, p.failure(fmt.Errorf("ended before it was ready: %s", p.cmd.ProcessState))
	case <-ctx.Done():
		p.Stop()
		return nil, p.failure(context.Cause(ctx))
	}
}

// run starts the process; first gets the first line of its stdout.
func run(ctx context.Context, spec Spec) (p *Process, first chan []byte, err error) {
	var args []string
	if spec.Args != nil {
		args = spec.Args()
	}
	logTo := spec.Log
	if logTo == nil {
		logTo = io.Discard
	}
	first = make(chan []byte, 1)
	waiting := spec.Ready != nil
	said := &lastLine{to: logTo}
	stderr := &lines{emit: said.write}
	stdout := &lines{emit: func(line []byte) {
		if waiting {
			waiting = false
			first <- bytes.TrimRight(line, "\r\n")
			return
		}
		_, _ = logTo.Write(line)
	}}

	cmd := exec.CommandContext(context.WithoutCancel(ctx), spec.Path, args...)
	cmd.Env = append(os.Environ(), spec.Env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	p = &Process{
		name: spec.Name, grace: cmp.Or(spec.Grace, grace),
		cmd: cmd, stdin: stdin, said: said, done: make(chan struct{}),
	}

	started := make(chan error)
	go func() {
		// The kernel takes the end of the thread that started the child for the
		// end of the parent, so that thread stays until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = cmd.Wait()
		p.signal(syscall.SIGKILL) // what the child itself may have left behind
		stdout.flush()
		stderr.flush()
		close(p.done)
	}()
	return p, first, <-started
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Wait waits for the child to end. An exit status other than 0, or a signal, is
// an error that names the child and its last words on stderr, but for SIGKILL:
// a child has no say in that. Wait may be called any number of times.
func (p *Process) Wait() error {
	<-p.done
	if p.err == nil {
		return nil
	}
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
		return fmt.Errorf("%s: %w", p.name, p.err)
	}
	return p.failure(p.err)
}

// Stop ends the child and waits until it is gone: it closes stdin, sends SIGTERM
// after the grace, and SIGKILL two seconds after that. Signals go to the whole
// process group. A child that has ended already is no error.
func (p *Process) Stop() {
	_ = p.stdin.Close() // it may be closed already
	for _, next := range []struct {
		wait   time.Duration
		signal syscall.Signal
	}{{p.grace, syscall.SIGTERM}, {killAfter, syscall.SIGKILL}} {
		select {
		case <-p.done:
			return
		case <-time.After(next.wait):
			p.signal(next.signal)
		}
	}
	<-p.done
}

func (p *Process) signal(signal syscall.Signal) {
	_ = syscall.Kill(-p.PID(), signal) // nobody there: nothing to do
}

func (p *Process) failure(err error) error {
	if words := p.said.get(); words != "" {
		return fmt.Errorf("%s: %w: %s", p.name, err, words)
	}
	return fmt.Errorf("%s: %w", p.name, err)
}

// Lines longer than maxLine are cut, so that a child without line ends cannot
// fill the memory of its parent.
const maxLine = 64 << 10

// lines hands what is written to it to emit, one line at a time with its end.
type lines struct {
	emit func(line []byte)
	rest []byte
}

func (l *lines) Write(b []byte) (int, error) {
	rest := slices.Concat(l.rest, b)
	for {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 && len(rest) >= maxLine {
			end = maxLine
		}
		if end == 0 {
			l.rest = bytes.Clone(rest)
			return len(b), nil
		}
		l.emit(rest[:end])
		rest = rest[end:]
	}
}

// flush emits an unfinished last line.
func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.emit(append(l.rest, '\n'))
		l.rest = nil
	}
}

// lastLine passes lines on and remembers the last that is not blank.
type lastLine struct {
	to   io.Writer
	mu   sync.Mutex
	line string
}

func (l *lastLine) write(line []byte) {
	if words := bytes.TrimSpace(line); len(words) > 0 {
		l.mu.Lock()
		l.line = string(words)
		l.mu.Unlock()
	}
	_, _ = l.to.Write(line)
}

func (l *lastLine) get() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.line
}
