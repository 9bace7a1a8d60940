package activities_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
)

// animator is a lip-sync engine that keeps what it was asked for, and may say
// that it made fewer frames.
type animator struct {
	engine.Engine
	fewer int

	mu    sync.Mutex
	asked [][]engine.Phoneme
}

func (a *animator) LipSync(ctx context.Context, r engine.LipSyncRequest) (engine.LipSyncReport, error) {
	a.mu.Lock()
	a.asked = append(a.asked, r.Phonemes)
	a.mu.Unlock()
	report, err := a.Engine.LipSync(ctx, r)
	report.Frames -= a.fewer
	return report, err
}

const millisecond = time.Millisecond

// mouths is the work order to move mouths in a film of three shots of a second:
// a line that runs from the first shot into the second, and one off screen in
// the third.
func (s *studio) mouths() (contract.Work, *animator) {
	s.t.Helper()
	a := &animator{Engine: s.Engines[0]}
	s.Engines = engine.Pool{a}
	phoneme := func(symbol string, start, end time.Duration) script.Phoneme {
		return script.Phoneme{Symbol: symbol, Start: start * millisecond, End: end * millisecond}
	}
	take := func(event string, start time.Duration, phonemes ...script.Phoneme) script.Take {
		return script.Take{Event: event, Start: start * millisecond, Duration: time.Second, Phonemes: phonemes}
	}
	return contract.Work{Job: "film-7", To: "pt-BR", Model: model(engine.CanLipSync), Count: 3, Inputs: []contract.StageDoc{
		s.stage(contract.StageIngest, contract.Ingested{Cut: cut(3), Master: s.file(film(s.t, 3, tone(s.t, "3")))}),
		s.stage(contract.StageShots, contract.Shots{Starts: []int64{0, 25, 50}, Frames: 75}),
		s.stage(contract.StageDubScript, script.DubScript{Lines: []script.DubLine{{Event: "e001"}, {Event: "e002", Presence: script.OffScreen}}}),
		s.stage(contract.StageTakes, script.Takes{Takes: []script.Take{
			take("e001", 500, phoneme("a", 0, 400), phoneme("m", 400, 600), phoneme("o", 600, 900)),
			take("e002", 2100, phoneme("b", 0, 500)),
		}}),
	}}, a
}

// Mouths move in the shots in which somebody is seen to speak; sounds that run
// over a cut are shared out between the shots.
func TestSyncLips(t *testing.T) {
	t.Parallel()

	s := newStudio(t, simengine.Options{})
	work, a := s.mouths()
	part := work
	part.First, part.Count = 1, 2

	batch, err := do(contract.SyncLips, s.SyncLips, part)
	require.NoError(t, err)
	rest, err := do(contract.SyncLips, s.SyncLips, work)
	require.NoError(t, err)
	again, err := do(contract.SyncLips, s.SyncLips, work)
	require.NoError(t, err)
	made, err := do(contract.AssemblePicture, s.AssemblePicture, work)
	require.NoError(t, err)

	require.Equal(t, []contract.Batch{{Made: 1}, {Made: 1, Reused: 1}, {Reused: 2}}, []contract.Batch{batch, rest, again})
	require.Equal(t, [][]engine.Phoneme{
		{{Symbol: "m", Start: 0, End: 100 * millisecond}, {Symbol: "o", Start: 100 * millisecond, End: 400 * millisecond}},
		{{Symbol: "a", Start: 500 * millisecond, End: 900 * millisecond}, {Symbol: "m", Start: 900 * millisecond, End: time.Second}},
	}, a.asked)
	picture := document[contract.Picture](s, made.Doc)
	require.Equal(t, []int{2, 50, 2, 2}, []int{picture.Shots, picture.FaceFrames, picture.Closures, picture.ClosuresHit})
	require.True(t, picture.OutsideIdentical)
	require.Empty(t, picture.Missing)
	info, err := s.Media.Probe(t.Context(), s.fetched(picture.Video, ".mp4"))
	require.NoError(t, err)
	require.Equal(t, int64(75), info.Video.Frames)
	require.Empty(t, info.Audio)
	require.Equal(t, []string{"synthetic picture: mouths moved by sim-lips"}, made.Labels)
	require.Equal(t, 3, made.Items)
}

// Picture of another length than the shot is never used.
func TestSyncLipsChecksTheFrames(t *testing.T) {
	t.Parallel()

	s := newStudio(t, simengine.Options{})
	work, a := s.mouths()
	a.fewer = 1

	_, err := do(contract.SyncLips, s.SyncLips, work)

	require.Equal(t, fault.Broken, contract.KindOf(err))
	require.ErrorContains(t, err, "24 frames came back for 25")
	usage, err := s.Records.Usage(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, usage, "nothing of it is kept")
}

// The picture is whole where a shot could not be made, and says so.
func TestAssemblePictureListsMissingShots(t *testing.T) {
	t.Parallel()

	s := newStudio(t, simengine.Options{})
	work, _ := s.mouths()
	work.Count = 1
	_, err := do(contract.SyncLips, s.SyncLips, work)
	require.NoError(t, err)
	declined := script.Failure{Event: "shot 25-49", Kind: string(fault.Refused), Reason: "a face that may not be changed"}
	work.Failures = []script.Failure{declined}

	made, err := do(contract.AssemblePicture, s.AssemblePicture, work)
	require.NoError(t, err)
	work.Inputs = []contract.StageDoc{
		s.stage(contract.StageMix, contract.Mix{}), s.stage(contract.StageHear, qa.Report{RulesVersion: qa.RulesVersion}),
		{Stage: contract.StagePicture, Doc: made.Doc},
	}
	master, err := do(contract.AssembleMaster, s.AssembleMaster, work)
	require.NoError(t, err)

	picture := document[contract.Picture](s, made.Doc)
	require.Equal(t, []script.Failure{declined}, picture.Missing)
	require.Equal(t, 1, picture.Shots)
	info, err := s.Media.Probe(t.Context(), s.fetched(picture.Video, ".mp4"))
	require.NoError(t, err)
	require.Equal(t, int64(75), info.Video.Frames)
	report := document[qa.Report](s, master.Report)
	require.Equal(t, 1, report.Counts.Critical)
	require.Equal(t, "PIC001:shot 25-49", report.Findings[0].ID())
	require.Equal(t, made.Doc, document[contract.Master](s, master.Doc).Picture)
}
