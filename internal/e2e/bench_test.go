//go:build e2e

package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enums "go.temporal.io/api/enums/v1"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
)

// BenchmarkLocalStack localizes the demo film with the neural engines, lip-sync
// included, on a store that holds nothing, and no person at any gate. rtf is wall
// time over the length of the film; the seconds of each activity overlap where
// branches run side by side. The memory of engine host and worker is the most
// each ever had.
func BenchmarkLocalStack(b *testing.B) {
	film := filepath.Join(root(), ".cache", "demo", "film.mp4")
	_, err := os.Stat(film)
	require.NoError(b, err, "make the film first: make demo")
	length := probe(b, film).seconds(b)
	host := spawnHost(b)
	for b.Loop() {
		s := &stack{t: b, Data: b.TempDir(), engine: host.url()}
		s.startServer()
		worker := s.spawnWorker()
		in := allServices(film)
		in.Gates = map[gate.Name]gate.Policy{}
		for _, name := range gate.Names() {
			in.Gates[name] = gate.Off
		}
		begin := time.Now()
		job, run := s.start(in)
		require.NoError(b, run.Get(b.Context(), nil))
		b.ReportMetric(time.Since(begin).Seconds()/length, "rtf")
		for _, id := range []string{contract.TitleID(job), contract.LanguageID(job, "pt-BR")} {
			for activity, spent := range s.spent(id) {
				b.ReportMetric(spent.Seconds(), "s/"+activity)
			}
		}
		b.ReportMetric(peakMB(b, worker.Process.Pid), "worker-MB")
	}
	b.ReportMetric(peakMB(b, host.Process.Pid), "host-MB")
}

// spawnWorker serves all queues in a process of its own.
func (s *stack) spawnWorker() *process {
	env := []string{"BABELREEL_ENGINES_LOCAL_URL=" + s.engine}
	return spawn(s.t, env, filepath.Join(root(), "bin", "babelreel"), "worker", "--child", "--address", s.address, "--data", s.Data)
}

// spent is how long the activities of a workflow ran, by type.
func (s *stack) spent(id string) map[string]time.Duration {
	names, started := map[int64]string{}, map[int64]time.Time{}
	spent := map[string]time.Duration{}
	for _, e := range s.events(id).Events {
		switch e.GetEventType() {
		case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			names[e.GetEventId()] = e.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName()
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			started[e.GetActivityTaskStartedEventAttributes().GetScheduledEventId()] = e.GetEventTime().AsTime()
		case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			of := e.GetActivityTaskCompletedEventAttributes().GetScheduledEventId()
			spent[names[of]] += e.GetEventTime().AsTime().Sub(started[of])
		default:
		}
	}
	return spent
}

// peakMB is the most memory that a process ever had resident, in megabytes.
func peakMB(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	require.NoError(b, err)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	require.Len(b, found, 2)
	kb, err := strconv.ParseFloat(string(found[1]), 64)
	require.NoError(b, err)
	return kb / 1024
}
