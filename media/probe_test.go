package media_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/media"
)

func TestProbeOfAFilm(t *testing.T) {
	in := film(t, "film.mov", args(bars, tone, tone,
		"-t 2 -map 0 -map 1 -map 2 -timecode 10:00:00:00", small, "-ac:a:1 6",
		"-metadata:s:a:0 language=eng -metadata:s:a:1 language=deu -metadata:s:a:0 handler_name=Main")...)

	info, err := find(t).Probe(t.Context(), in)

	require.NoError(t, err)
	require.InDelta(t, 2*time.Second, info.Duration, float64(50*time.Millisecond))
	v := info.Video
	require.Equal(t, script.Rate{Num: 25, Den: 1}, v.Rate)
	require.Equal(t, int64(50), v.Frames)
	require.Equal(t, "10:00:00:00", v.StartTC)
	require.Equal(t, "320x180 h264 25/1", v.String())
	require.Equal(t, "yuv420p", v.PixelFormat)
	require.False(t, v.VariableRate || v.Interlaced)
	require.Len(t, info.Audio, 2)
	require.Equal(t, "eng", info.Audio[0].Language)
	require.Equal(t, "Main", info.Audio[0].Title)
	require.Equal(t, "5.1", info.Audio[1].Layout)
	require.Equal(t, 6, info.Audio[1].Channels)
}

func TestProbeRatesAndFrames(t *testing.T) {
	tests := map[string]struct {
		name   string
		args   []string
		rate   script.Rate
		frames int64
	}{
		"no frame count in Matroska":  {"a.mkv", args(bars, "-t 2", small), script.Rate{Num: 25, Den: 1}, 50},
		"NTSC film in Matroska":       {"a.mkv", args("-f lavfi -i testsrc=size=320x180:rate=24000/1001 -t 3", small), script.Rate{Num: 24000, Den: 1001}, 72},
		"transport stream":            {"a.ts", args(bars, tone, "-t 2", small), script.Rate{Num: 25, Den: 1}, 50},
		"a fifth of a second":         {"a.mp4", args(bars, tone, "-t 0.2", small), script.Rate{Num: 25, Den: 1}, 5},
		"29.97 in MP4":                {"a.mp4", args("-f lavfi -i testsrc=size=320x180:rate=30000/1001 -t 2", small), script.Rate{Num: 30000, Den: 1001}, 60},
		"the wrong suffix is no harm": {"a.mp4", args(bars, "-t 1", small, "-f matroska"), script.Rate{Num: 25, Den: 1}, 25},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			info, err := tools.Probe(t.Context(), film(t, tt.name, tt.args...))

			require.NoError(t, err)
			require.Equal(t, tt.rate, info.Video.Rate)
			require.Equal(t, tt.frames, info.Video.Frames)
			require.False(t, info.Video.VariableRate)
		})
	}
}

func TestProbeReportsAVariableRate(t *testing.T) {
	in := film(t, "vfr.mp4", args(bars, "-t 4 -vf", []string{"select='if(lt(t,2),1,not(mod(n,5)))'"}, "-fps_mode vfr", small)...)

	info, err := find(t).Probe(t.Context(), in)

	require.NoError(t, err)
	require.True(t, info.Video.VariableRate)
	require.Equal(t, int64(60), info.Video.Frames)
}

func TestProbeHiddenFramesDoNotCount(t *testing.T) {
	whole := film(t, "whole.mp4", args(bars, "-t 4 -g 100", small)...)
	in := film(t, "cut.mp4", args("-ss 1 -i", []string{whole}, "-c copy")...) // keeps the frames from the key frame on, hidden by an edit list

	info, err := find(t).Probe(t.Context(), in)

	require.NoError(t, err)
	require.Equal(t, int64(75), info.Video.Frames)
}

func TestProbeRotation(t *testing.T) {
	upright := film(t, "a.mp4", args(bars, "-t 1", small)...)
	in := film(t, "turned.mp4", args("-i", []string{upright}, "-c copy -metadata:s:v rotate=90")...) // ffmpeg counts counter-clockwise here

	info, err := find(t).Probe(t.Context(), in)

	require.NoError(t, err)
	require.Equal(t, []int{270, 180, 320}, []int{info.Video.Rotation, info.Video.Width, info.Video.Height})
}

