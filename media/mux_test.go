package media_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media"
)

const cues = "1\n00:00:00,500 --> 00:00:01,500\nOlá, mundo.\n\n"

func TestMux(t *testing.T) {
	in := film(t, "master.mp4", args(bars, tone, "-t 2 -timecode 10:00:00:00", small, "-ac 2")...)
	dir := t.TempDir()
	dub, subtitles, out := save(t, "dub.wav", 2, sine(2, 2, 600, 0.2)), filepath.Join(dir, "pt.srt"), filepath.Join(dir, "out.mp4")
	require.NoError(t, os.WriteFile(subtitles, []byte(cues), 0o600))

	made, err := find(t).Mux(t.Context(), media.MuxSpec{
		Video: in,
		Audio: []media.AudioTrack{
			{Path: dub, Language: "pt-BR", Title: "Português (Brasil)", Default: true},
			{Path: in, Language: "en", Title: "English"},
		},
		Subtitles: []media.SubtitleTrack{{Path: subtitles, Language: "pt-BR", Title: "Português", Forced: true}},
		Out:       out,
	})

	require.NoError(t, err)
	require.Equal(t, media.Muxed{Path: out, Container: "mp4", Info: made.Info}, made)
	require.Equal(t, hashes(t, in, "yuv420p"), hashes(t, out, "yuv420p"), "the picture is as it was")
	require.Equal(t, "10:00:00:00", made.Info.Video.StartTC)
	tracks := [][]any{}
	for _, a := range made.Info.Audio {
		tracks = append(tracks, []any{a.Codec, a.Language, a.Title, a.Default})
	}
	require.Equal(t, [][]any{{"aac", "por", "Português (Brasil)", true}, {"aac", "eng", "English", false}}, tracks)
	require.Equal(t, []media.Subtitle{{Codec: "mov_text", Language: "por", Title: "Português", Default: true, Forced: true}}, made.Info.Subtitles)
	require.Empty(t, leftovers(t, out))
}

// A dub that begins with the picture stays with it, and so does the original.
func TestMuxKeepsSync(t *testing.T) {
	late := func(more string) []string {
		return args("-itsoffset 0.2", bars, "-f lavfi -i aevalsrc=exprs='if(between(t,0.5,0.51),0.9,0)':s=48000",
			"-map 0 -map 1 -t 3", small, "-fps_mode passthrough", more)
	}
	films := map[string]string{
		"Matroska": film(t, "a.mkv", late("")...),
		"MP4":      film(t, "a.mp4", late("")...),
		"MPEG-TS":  film(t, "a.ts", late("-g 25")...),
	}
	click := make([]float32, 2*media.Rate)
	copy(click[24000:], sine(0.01, 1, 1000, 0.9))
	dub := save(t, "dub.wav", 1, click)
	tools := find(t)
	for name, in := range films {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.mp4")

			_, err := tools.Mux(t.Context(), media.MuxSpec{Video: in, Audio: []media.AudioTrack{{Path: dub}, {Path: in}}, Out: out})

			require.NoError(t, err)
			for track, want := range []float64{0.5, 0.3} {
				sound := filepath.Join(t.TempDir(), "out.wav")
				require.NoError(t, tools.ExtractProgramAudio(t.Context(), out, track, 2*media.Rate, sound))
				_, samples := load(t, sound)
				require.InDelta(t, want, onset(samples), 0.004, "track %d", track)
			}
		})
	}
}

func TestMuxIsRepeatable(t *testing.T) {
	tools := find(t)
	in := film(t, "master.mp4", args(bars, tone, "-t 1", small)...)
	dub := save(t, "dub.wav", 2, sine(1, 2, 600, 0.2))
	var files [2][]byte
	for i := range files {
		out := filepath.Join(t.TempDir(), "out.mp4")
		_, err := tools.Mux(t.Context(), media.MuxSpec{Video: in, Audio: []media.AudioTrack{{Path: dub, Language: "pt"}}, Out: out})
		require.NoError(t, err)
		files[i], err = os.ReadFile(out)
		require.NoError(t, err)
	}

	require.Equal(t, files[0], files[1])
}

func TestMuxFallsBackToMatroska(t *testing.T) {
	in := film(t, "master.mov", args(bars, tone, "-t 1 -c:v prores_ks -c:a pcm_s24le")...)
	dir := t.TempDir()
	subtitles := filepath.Join(dir, "de.srt")
	require.NoError(t, os.WriteFile(subtitles, []byte(cues), 0o600))

	made, err := find(t).Mux(t.Context(), media.MuxSpec{
		Video: in, Audio: []media.AudioTrack{{Path: in, Language: "de", Title: "Deutsch", Default: true}},
		Subtitles: []media.SubtitleTrack{{Path: subtitles, Language: "de"}}, Out: filepath.Join(dir, "out.mp4"),
	})

	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "out.mkv"), made.Path)
	require.Equal(t, "mkv", made.Container)
	require.Contains(t, made.Reason, "prores")
	require.Equal(t, "prores", made.Info.Video.Codec)
	require.Equal(t, "Deutsch", made.Info.Audio[0].Title)
	require.NoFileExists(t, filepath.Join(dir, "out.mp4"))
}

func TestMuxRefuses(t *testing.T) {
	in := film(t, "master.mp4", args(bars, tone, "-t 1", small)...)
	empty := filepath.Join(t.TempDir(), "empty.srt")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	tests := map[string]struct {
		spec media.MuxSpec
		kind fault.Kind
		says string
	}{
		"a language that is none": {media.MuxSpec{Video: in, Audio: []media.AudioTrack{{Path: in, Language: "Portuguese!"}}}, fault.Invalid, "BCP 47"},
		"no such track":           {media.MuxSpec{Video: in, Audio: []media.AudioTrack{{Path: in, Track: 3}}}, fault.Missing, "no audio track 3"},
		"empty subtitles":         {media.MuxSpec{Video: in, Subtitles: []media.SubtitleTrack{{Path: empty}}}, fault.Invalid, "leave the track out"},
		"no subtitles":            {media.MuxSpec{Video: in, Subtitles: []media.SubtitleTrack{{Path: empty + "x"}}}, fault.Missing, "no file"},
		"sound as picture":        {media.MuxSpec{Video: save(t, "a.wav", 1, sine(1, 1, 440, 0.1))}, fault.Invalid, "no picture"},
		"a dub of another length": {media.MuxSpec{Video: in, Audio: []media.AudioTrack{{Path: save(t, "long.wav", 1, sine(4, 1, 440, 0.1))}}}, fault.Broken, "past the picture"},
	}
	tools := find(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.spec.Out = filepath.Join(t.TempDir(), "out.mp4")

			_, err := tools.Mux(t.Context(), tt.spec)

			require.Equal(t, tt.kind, fault.Of(err))
			require.ErrorContains(t, err, tt.says)
			require.NoFileExists(t, tt.spec.Out)
			require.Empty(t, leftovers(t, tt.spec.Out))
		})
	}
}

func TestThreeLetters(t *testing.T) {
	tests := map[string]string{"pt-BR": "por", "en": "eng", "de": "deu", "zh-Hant": "zho", "": "und", "spa": "spa"}
	for tag, want := range tests {
		t.Run(tag, func(t *testing.T) {
			got, err := media.ThreeLetters(tag)

			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}
