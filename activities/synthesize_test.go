package activities_test

import (
	"context"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/dub"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/media/wav"
)

// spoken is a line of 28 letters, which the simulator speaks in two seconds.
const (
	spoken  = "Vamos contar as luas juntos!"
	natural = 2 * time.Second
)

// speech is the work order to voice lines of text in a slot.
func (s *studio) speech(slot time.Duration, texts ...string) contract.Work {
	doc := script.DubScript{Language: "pt-BR"}
	for i, text := range texts {
		start := time.Duration(i) * 5 * time.Second
		doc.Lines = append(doc.Lines, script.DubLine{
			Event: wordy(texts...).Events[i].ID, Character: "S1", Voice: "pt-BR-f1", Text: text, Start: start, End: start + slot, Slot: slot,
		})
	}
	return contract.Work{
		Job: "film-7", To: "pt-BR", Model: model(engine.CanSpeak), Count: len(texts),
		Inputs: []contract.StageDoc{s.stage(contract.StageDubScript, doc)},
	}
}

func (s *studio) takes(work contract.Work) script.Takes {
	s.t.Helper()
	made, err := do(contract.AssembleTakes, s.AssembleTakes, work)
	require.NoError(s.t, err)
	require.Contains(s.t, made.Labels, "synthetic voice: sim-tts")
	return document[script.Takes](s, made.Doc)
}

func (s *studio) sound(b script.Blob) *wav.Reader {
	s.t.Helper()
	r, err := wav.Open(s.fetched(b, ".wav"))
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, r.Close()) })
	return r
}

// A take that fits at its natural length serves every slot it fits in.
func TestSynthesizeReusesNaturalTakes(t *testing.T) {
	s := newStudio(t, simengine.Options{})

	first, err := do(contract.Synthesize, s.Synthesize, s.speech(3*time.Second, spoken))
	require.NoError(t, err)
	work := s.speech(2500*time.Millisecond, spoken)
	other, err := do(contract.Synthesize, s.Synthesize, work)
	require.NoError(t, err)

	require.Equal(t, contract.Batch{Made: 1}, first)
	require.Equal(t, contract.Batch{Reused: 1}, other)
	require.Equal(t, 1, s.asked(engine.CanSpeak))
	takes := s.takes(work)
	require.Empty(t, takes.Failures)
	take := takes.Takes[0]
	require.Equal(t, []any{natural, natural, string(dub.Natural), 1.0, 2500 * time.Millisecond}, []any{take.Natural, take.Duration, take.Method, take.Ratio, take.Slot})
	_, ok, err := s.Records.Result(t.Context(), take.Key)
	require.NoError(t, err)
	require.True(t, ok, "a take names the key under which it is stored")
	usage, err := s.Records.Usage(t.Context(), "film-7")
	require.NoError(t, err)
	billed := 0.0
	for _, u := range usage {
		billed += u.Units
	}
	require.InDelta(t, 2, billed, 0.001, "two seconds were paid for, once")
}

// How a line of two seconds comes to fit its slot.
func TestSynthesizeFitsLines(t *testing.T) {
	tests := map[string]struct {
		slot     time.Duration
		method   dub.Method
		duration time.Duration
	}{
		"it fits to the millisecond":         {natural, dub.Natural, natural},
		"the engine speaks faster":           {1750 * time.Millisecond, dub.Engine, 1750 * time.Millisecond},
		"as fast as the engine may":          {natural * 5 / 6, dub.Stretch, natural * 5 / 6}, // truncated by a third of a millisecond
		"the stretch does the rest":          {1600 * time.Millisecond, dub.Stretch, 1600 * time.Millisecond},
		"as much as a stretch may":           {1539 * time.Millisecond, dub.Stretch, 1539 * time.Millisecond},
		"a slot that is no number of frames": {1613 * time.Millisecond, dub.Stretch, 1613 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, simengine.Options{})
			slot := tt.slot.Truncate(time.Millisecond)
			work := s.speech(slot, spoken)

			batch, err := do(contract.Synthesize, s.Synthesize, work)
			require.NoError(t, err)
			take := s.takes(work).Takes[0]

			require.Equal(t, contract.Batch{Made: 1}, batch)
			require.Equal(t, string(tt.method), take.Method)
			require.Equal(t, tt.duration.Truncate(time.Millisecond), take.Duration)
			require.LessOrEqual(t, take.Duration, slot)
			require.Zero(t, take.Residual)
			require.InDelta(t, natural.Seconds()/take.Duration.Seconds(), take.Ratio, 1e-9)
			sound := s.sound(take.Audio)
			require.Equal(t, int64(take.Duration.Seconds()*float64(sound.Rate)+0.5), sound.Frames, "to the sample")
			require.True(t, take.Phonemes[0].Start >= 0 && take.Phonemes[len(take.Phonemes)-1].End <= take.Duration)
		})
	}
}

