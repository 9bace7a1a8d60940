package child

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	firstDelay = 100 * time.Millisecond // before the first restart
	lastDelay  = 5 * time.Second        // doubled up to this
	healthy    = 10 * time.Second       // so long alive, and the delays begin anew
)

// What is one kind of event.
type What string

// The kinds of event.
const (
	Started   What = "started"   // ready for the first time
	Died      What = "died"      // ended, or could not be restarted; it will be tried again
	Restarted What = "restarted" // ready again
)

// Event is something that happened to a child.
type Event struct {
	What  What
	Name  string
	PID   int           // 0 for a restart that failed
	Err   error         // of Died: how it ended; nil for exit status 0
	After time.Duration // of Died: when it is started again
}

// String is the event as an operator reads it.
func (e Event) String() string {
	switch {
	case e.What != Died:
		return fmt.Sprintf("%s %s (pid %d)", e.Name, e.What, e.PID)
	case e.Err == nil:
		return fmt.Sprintf("%s: ended unasked with exit status 0; again in %s", e.Name, e.After)
	default:
		return fmt.Sprintf("%s; again in %s", e.Err, e.After)
	}
}

// Supervisor keeps a set of children alive. Start them in the order in which
// they need each other; Stop ends them the other way round.
//
// Args and Ready of its children are called one at a time, so they may share
// variables: Ready of the server keeps the port that it read from the ready
// line, and Args of the server, at a restart, and of the workers use it.
type Supervisor struct {
	onEvent func(Event)
	calls   sync.Mutex // held while Args, Ready or onEvent runs

	mu      sync.Mutex
	keepers []*keeper
	stopped bool
}

// NewSupervisor returns a Supervisor without children. It calls onEvent for each
// event, one at a time; onEvent must not call the Supervisor and may be nil.
func NewSupervisor(onEvent func(Event)) *Supervisor {
	return &Supervisor{onEvent: onEvent}
}

// Start starts a child and returns when it is ready; from then on it is
// restarted whenever it ends: after 100 ms, then after twice as long each time,
// up to 5 s, until it has lived for 10 s. A first start that fails is an error,
// and is not tried again. The end of ctx gives up a start that is not finished.
func (s *Supervisor) Start(ctx context.Context, spec Spec) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return fmt.Errorf("%s: not started: the supervisor has been stopped", spec.Name)
	}

	spec = s.serialize(spec)
	p, err := Start(ctx, spec)
	if err != nil {
		return err
	}
	s.emit(Event{What: Started, Name: spec.Name, PID: p.PID()})
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	k := &keeper{s: s, spec: spec, stop: stop, done: make(chan struct{})}
	s.keepers = append(s.keepers, k)
	go k.keep(keeping, p)
	return nil
}

// Stop ends all children, the last started first, each as Process.Stop does,
// and returns when they are gone. It may be called more than once.
func (s *Supervisor) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for _, k := range slices.Backward(s.keepers) {
		k.stop()
		<-k.done
	}
	s.keepers = nil
}

// serialize makes the functions of spec run one at a time with all others.
func (s *Supervisor) serialize(spec Spec) Spec {
	if args := spec.Args; args != nil {
		spec.Args = func() []string {
			s.calls.Lock()
			defer s.calls.Unlock()
			return args()
		}
	}
	if ready := spec.Ready; ready != nil {
		spec.Ready = func(line []byte) error {
			s.calls.Lock()
			defer s.calls.Unlock()
			return ready(line)
		}
	}
	return spec
}

func (s *Supervisor) emit(e Event) {
	if s.onEvent != nil {
		s.calls.Lock()
		defer s.calls.Unlock()
		s.onEvent(e)
	}
}

// keeper keeps one child alive.
type keeper struct {
	s     *Supervisor
	spec  Spec
	delay delay
	stop  context.CancelFunc
	done  chan struct{} // closed when the child is gone for good
}

// keep restarts p, and its successors, until ctx ends, and then stops the last.
func (k *keeper) keep(ctx context.Context, p *Process) {
	defer close(k.done)
	for p != nil {
		ready := time.Now()
		select {
		case <-ctx.Done():
			p.Stop()
			return
		case <-p.Done():
		}
		k.delay.lived(time.Since(ready))
		p = k.restart(ctx, p.PID(), p.Wait())
	}
}

// restart tries until the child is ready again; nil means that ctx ended first.
func (k *keeper) restart(ctx context.Context, pid int, err error) *Process {
	for ctx.Err() == nil {
		after := k.delay.next()
		k.s.emit(Event{What: Died, Name: k.spec.Name, PID: pid, Err: err, After: after})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(after):
		}
		var p *Process
		if p, err = Start(ctx, k.spec); err == nil {
			k.s.emit(Event{What: Restarted, Name: k.spec.Name, PID: p.PID()})
			return p
		}
		pid = 0
	}
	return nil
}

// delay is how long to wait before the next restart. The zero value is ready.
type delay time.Duration

// lived makes the delays begin anew after a child that lived long enough.
func (d *delay) lived(t time.Duration) {
	if t >= healthy {
		*d = 0
	}
}

func (d *delay) next() time.Duration {
	*d = delay(min(max(2*time.Duration(*d), firstDelay), lastDelay))
	return time.Duration(*d)
}
