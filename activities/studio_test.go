package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/store/dir"
	"github.com/babelreel/babelreel/store/records"
)

// studio is the parts of a worker on a real store, real records and the engine
// simulator.
type studio struct {
	*activities.Parts
	t   *testing.T
	sim *simengine.Server
}

func newStudio(t *testing.T, opts simengine.Options) *studio {
	t.Helper()
	sim, err := simengine.New(opts)
	require.NoError(t, err)
	t.Cleanup(sim.Close)
	blobs, err := dir.Open(t.TempDir(), time.Now())
	require.NoError(t, err)
	db, err := records.Open(t.Context(), filepath.Join(t.TempDir(), "records.db"), time.Now)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	tools, err := media.Find()
	require.NoError(t, err)
	return &studio{t: t, sim: sim, Parts: &activities.Parts{
		Blobs: blobs, Records: db, Media: tools, Engines: engine.Pool{openai.New(sim.URL, "")},
		Owner: "worker-1", LeaseTTL: time.Minute, Scratch: t.TempDir(), Now: time.Now,
	}}
}

// do runs an activity as a worker would.
func do[In, Out any](a contract.Activity[In, Out], fn func(context.Context, In) (Out, error), in In) (Out, error) {
	return doUnder(context.Background(), a, fn, in)
}

// doUnder is do on a worker that stops when ctx ends.
func doUnder[In, Out any](ctx context.Context, a contract.Activity[In, Out], fn func(context.Context, In) (Out, error), in In) (Out, error) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{BackgroundActivityContext: ctx})
	a.Register(env, fn)
	var out Out
	v, err := env.ExecuteActivity(a.Name, in)
	if err != nil {
		return out, err
	}
	return out, v.Get(&out)
}

// put stores a document.
func (s *studio) put(doc any) script.Blob {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "doc.json")
	data, err := json.Marshal(doc)
	require.NoError(s.t, err)
	require.NoError(s.t, os.WriteFile(path, data, 0o600))
	return s.file(path)
}

// file stores a file.
func (s *studio) file(path string) script.Blob {
	s.t.Helper()
	b, err := s.Blobs.PutFile(s.t.Context(), path)
	require.NoError(s.t, err)
	return b
}

// stage is a document as the input of a stage.
func (s *studio) stage(name contract.StageName, doc any) contract.StageDoc {
	s.t.Helper()
	return contract.StageDoc{Stage: name, Doc: s.put(doc)}
}

func (s *studio) bytes(b script.Blob) []byte {
	s.t.Helper()
	r, err := s.Blobs.Open(s.t.Context(), b.SHA256)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, r.Close()) }()
	data, err := io.ReadAll(r)
	require.NoError(s.t, err)
	return data
}

// document reads a document of the store.
func document[T any](s *studio, b script.Blob) T {
	s.t.Helper()
	var doc T
	require.NoError(s.t, json.Unmarshal(s.bytes(b), &doc))
	return doc
}

// fetched is a blob as a file with the given ending.
func (s *studio) fetched(b script.Blob, ext string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "blob"+ext)
	require.NoError(s.t, s.Blobs.Fetch(s.t.Context(), b.SHA256, path))
	return path
}

// asked is how many calls an engine was asked for.
func (s *studio) asked(can engine.Capability) int { return s.sim.Calls().Calls[can] }

// model is the simulator's model of a capability.
func model(can engine.Capability) contract.Model {
	for _, m := range simengine.Models() {
		if m.Capability == can {
			return contract.Model{ID: m.ID, Fingerprint: m.Fingerprint(), Grade: string(m.Grade)}
		}
	}
	panic("no model of " + can)
}

// recording writes lines as the simulator speaks them, for it to hear.
func (s *studio) recording(length time.Duration, lines ...simengine.Line) string {
	s.t.Helper()
	wav, err := s.sim.Record(length, lines...)
	require.NoError(s.t, err)
	path := filepath.Join(s.t.TempDir(), "recording.wav")
	require.NoError(s.t, os.WriteFile(path, wav, 0o600))
	return path
}

// film is a small film at 25 fps with a cut after every second, and sound.
func film(t *testing.T, seconds int, sound string) string {
	t.Helper()
	var graph, joined strings.Builder
	for i := range seconds {
		colour := []string{"navy", "orange", "green", "white", "maroon"}[i%5]
		fmt.Fprintf(&graph, "color=c=%s:s=160x90:r=25:d=1[v%d];", colour, i)
		fmt.Fprintf(&joined, "[v%d]", i)
	}
	out := filepath.Join(t.TempDir(), "film.mp4")
	ffmpeg(t, "-i", sound, "-filter_complex", fmt.Sprintf("%s%sconcat=n=%d:v=1[v]", &graph, &joined, seconds),
		"-map", "[v]", "-map", "0:a", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "192k", out)
	return out
}

func ffmpeg(t *testing.T, args ...string) {
	t.Helper()
	said, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin"}, args...)...).CombinedOutput()
	require.NoError(t, err, "%v: %s", args, said)
}

// cut is a cut of a length in seconds at 25 fps.
func cut(seconds int64) script.Cut {
	return script.Cut{ID: "cut", Rate: script.Rate{Num: 25, Den: 1}, Frames: 25 * seconds, StartTC: "00:00:00:00", Channels: 1}
}

// wordy is a dialogue list with one line of dialogue in every second.
func wordy(texts ...string) script.DialogueList {
	list := script.DialogueList{Cut: cut(int64(len(texts))), Language: "en"}
	for i, text := range texts {
		list.Events = append(list.Events, script.Event{
			ID: fmt.Sprintf("e%03d", i+1), Start: time.Duration(i) * time.Second, End: time.Duration(i+1) * time.Second,
			Character: "S1", Kind: script.Dialogue, Language: "en", Text: text,
		})
	}
	return list
}
