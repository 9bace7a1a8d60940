package media_test

import (
	"encoding/json"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/media/wav"
)

func TestPlaceLinesAtTheExactSample(t *testing.T) {
	tools := find(t)
	one := save(t, "one.wav", 1, sine(0.5, 1, 500, 0.5))
	rapid.Check(t, func(rt *rapid.T) {
		start := rapid.Int64Range(0, 90000).Draw(rt, "start")
		out := filepath.Join(t.TempDir(), "stem.wav")

		stem, err := tools.PlaceLines(t.Context(), []media.Placement{{Path: one, Start: time.Duration(start) * time.Second / media.Rate}}, 96000, out)

		require.NoError(rt, err)
		require.Equal(rt, int64(96000), stem.Samples)
		_, got := load(t, out)
		_, line := load(t, one)
		require.Len(rt, got, 96000)
		require.Zero(rt, rms(append([]float32{0}, got[:start]...)))
		for i := int64(240); i < 24000-240 && start+i < 96000-240; i += 101 {
			require.InDelta(rt, line[i], got[start+i], 0)
		}
		require.Equal(rt, start+24000 > 96000, len(stem.Cut) == 1)
	})
}

func TestPlaceLinesResamplesAddsAndFades(t *testing.T) {
	tools := find(t)
	engine := saveAs(t, "engine.wav", wav.Format{Rate: 24000, Channels: 1, Encoding: wav.S16}, half(sine(2, 1, 440, 0.25)))
	actor := saveAs(t, "actor.wav", wav.Format{Rate: 48000, Channels: 2, Encoding: wav.S24}, sine(1, 2, 880, 0.25))
	out := filepath.Join(t.TempDir(), "stem.wav")

	_, err := tools.PlaceLines(t.Context(), []media.Placement{
		{Path: actor, Start: 2 * time.Second, GainDB: -6.0206},
		{Path: engine, Start: time.Second},
	}, 4*media.Rate, out)

	require.NoError(t, err)
	_, got := load(t, out)
	tone := 0.25 / math.Sqrt2
	require.InDelta(t, tone, rms(got[media.Rate*11/10:media.Rate*19/10]), 0.001, "the engine's line alone")
	require.InDelta(t, math.Hypot(tone, tone/2), rms(got[media.Rate*21/10:media.Rate*29/10]), 0.001, "both")
	require.Zero(t, rms(got[3*media.Rate+10:]))
	require.Less(t, math.Abs(float64(got[media.Rate+10])), 0.02, "the edge is faded in")
}

// half is every other sample: the same sound at half the rate.
func half(samples []float32) []float32 {
	out := make([]float32, len(samples)/2)
	for i := range out {
		out[i] = samples[2*i]
	}
	return out
}

func TestPlaceLinesRefuses(t *testing.T) {
	tools := find(t)
	good := save(t, "a.wav", 1, sine(0.1, 1, 440, 0.5))
	tests := map[string]struct {
		line media.Placement
		kind fault.Kind
	}{
		"a line after the end":     {media.Placement{Path: good, Start: 2 * time.Second}, fault.Invalid},
		"a line before the start":  {media.Placement{Path: good, Start: -1}, fault.Invalid},
		"a line that is not there": {media.Placement{Path: "gone.wav"}, fault.Missing},
		"a line that is no sound":  {media.Placement{Path: film(t, "a.mp4", args(bars, "-t 0.2", small)...)}, fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "stem.wav")

			_, err := tools.PlaceLines(t.Context(), []media.Placement{{Path: good}, tt.line}, 96000, out)

			require.Equal(t, tt.kind, fault.Of(err))
			require.NoFileExists(t, out)
			require.Empty(t, leftovers(t, out))
		})
	}
}

func TestDuck(t *testing.T) {
	tools := find(t)
	original := save(t, "original.wav", 2, sine(6, 2, 300, 0.2))
	dialogue := make([]float32, 6*media.Rate)
	copy(dialogue[4*media.Rate:], sine(1, 1, 700, 0.3))
	out := filepath.Join(t.TempDir(), "bed.wav")

	err := tools.Duck(t.Context(), original, save(t, "dialogue.wav", 1, dialogue),
		[]media.Span{{time.Second, 2 * time.Second}}, 6*media.Rate, out)

	require.NoError(t, err)
	format, bed := load(t, out)
	require.Equal(t, 2, format.Channels)
	require.Len(t, bed, 2*6*media.Rate)
	level := func(from, to float64) float64 {
		return 20 * math.Log10(rms(bed[2*int(from*media.Rate):2*int(to*media.Rate)])/(0.2/math.Sqrt2))
	}
	require.InDelta(t, 0, level(0, 0.9), 0.1, "before")
	require.InDelta(t, -18, level(1, 2), 0.1, "where the original speaks")
	require.InDelta(t, 0, level(2.1, 3.9), 0.1, "between")
	require.Less(t, level(4.2, 4.9), -8.0, "under the dub")
	require.Greater(t, level(5.7, 6), -3.0, "after it")
}

func TestDuckWantsEqualLengths(t *testing.T) {
	tools := find(t)
	out := filepath.Join(t.TempDir(), "bed.wav")

	err := tools.Duck(t.Context(), save(t, "a.wav", 2, sine(1, 2, 300, 0.2)), save(t, "b.wav", 1, sine(2, 1, 300, 0.2)), nil, media.Rate, out)

	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, "b.wav holds 96000 samples, want 48000")
	require.NoFileExists(t, out)
}

