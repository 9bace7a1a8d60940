package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/contract"
)

// toolWithin is how long a program may take to say its version.
const toolWithin = 10 * time.Second

// tools looks for the programs that media and engines run.
func tools(ctx context.Context) []checked {
	var all []checked
	for _, tool := range []struct{ name, arg, debian string }{
		{"ffmpeg", "-version", "ffmpeg"},
		{"ffprobe", "-version", "ffmpeg"},
		{"rubberband", "--version", "rubberband-cli"},
		{"espeak-ng", "--version", "espeak-ng"},
	} {
		remedy := "on Debian, apt-get install " + tool.debian
		version, err := versionOf(ctx, tool.name, tool.arg)
		if err != nil {
			all = append(all, fail(tool.name, remedy, "%v", err))
			continue
		}
		all = append(all, ok(tool.name, "%s", version))
	}
	return all
}

// versionOf is the first line that a program prints about itself.
func versionOf(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, toolWithin)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil {
		return "", fmt.Errorf("%w %s", err, oneLine(line))
	}
	line, _, _ = strings.Cut(line, " Copyright")
	return oneLine(line), nil
}

// checkHost looks at the engine host: interpreter, code and every model.
func (a *app) checkHost(ctx context.Context) []checked {
	const remedy = "run `make setup`, or name another place with --host-python, --host-source and --host-models"
	local, cfg := a.cfg.Engines[config.LocalEngine], a.cfg.Host
	switch {
	case local.URL != "":
		return []checked{ok("engine host", "not needed: engines.local.url is %s", local.URL)}
	case len(cfg.Command) > 0:
		path, err := exec.LookPath(cfg.Command[0])
		if err != nil {
			return []checked{fail("engine host", "correct the setting host.command", "%v", err)}
		}
		return []checked{ok("engine host", "your own: %s", path)}
	}
	version, err := versionOf(ctx, cfg.Python, "--version")
	if err != nil {
		return []checked{fail("engine host", remedy, "%v", err)}
	}
	all := []checked{ok("engine host", "%s at %s", version, cfg.Python)}
	if _, err := os.Stat(filepath.Join(cfg.Source, "enginehost", "__main__.py")); err != nil {
		return append(all, fail("engine host code", remedy, "%v", err))
	}
	n, err := checkModels(ctx, filepath.Join(cfg.Source, "models.sha256"), cfg.Models)
	if err != nil {
		return append(all, fail("models", remedy, "%v", err))
	}
	return append(all, ok("models", "%s in %s, each with its hash", plural(n, "file"), cfg.Models))
}

// checkModels holds the files below dir against a list of hashes, as sha256sum
// writes it, and counts them. All that are wrong are named.
func checkModels(ctx context.Context, list, dir string) (n int, err error) {
	f, err := os.Open(list)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	var errs []error
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			continue
		}
		n++
		got, err := hashFile(ctx, filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			errs = append(errs, fmt.Errorf("%s is missing", name))
		case err != nil:
			errs = append(errs, err)
		case got != want:
			errs = append(errs, fmt.Errorf("%s is not what it should be: sha256 %s", name, short(got)))
		}
	}
	return n, errors.Join(append(errs, lines.Err())...)
}

// How much room the data directory should have, in bytes: a title takes its
// master once, its sound as float WAV twice and its deliveries, so ten times a
// small master; below the least not even a short one can be worked on.
const (
	roomWanted = 20 << 30
	roomLeast  = 1 << 30
)

// checkData looks at the disk and at what lies in the data directory.
func (a *app) checkData() []checked {
	const remedy = "free some space, or name another place with --data"
	at := a.cfg.StoreDir()
	for {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		at = filepath.Dir(at)
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(at, &stat); err != nil {
		return []checked{fail("disk", remedy, "%s: %v", at, err)}
	}
	room := int64(stat.Bavail) * int64(stat.Bsize) //nolint:unconvert // the types differ by system
	found := fmt.Sprintf("%.1f GiB free for %s", float64(room)/(1<<30), a.cfg.StoreDir())
	switch {
	case room < roomLeast:
		return []checked{fail("disk", remedy, "%s", found)}
	case room < roomWanted:
		return []checked{warn("disk", remedy, "%s", found)}
	default:
		return []checked{ok("disk", "%s", found)}
	}
}

// checkServer looks at Temporal and, where it answers, at its workers. Where it
// does not and is to be started here, it looks at what that takes.
func (a *app) checkServer(ctx context.Context) []checked {
	p, err := locate(a.address, a.cfg, a.Getenv)
	if err != nil {
		return []checked{fail("temporal", "correct Temporal's profile", "%v", err)}
	}
	s, err := a.dial(ctx)
	if err == nil {
		defer s.Close()
		return append([]checked{ok("temporal", "answers at %s", p.options.HostPort)}, checkWorkers(ctx, s)...)
	}
	if p.origin != "embedded" {
		return []checked{fail("temporal", p.remedy(), "%v", err)}
	}
	all := []checked{warn("temporal", "start it with `babelreel up`", "nothing answers at %s", p.options.HostPort)}
	self, err := executable()
	if err == nil {
		var path string
		if path, err = serverPath(a.cfg.Temporal.Binary, self); err == nil {
			all = append(all, ok("temporal program", "%s", path))
		}
	}
	if err != nil {
		all = append(all, fail("temporal program", "build it with `make build`, or name it with --temporal-binary", "%v", err))
	}
	for _, port := range []struct {
		number int
		flag   string
	}{{a.cfg.Temporal.Port, "--temporal-port"}, {a.cfg.Temporal.UIPort, "--temporal-ui-port"}} {
		name := fmt.Sprintf("port %d", port.number)
		if err := free(ctx, port.number, port.flag); err != nil {
			all = append(all, fail(name, "end the program that uses it, or give another "+port.flag, "%v", err))
			continue
		}
		all = append(all, ok(name, "free"))
	}
	return all
}

// checkWorkers counts the workers of each queue that stages work on.
func checkWorkers(ctx context.Context, s service) []checked {
	var all []checked
	for _, queue := range contract.Queues() {
		n, err := s.Pollers(ctx, queue)
		name := "queue " + queue
		switch {
		case err != nil:
			all = append(all, fail(name, "see the server's log", "%v", err))
		case n == 0 && queue == contract.QueueNet:
			all = append(all, ok(name, "no worker, and none needed: no stage works there yet"))
		case n == 0:
			all = append(all, fail(name, "start `babelreel up`, or `babelreel worker --queues "+queue+"`", "no worker"))
		default:
			all = append(all, ok(name, "%s", plural(n, "worker")))
		}
	}
	return all
}