// The phonemes of a stretched line lie where they are heard.
func TestSynthesizeStretchesPhonemes(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	slot := 1600 * time.Millisecond
	work := s.speech(slot, spoken)
	_, err := do(contract.Synthesize, s.Synthesize, work)
	require.NoError(t, err)
	fast, err := s.Engines[0].Speak(t.Context(), engine.SpeakRequest{Model: work.Model.ID, Voice: "pt-BR-f1", Language: "pt-BR", Text: spoken, Limit: slot})
	require.NoError(t, err)
	require.Greater(t, fast.Duration, slot)

	take := s.takes(work).Takes[0]

	require.Len(t, take.Phonemes, len(fast.Phonemes))
	for i, want := range fast.Phonemes {
		scale := slot.Seconds() / fast.Duration.Seconds()
		require.Equal(t, want.Symbol, take.Phonemes[i].Symbol)
		require.InDelta(t, want.Start.Seconds()*scale, take.Phonemes[i].Start.Seconds(), 1e-6)
		require.InDelta(t, want.End.Seconds()*scale, take.Phonemes[i].End.Seconds(), 1e-6)
	}
}

// Past 1.3 times its natural speed a line is paid for once and never heard: the
// failure says by how much to shorten it.
func TestSynthesizeGivesBackWhatIsTooLong(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := s.speech(1500*time.Millisecond, spoken)

	_, err := do(contract.Synthesize, s.Synthesize, work)
	require.NoError(t, err)
	again, err := do(contract.Synthesize, s.Synthesize, work)
	require.NoError(t, err)

	takes := s.takes(work)
	require.Empty(t, takes.Takes)
	require.Equal(t, []script.Failure{{
		Event: "e001", Kind: string(fault.Refused),
		Reason: "would have to be spoken at 1.33 times its natural speed, the most is 1.30; shorten the line by about 4 characters",
	}}, takes.Failures)
	require.Equal(t, contract.Batch{Reused: 1}, again)
	require.Equal(t, 1, s.asked(engine.CanSpeak))
}

func TestAssembleTakesListsEveryLine(t *testing.T) {
	s := newStudio(t, simengine.Options{Refuse: regexp.MustCompile("segredo")})
	work := s.speech(3*time.Second, "Um dia.", "O segredo.", "Duas luas.")
	work.Count = 2
	batch, err := do(contract.Synthesize, s.Synthesize, work)
	require.NoError(t, err)
	require.Equal(t, 1, batch.Made)
	require.Equal(t, string(fault.Refused), batch.Failures[0].Kind)

	work.Failures = batch.Failures
	takes := s.takes(work)

	require.Len(t, takes.Takes, 1)
	require.Equal(t, "e001", takes.Takes[0].Event)
	require.Equal(t, []script.Failure{batch.Failures[0], {Event: "e003", Kind: string(fault.Broken), Reason: "no result is stored for this line"}}, takes.Failures)
}

// held is an engine whose speech waits until it is let go.
type held struct {
	engine.Engine
	begun, release chan struct{}
}

func (h held) Speak(ctx context.Context, r engine.SpeakRequest) (engine.Spoken, error) {
	close(h.begun)
	<-h.release
	return h.Engine.Speak(ctx, r)
}

// Of two workers with the same line at the same time one pays; the other is
// busy, and finds the take when it asks again.
func TestSynthesizePaysOnceForTwoWorkers(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	h := held{s.Engines[0], make(chan struct{}), make(chan struct{})}
	other := *s.Parts
	other.Owner, other.Engines = "worker-2", engine.Pool{h}
	work := s.speech(3*time.Second, spoken)
	first := make(chan error, 1)
	go func() {
		_, err := do(contract.Synthesize, other.Synthesize, work)
		first <- err
	}()
	<-h.begun

	_, busy := do(contract.Synthesize, s.Synthesize, work)
	close(h.release)
	paid := <-first
	again, err := do(contract.Synthesize, s.Synthesize, work)

	require.Equal(t, fault.Busy, contract.KindOf(busy))
	require.NoError(t, paid)
	require.NoError(t, err)
	require.Equal(t, contract.Batch{Reused: 1}, again)
	require.Equal(t, 1, s.asked(engine.CanSpeak))
}

// A worker that is told to stop returns at once and asks for no other line, but
// the call in flight is paid for: it goes on, nobody repeats it, and what it made
// is found.
func TestSynthesizeStopsWithItsWorker(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	h := held{s.Engines[0], make(chan struct{}), make(chan struct{})}
	other := *s.Parts
	other.Owner, other.Engines = "worker-2", engine.Pool{h}
	all := s.speech(3*time.Second, six...)
	one := all
	one.Count = 1
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		_, err := doUnder(ctx, contract.Synthesize, other.Synthesize, all)
		stopped <- err
	}()
	<-h.begun

	cancel()
	err := <-stopped
	_, busy := do(contract.Synthesize, s.Synthesize, one)
	close(h.release)

	require.Error(t, err)
	require.Equal(t, fault.Busy, contract.KindOf(busy), "nobody repeats the call")
	var again contract.Batch
	require.Eventually(t, func() bool {
		again, err = do(contract.Synthesize, s.Synthesize, one)
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, contract.Batch{Reused: 1}, again)
	require.Equal(t, 1, s.asked(engine.CanSpeak), "after the stop no line was asked for")
	left, err := filepath.Glob(filepath.Join(s.Scratch, "*"))
	require.NoError(t, err)
	require.Empty(t, left, "no scratch is left behind")
}

var _ engine.Engine = held{}

// A worker without engines says what is missing.
func TestSynthesizeWithoutEngine(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	work := s.speech(3*time.Second, spoken)

	_, err := do(contract.Synthesize, (&activities.Parts{Blobs: s.Blobs, Records: s.Records}).Synthesize, work)

	require.Equal(t, fault.Missing, contract.KindOf(err))
}
