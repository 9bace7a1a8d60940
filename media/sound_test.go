package media_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/media/wav"
)

func TestSamples(t *testing.T) {
	tests := map[string]struct {
		frames int64
		rate   script.Rate
		want   int64
	}{
		"one second":           {25, script.Rate{Num: 25, Den: 1}, 48000},
		"NTSC film, one frame": {1, script.Rate{Num: 24000, Den: 1001}, 2002},
		"29.97, rounded":       {1, script.Rate{Num: 30000, Den: 1001}, 1602}, // 1601.6
		"two hours of 23.976":  {172800, script.Rate{Num: 24000, Den: 1001}, 345945600},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, media.Samples(tt.frames, tt.rate))
		})
	}
}

func TestExtractProgramAudioIsSampleExact(t *testing.T) {
	tests := map[string]struct {
		args     []string
		samples  int64
		channels int
		mask     uint32
	}{
		"stereo, 25 fps": {args(bars, tone, "-t 2", small, "-ac 2"), 96000, 2, 0x3},
		"5.1":            {args(bars, tone, "-t 2", small, "-ac 6"), 96000, 6, 0x3f},
		"mono at 44.1":   {args(bars, "-f lavfi -i sine=440:sample_rate=44100 -t 2", small), 96000, 1, 0x4},
		"padded":         {args(bars, tone, "-t 1", small), 96000, 1, 0x4},
		"cut":            {args(bars, tone, "-t 4", small), 96000, 1, 0x4},
		"a few frames":   {args(bars, tone, "-t 0.2", small), 9600, 1, 0x4},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.wav")

			err := tools.ExtractProgramAudio(t.Context(), film(t, "a.mp4", tt.args...), 0, tt.samples, out)

			require.NoError(t, err)
			format, samples := load(t, out)
			require.Len(t, samples, int(tt.samples)*tt.channels)
			require.Equal(t, wav.F32, format.Encoding)
			require.Equal(t, media.Rate, format.Rate)
			require.Equal(t, tt.mask, format.Layout())
			require.Empty(t, leftovers(t, out))
		})
	}
}

// Sound that begins after the picture keeps its place, whatever carries it.
func TestExtractKeepsSync(t *testing.T) {
	click := "-f lavfi -i aevalsrc=exprs='if(between(t,0.5,0.51),0.9,0)':s=48000"
	tests := map[string]struct {
		name string
		args []string
		at   float64 // seconds after the first frame of the picture
	}{
		"together":               {"a.mkv", args(bars, click, "-t 2", small), 0.5},
		"sound 300 ms later":     {"a.mkv", args(bars, "-itsoffset 0.3", click, "-t 2", small), 0.8},
		"picture 200 ms later":   {"a.mkv", args("-itsoffset 0.2", bars, click, "-map 0 -map 1 -t 2", small), 0.3},
		"in a transport stream":  {"a.ts", args(bars, "-itsoffset 0.3", click, "-t 2", small), 0.8},
		"in MP4 with an edit":    {"a.mp4", args(bars, "-itsoffset 0.3", click, "-t 2", small), 0.8},
		"MP4 with late picture":  {"a.mp4", args("-itsoffset 0.2", bars, click, "-map 0 -map 1 -t 2 -fps_mode passthrough", small), 0.3},
		"speech form, resampled": {"a.mkv", args(bars, "-itsoffset 0.3", click, "-t 2", small), 0.8},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in, out := film(t, tt.name, tt.args...), filepath.Join(t.TempDir(), "out.wav")
			extract := func() error { return tools.ExtractProgramAudio(t.Context(), in, 0, 96000, out) }
			if name == "speech form, resampled" {
				extract = func() error { return tools.ExtractSpeechAudio(t.Context(), in, 0, out) }
			}

			require.NoError(t, extract())

			format, samples := load(t, out)
			require.InDelta(t, tt.at, onset(samples)*media.Rate/float64(format.Rate), 0.004, "seconds")
		})
	}
}

// onset is when mono sound at 48 kHz first gets loud, in seconds.
func onset(samples []float32) float64 {
	first := 0
	for first < len(samples) && math.Abs(float64(samples[first])) < 0.4 {
		first++
	}
	return float64(first) / media.Rate
}