// speech is not speech but, like it, comes and goes.
func speech(seconds, level float64) []float32 {
	s := sine(seconds, 1, 300, level)
	for i := range s {
		s[i] *= float32(0.5 + 0.5*math.Sin(2*math.Pi*4*float64(i)/media.Rate))
	}
	return s
}

func TestMix(t *testing.T) {
	tests := map[string]struct {
		channels int
		bed      float64 // level
		voice    float64
		target   float64
		limited  bool
	}{
		"quiet stereo bed":        {2, 0.02, 0.1, 0, false},
		"mono":                    {1, 0.02, 0.1, 0, false},
		"5.1: the centre speaks":  {6, 0.02, 0.1, 0, false},
		"to the original's level": {2, 0.02, 0.1, -20, false},
		"a hot voice":             {2, 0.02, 0.9, -27, false},
		"a bed that leaves room":  {2, 0.6, 0.2, -12, true},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bed := save(t, "bed.wav", tt.channels, sine(6, tt.channels, 100, tt.bed))
			dialogue := save(t, "dialogue.wav", 1, speech(6, tt.voice))
			out := filepath.Join(t.TempDir(), "mix.wav")

			got, err := tools.Mix(t.Context(), media.MixSpec{Dialogue: dialogue, Bed: bed, Kind: media.SuppliedME, TargetLUFS: tt.target}, out)

			require.NoError(t, err)
			want := tt.target
			if want == 0 {
				want = media.DialogueLUFS
			}
			require.InDelta(t, want, got.Dialogue.IntegratedLUFS, media.LoudnessSlack)
			if !tt.limited {
				require.InDelta(t, want, got.Dialogue.IntegratedLUFS, 0.2)
			}
			require.Equal(t, tt.limited, got.ReductionDB > 0.01)
			require.LessOrEqual(t, got.Mix.TruePeakDBTP, media.CeilingDBTP)
			require.Equal(t, media.SuppliedME, got.Bed)
			format, samples := load(t, out)
			require.Equal(t, tt.channels, format.Channels)
			require.Len(t, samples, 6*media.Rate*tt.channels)
			_, err = json.Marshal(got)
			require.NoError(t, err)
		})
	}
}

func TestMixLeavesTheBedAlone(t *testing.T) {
	tools := find(t)
	loud := sine(3, 6, 100, 0.95) // over the ceiling by itself
	bed := save(t, "bed.wav", 6, loud)
	out := filepath.Join(t.TempDir(), "mix.wav")

	silent, err := tools.Mix(t.Context(), media.MixSpec{Dialogue: save(t, "none.wav", 1, make([]float32, 3*media.Rate)), Bed: bed, Kind: media.SuppliedME}, out)
	require.NoError(t, err)
	_, same := load(t, out)
	_, err = tools.Mix(t.Context(), media.MixSpec{Dialogue: save(t, "voice.wav", 1, speech(3, 0.2)), Bed: bed, Kind: media.SuppliedME}, out)
	_, mixed := load(t, out)

	require.NoError(t, err)
	require.Equal(t, loud, same, "a silent stem changes nothing")
	require.True(t, silent.Dialogue.Silent)
	for i, v := range mixed {
		if i%6 != 2 { // all but the centre
			require.InDelta(t, loud[i], v, 0)
		}
	}
}

func TestMixRefusesStemsThatDoNotMatch(t *testing.T) {
	tools := find(t)
	out := filepath.Join(t.TempDir(), "mix.wav")
	bed := save(t, "bed.wav", 2, sine(2, 2, 100, 0.1))

	_, short := tools.Mix(t.Context(), media.MixSpec{Dialogue: save(t, "a.wav", 1, speech(1, 0.1)), Bed: bed}, out)
	_, stereo := tools.Mix(t.Context(), media.MixSpec{Dialogue: bed, Bed: bed}, out)

	require.Equal(t, fault.Invalid, fault.Of(short))
	require.Equal(t, fault.Invalid, fault.Of(stereo))
	require.NoFileExists(t, out)
}

func BenchmarkPlaceLines2000(b *testing.B) {
	tools := find(b)
	line := saveAs(b, "line.wav", wav.Format{Rate: 24000, Channels: 1, Encoding: wav.S16}, sine(1, 1, 220, 0.5)) // 2 s
	lines := make([]media.Placement, 2000)
	for i := range lines {
		lines[i] = media.Placement{Path: line, Start: time.Duration(i) * 2700 * time.Millisecond}
	}
	out := filepath.Join(b.TempDir(), "stem.wav")
	for b.Loop() {
		_, err := tools.PlaceLines(b.Context(), lines, 90*60*media.Rate, out)
		require.NoError(b, err)
	}
}

func BenchmarkMixMinute(b *testing.B) {
	tools := find(b)
	bed, voice := save(b, "bed.wav", 2, sine(60, 2, 100, 0.1)), save(b, "voice.wav", 1, speech(60, 0.2))
	out := filepath.Join(b.TempDir(), "mix.wav")
	for b.Loop() {
		_, err := tools.Mix(b.Context(), media.MixSpec{Dialogue: voice, Bed: bed}, out)
		require.NoError(b, err)
	}
}