func TestProbeOfSoundOrPictureAlone(t *testing.T) {
	tools := find(t)

	sound, err1 := tools.Probe(t.Context(), film(t, "a.wav", args(tone, "-t 3")...))
	picture, err2 := tools.Probe(t.Context(), film(t, "a.mp4", args(bars, "-t 1", small)...))

	require.NoError(t, err1)
	require.NoError(t, err2)
	require.Nil(t, sound.Video)
	require.Equal(t, 3*time.Second, sound.Duration)
	require.Empty(t, picture.Audio)
}

func TestProbeRefuses(t *testing.T) {
	whole := film(t, "whole.mp4", args(bars, tone, "-t 8", small)...)
	streamable := film(t, "fast.mp4", args(bars, tone, "-t 8", small, "-movflags +faststart")...)
	write := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	part := func(path string, share float64) []byte {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		return b[:int(share*float64(len(b)))]
	}
	damaged := part(streamable, 1)
	for i := len(damaged) / 4; i < len(damaged); i++ {
		damaged[i] = byte(i * 7)
	}

	tests := map[string]struct {
		path string
		kind fault.Kind
		says string
	}{
		"an empty file":            {write("a.mp4", nil), fault.Invalid, "0 bytes"},
		"text with a media suffix": {write("a.mp4", []byte("Dear client, please find attached")), fault.Invalid, "not media"},
		"a playlist in disguise":   {write("a.mp4", []byte("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")), fault.Invalid, "playlist"},
		"a concat script":          {write("a.mp4", []byte("ffconcat version 1.0\nfile /etc/passwd\n")), fault.Invalid, "playlist"},
		"no index":                 {write("a.mp4", part(whole, 0.6)), fault.Invalid, "cut off"},
		"no end":                   {write("a.mp4", part(streamable, 0.5)), fault.Invalid, "cut off"},
		"an index and noise":       {write("a.mp4", damaged), fault.Invalid, "a.mp4"},
		"a header and nothing":     {write("a.mkv", []byte("\x1a\x45\xdf\xa3\x00\x00")), fault.Invalid, ""},
		"subtitles alone":          {film(t, "a.mkv", args("-i", []string{write("a.srt", []byte("1\n00:00:00,000 --> 00:00:01,000\nHi\n"))})...), fault.Invalid, "neither picture nor sound"},
		"a folder":                 {t.TempDir(), fault.Invalid, "not a file"},
		"nothing there":            {filepath.Join(t.TempDir(), "gone.mp4"), fault.Missing, "no file gone.mp4"},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tools.Probe(t.Context(), tt.path)

			require.Error(t, err)
			require.Equal(t, tt.kind, fault.Of(err), err.Error())
			require.ErrorContains(t, err, tt.says)
			require.NotContains(t, err.Error(), filepath.Dir(tt.path), "folders are nobody's business")
		})
	}
}

func TestCheckDecodes(t *testing.T) {
	tools := find(t)
	good := film(t, "good.mp4", args(bars, tone, "-t 6", small, "-movflags +faststart")...)
	b, err := os.ReadFile(good)
	require.NoError(t, err)
	for i := len(b) * 2 / 5; i < len(b)/2; i++ {
		b[i] = byte(i * 31) // damage in the middle, which Probe does not look at
	}
	bad := filepath.Join(t.TempDir(), "bad.mp4")
	require.NoError(t, os.WriteFile(bad, b, 0o600))

	fine := tools.CheckDecodes(t.Context(), good)
	found := tools.CheckDecodes(t.Context(), bad)

	require.NoError(t, fine)
	require.Equal(t, fault.Invalid, fault.Of(found))
	require.Error(t, found)
}

func TestMissingToolNamesItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())

	_, err := media.Find()

	require.Equal(t, fault.Missing, fault.Of(err))
	require.ErrorContains(t, err, "apt-get install ffmpeg")
}

// Whatever ffprobe prints, reading it does not panic.
func FuzzParseProbe(f *testing.F) {
	f.Add([]byte(`{"format":{"duration":"2.0"},"streams":[{"codec_type":"video","avg_frame_rate":"0/0","r_frame_rate":"25/1","side_data_list":[{"rotation":-90}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := media.ParseProbe(b)
		if err == nil && info.Video != nil {
			require.GreaterOrEqual(t, info.Video.Rotation, 0)
		}
	})
}

func BenchmarkProbe(b *testing.B) {
	tools := find(b)
	in := film(b, "a.mp4", args(bars, tone, "-t 30", small)...)
	for b.Loop() {
		_, err := tools.Probe(b.Context(), in)
		require.NoError(b, err)
	}
}