func TestExtractSpeechAudio(t *testing.T) {
	in, out := film(t, "a.mp4", args(bars, tone, "-t 1", small, "-ac 2")...), filepath.Join(t.TempDir(), "out.wav")
	tools := find(t)

	err := tools.ExtractSpeechAudio(t.Context(), in, 0, out)
	missing := tools.ExtractSpeechAudio(t.Context(), in, 1, out)

	require.NoError(t, err)
	format, samples := load(t, out)
	require.Equal(t, wav.Format{Rate: 16000, Channels: 1, Encoding: wav.S16}, format)
	require.InDelta(t, 16000, len(samples), 400)
	require.Equal(t, fault.Missing, fault.Of(missing))
	require.ErrorContains(t, missing, "no audio track 1: it has 1")
}

func TestLoudness(t *testing.T) {
	tests := map[string]struct {
		channels int
		level    float64
		want     media.Loudness
	}{
		// EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS.
		"the EBU's reference tone": {2, math.Pow(10, -23.0/20), media.Loudness{IntegratedLUFS: -23, TruePeakDBTP: -23}},
		"one channel of it":        {1, math.Pow(10, -23.0/20), media.Loudness{IntegratedLUFS: -26, TruePeakDBTP: -23}},
		"silence":                  {2, 0, media.Loudness{IntegratedLUFS: media.SilenceLUFS, TruePeakDBTP: media.SilenceDBTP, Silent: true}},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tools.Loudness(t.Context(), save(t, "a.wav", tt.channels, sine(4, tt.channels, 1000, tt.level)))

			require.NoError(t, err)
			require.InDelta(t, tt.want.IntegratedLUFS, got.IntegratedLUFS, 0.15)
			require.InDelta(t, tt.want.TruePeakDBTP, got.TruePeakDBTP, 0.15)
			require.Equal(t, tt.want.Silent, got.Silent)
			_, err = json.Marshal(got)
			require.NoError(t, err)
		})
	}
}

func TestDialogueLoudnessLooksAtTheSpansAlone(t *testing.T) {
	tools := find(t)
	quiet, loud := sine(4, 2, 1000, math.Pow(10, -40.0/20)), sine(4, 2, 1000, math.Pow(10, -20.0/20))
	in := save(t, "a.wav", 2, append(quiet, loud...))

	speech, err1 := tools.DialogueLoudness(t.Context(), in, []media.Span{{3 * time.Second, 4 * time.Second}, {0, time.Second}})
	none, err2 := tools.DialogueLoudness(t.Context(), in, nil)

	require.NoError(t, err1)
	require.NoError(t, err2)
	require.InDelta(t, -40, speech.IntegratedLUFS, 0.2)
	require.True(t, none.Silent)
}

func TestStretchIsExact(t *testing.T) {
	tools := find(t)
	for _, ratio := range []float64{0.8, 0.93, 1, 1.1, 1.3} {
		t.Run(fmt.Sprint(ratio), func(t *testing.T) {
			in := saveAs(t, "a.wav", wav.Format{Rate: 24000, Channels: 1, Encoding: wav.S16}, sine(1, 1, 220, 0.5)) // 2 s at 24 kHz
			out := filepath.Join(t.TempDir(), "out.wav")
			target := time.Duration(2 * ratio * float64(time.Second))

			err := tools.Stretch(t.Context(), in, out, target)

			require.NoError(t, err)
			format, samples := load(t, out)
			require.Equal(t, 24000, format.Rate)
			require.Len(t, samples, int(math.Round(target.Seconds()*24000)))
			require.InDelta(t, 0.5/math.Sqrt2, rms(samples[2400:len(samples)-2400]), 0.06, "it still sounds as loud")
		})
	}
}

func TestStretchRefusesNonsense(t *testing.T) {
	tools := find(t)
	in := save(t, "a.wav", 1, sine(1, 1, 220, 0.5))
	empty := save(t, "b.wav", 1, nil)
	out := filepath.Join(t.TempDir(), "out.wav")

	for name, err := range map[string]error{
		"ten times":    tools.Stretch(t.Context(), in, out, 10*time.Second),
		"no time":      tools.Stretch(t.Context(), in, out, 0),
		"an empty one": tools.Stretch(t.Context(), empty, out, time.Second),
	} {
		require.Equal(t, fault.Invalid, fault.Of(err), name)
	}
	require.NoFileExists(t, out)
}
