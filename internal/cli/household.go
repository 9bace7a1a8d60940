package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/babelreel/babelreel/config"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/internal/child"
)

// tokenEnv is the variable in which the engine host and the workers find the
// token of this run; see docs/engine-wire.md.
const tokenEnv = "BABELREEL_ENGINE_TOKEN"

// enginesName is what people call the engine host.
const enginesName = "engines"

// temporalSpec is the embedded Temporal, always on the same ports.
func (h *household) temporalSpec() (child.Spec, error) {
	cfg := h.app.cfg
	args := []string{
		"--db", filepath.Join(h.data, "temporal.db"),
		"--port", strconv.Itoa(cfg.Temporal.Port),
		"--ui-port", strconv.Itoa(cfg.Temporal.UIPort),
		"--namespace", defaultNamespace,
	}
	for _, attr := range contract.Attributes() {
		args = append(args, "--search-attribute", attr.Name+"="+attr.Type)
	}
	log, err := h.log("temporal")
	return child.Spec{
		Name: "temporal", Path: h.server, Log: log, ReadyWithin: h.within,
		Args:  func() []string { return args },
		Ready: func(line []byte) error { return parseReady(line, &h.temporal, &h.temporal.Ready) },
	}, err
}

// hostSpec is the engine host. It comes up on another port each time, and the
// forwarder follows it.
func (h *household) hostSpec() (child.Spec, error) {
	cfg := h.app.cfg.Host
	spec := child.Spec{Name: enginesName, ReadyWithin: h.within, Env: []string{tokenEnv + "=" + h.token, "HF_HUB_OFFLINE=1"}}
	command := cfg.Command
	if len(command) == 0 {
		source, err := filepath.Abs(cfg.Source)
		if err != nil {
			return spec, err
		}
		models, err := filepath.Abs(cfg.Models)
		if err != nil {
			return spec, err
		}
		command = []string{cfg.Python, "-m", "enginehost", "--models", models}
		spec.Env = append(spec.Env, "PYTHONPATH="+source, "PYTHONUNBUFFERED=1")
	}
	spec.Path = command[0]
	spec.Args = func() []string { return command[1:] }
	spec.Ready = func(line []byte) error {
		var said struct {
			Ready bool `json:"ready"`
			Port  int  `json:"port"`
		}
		if err := parseReady(line, &said, &said.Ready); err != nil {
			return err
		}
		if said.Port < 1 || said.Port > 65535 {
			return errors.New("names no port")
		}
		h.forwarder.to(said.Port)
		return nil
	}
	var err error
	spec.Log, err = h.log(enginesName)
	return spec, err
}

// drained is how much longer than its activities a worker may take to end.
const drained = 5 * time.Second

// workerSpec is the worker: this program again, with the same settings.
func (h *household) workerSpec() (child.Spec, error) {
	cfg := h.app.cfg
	log, err := h.log("worker")
	local := "BABELREEL_ENGINES_" + strings.ToUpper(config.LocalEngine)
	env := []string{local + "_URL=" + h.enginesURL}
	if h.forwarder != nil {
		env = append(env, tokenEnv+"="+h.token, local+"_TOKEN_ENV="+tokenEnv)
	}
	return child.Spec{
		Name: "worker", Path: h.self, Env: env, Log: log, ReadyWithin: h.within, Grace: cfg.Drain + drained,
		Args: func() []string {
			return append([]string{"worker", "--child", "--address", h.temporal.Address}, h.app.sameSettings()...)
		},
		Ready: func(line []byte) error {
			var said struct {
				Ready bool `json:"ready"`
			}
			return parseReady(line, &said, &said.Ready)
		},
	}, err
}

// sameSettings are the flags that give another process the settings that this
// one took from its own flags. It has the environment and the file anyway.
func (a *app) sameSettings() []string {
	var args []string
	if a.configFile != "" {
		args = append(args, "--config", a.configFile)
	}
	for _, s := range a.cfg.Settings() {
		if name, ok := strings.CutPrefix(s.Origin, "flag "); ok {
			args = append(args, name+"="+s.Value)
		}
	}
	return args
}

// maxLog is the size, in bytes, at which a log is put aside at the next start:
// days of an idle service, and still opened by any editor.
const maxLog = 16 << 20

// log opens the log of a child. It grows from start to start; the one that was
// put aside before is kept until the next.
func (h *household) log(name string) (*os.File, error) {
	path := filepath.Join(h.logs, name+".log")
	if info, err := os.Stat(path); err == nil && info.Size() > maxLog {
		if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		h.files = append(h.files, f)
	}
	return f, err
}
