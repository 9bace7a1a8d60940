package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
)

// command is one run of one program.
type command struct {
	op     string // for errors: "media: probe"
	bin    string
	debian string // the package that holds bin
	args   []string
	in     io.Reader
	out    io.Writer
	bounds bounds
	follow bool     // the program writes ffmpeg's progress to file descriptor 3
	paths  []string // shown in errors by their last element only
	judges bool     // all it does is decode, so a failure condemns the file
}

// bounds are what one run may use before the kernel ends it. Address space is
// not bounded: ffmpeg maps far more than it uses.
type bounds struct {
	cpu  time.Duration
	file int64 // size of a file it writes
}

var (
	// quick is for headers and seconds of media: a damaged or hostile file that
	// takes longer is not worth more. It writes no file but a picture.
	quick = bounds{cpu: 5 * time.Minute, file: 256 << 20}
	// long is for whole programmes: a four-hour 4K film encoded on 16 cores
	// stays below both.
	long = bounds{cpu: 72 * time.Hour, file: 4 << 40}
)

// tailBytes is how much of what a program says is kept for the error.
const tailBytes = 8 << 10

// ended is what a finished run leaves.
type ended struct {
	stderr string // its end
	last   Progress
}

// ffmpeg is the command that runs ffmpeg with args, following its progress.
func (t *Tools) ffmpeg(op string, b bounds, args ...string) command {
	head := []string{"-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", "-progress", "pipe:3", "-y"}
	return command{op: op, bin: t.FFmpeg, debian: "ffmpeg", args: append(head, args...), bounds: b, follow: true}
}

// run starts c and waits for its end. When ctx ends, the whole process group is
// killed and the error is the context's.
func run(ctx context.Context, c command) (ended, error) {
	cmd := exec.CommandContext(ctx, c.bin, c.args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"}
	cmd.Stdin, cmd.Stdout = c.in, c.out
	tail := &tail{}
	cmd.Stderr = tail
	cmd.WaitDelay = 5 * time.Second
	ownGroup(cmd)

	var end ended
	var reader, writer *os.File
	if c.follow {
		var err error
		if reader, writer, err = os.Pipe(); err != nil {
			return ended{}, fault.New(fault.Broken, c.op, "%w", err)
		}
		defer reader.Close()
		cmd.ExtraFiles = []*os.File{writer}
	}

	err := start(cmd, c.bounds)
	if writer != nil {
		writer.Close()
	}
	if err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			return ended{}, missingTool(filepath.Base(c.bin), c.debian)
		}
		if ctx.Err() != nil {
			return ended{}, context.Cause(ctx)
		}
		return ended{}, fault.New(fault.Broken, c.op, "starting %s: %w", filepath.Base(c.bin), err)
	}
	var following sync.WaitGroup
	if reader != nil {
		following.Go(func() { end.last = follow(ctx, reader) })
	}
	err = cmd.Wait()
	following.Wait()

	end.stderr = tail.String()
	switch {
	case ctx.Err() != nil:
		return end, context.Cause(ctx)
	case err != nil:
		return end, explain(c, err, end.stderr)
	}
	return end, nil
}

// runFed runs c on what fill writes. If the program ends before it has read all,
// the writes of fill fail and the error is the program's. The program reports
// the progress, so the context that fill gets reports none.
func runFed(ctx context.Context, c command, fill func(context.Context, io.Writer) error) (ended, error) {
	r, w := io.Pipe()
	c.in = r
	filled := make(chan error, 1)
	go func() {
		err := fill(WithProgress(ctx, func(Progress) {}), w)
		w.CloseWithError(err) // nil is the end of the input
		filled <- err
	}()
	end, err := run(ctx, c)
	r.Close()
	if cause := <-filled; cause != nil && !errors.Is(cause, io.ErrClosedPipe) {
		return end, cause
	}
	return end, err
}

// follow reads ffmpeg's key=value progress and reports each block.
func follow(ctx context.Context, r io.Reader) Progress {
	var p Progress
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		switch {
		case key == "progress":
			report(ctx, p)
		case err != nil: // N/A, before the first packet
		case key == "frame":
			p.Frames = n
		case key == "out_time_us":
			p.Time = time.Duration(n) * time.Microsecond
		}
	}
	return p
}

// verdicts turn what ffmpeg says into who must act. The first match counts.
var verdicts = []struct {
	says string
	kind fault.Kind
	text string
}{
	{"No space left on device", fault.Broken, "the disk is full: free some space for the work folder"},
	{"Permission denied", fault.Denied, "a file may not be read or written: check the owner of the work folder"},
	{"No such file or directory", fault.Missing, "a file is not there"},
	{"moov atom not found", fault.Invalid, "the file is cut off before its index: its transfer or export did not finish, send it again"},
	{"partial file", fault.Invalid, "the file is cut off: its transfer did not finish, send it again"},
	{"could not find codec parameters", fault.Invalid, "a stream says too little about itself to be decoded: export the file again from its source"},
	{"Decoder (codec", fault.Invalid, "no decoder for this codec is installed: export the file with a common codec"},
	{"Invalid data found", fault.Invalid, "the file is damaged: export it again from its source"},
	{"corrupt decoded frame", fault.Invalid, "the file is damaged: export it again from its source"},
	{"Error while decoding", fault.Invalid, "the file is damaged: export it again from its source"},
	{"Output file is empty", fault.Invalid, "there is nothing to decode where it was asked for"},
	{"Cannot allocate memory", fault.Broken, "out of memory: give the worker more, or run fewer at once"},
}

// explain is the error of a run that failed.
func explain(c command, err error, stderr string) error {
	said := strings.TrimSpace(stderr)
	for _, p := range c.paths {
		said = strings.ReplaceAll(said, "file:"+p, filepath.Base(p))
		said = strings.ReplaceAll(said, p, filepath.Base(p))
	}
	name := filepath.Base(c.bin)
	switch killedBy(err) {
	case natural:
	case cpuLimit:
		return fault.New(fault.Invalid, c.op, "%s used more than %s of processor time: the file is damaged, or far longer than a film", name, c.bounds.cpu)
	case sizeLimit:
		return fault.New(fault.Invalid, c.op, "%s wrote more than %d GiB: the file is damaged, or far longer than a film", name, c.bounds.file>>30)
	case outOfMemory:
		return fault.New(fault.Broken, c.op, "%s was killed, most likely for lack of memory: give the worker more, or run fewer at once", name)
	}
	for _, v := range verdicts {
		if strings.Contains(said, v.says) {
			return fault.New(v.kind, c.op, "%s (%s: %s)", v.text, name, said)
		}
	}
	if c.judges {
		return fault.New(fault.Invalid, c.op, "the file is damaged: export it again from its source (%s: %s)", name, said)
	}
	return fault.New(fault.Broken, c.op, "%s failed: %w: %s", name, err, said)
}

// tail keeps the end of what is written to it. It is safe for concurrent use.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write keeps the last tailBytes.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

// String is what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}

// frameError is a result with the wrong number of frames: a defect, or a file
// whose times are not what its header says.
func frameError(op, what string, got, want int64) error {
	return fault.New(fault.Broken, op, "%s has %d frames, want %d", what, got, want)
}

// seconds is t as ffmpeg reads it, to the microsecond.
func seconds(t time.Duration) string { return fmt.Sprintf("%.6f", t.Seconds()) }
