package media

import (
	"context"
	"time"

	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/media/wav"
)

// ParseProbe, ParseLoudness and ThreeLetters are the pure readers, for tests.
var (
	ParseProbe    = parseProbe
	ParseLoudness = parseLoudness
	ThreeLetters  = threeLetters
)

// RunWithin runs a program under bounds.
func RunWithin(ctx context.Context, cpu time.Duration, file int64, bin string, args ...string) error {
	_, err := run(ctx, command{op: "test", bin: bin, args: args, bounds: bounds{cpu: cpu, file: file}})
	return err
}

// Commands is every argument builder at work, by name.
func Commands() map[string][]string {
	film := source{"/job/film.mov", mov}
	stem := source{"/job/stem.wav", wavFile}
	five1 := wav.Format{Rate: Rate, Channels: 6, Encoding: wav.F32}
	picture := Video{
		Codec: "h264", Width: 1920, Height: 1080, SampleAspect: "1:1", Start: 40 * time.Millisecond, StartTC: "01:00:00:00",
		Rate: script.Rate{Num: 24000, Den: 1001}, Color: Color{"tv", "bt709", "bt709", "bt709"},
	}
	info := Info{Duration: 100 * time.Second, Video: &picture, start: time.Second}
	pal := Info{Video: &Video{Height: 576, Width: 720, Rate: script.Rate{Num: 25, Den: 1}}}
	plan := muxPlan{
		container: "mp4", video: film, picture: picture, origin: 1040 * time.Millisecond,
		audio: []muxAudio{
			{AudioTrack{Title: "Português", Default: true}, stem, "por", false, 2},
			{AudioTrack{Title: "English"}, film, "eng", true, 6},
		},
		subtitles: []muxSubtitle{{SubtitleTrack{Path: "/job/pt.srt", Title: "Português", Forced: true}, "por"}},
	}
	wide := plan
	wide.container, wide.picture.Codec, wide.origin = "mkv", "prores", 0
	piece := Drawn{Width: 1280, Height: 720, Rate: script.Rate{Num: 25, Den: 1}, Frames: 50}
	return map[string][]string{
		"probe":         probeArgs(film),
		"count packets": countArgs(film, "packets"),
		"check head":    headArgs(film, info),
		"check tail":    tailArgs(film, info),
		"check sound":   tailArgs(stem, Info{Duration: time.Minute}),
		"check all":     checkArgs(film),
		"speech":        speechArgs(film, 1, 0, "/job/out.wav"),
		"programme":     programArgs(film, 0, 40*time.Millisecond, 96000, "/job/out.wav"),
		"loudness":      loudnessArgs(stem),
		"raw loudness":  rawLoudnessArgs(five1),
		"duck":          duckArgs(five1, stem, 96000, "/job/out.wav"),
		"stretch":       stretchArgs("/job/in.wav", "/job/out.wav", 1500*time.Millisecond),
		"shots":         shotArgs(film),
		"cut at zero":   cutArgs(film, pal, 0, 10, "/job/out.mkv"),
		"cut later":     cutArgs(film, info, 240, 48, "/job/out.mkv"),
		"join":          joinArgs("/job/list.txt", JoinSpec{Source: picture, Frames: 48, Threads: 1}, "/job/out.mp4"),
		"draw":          drawArgs(piece, "/job/out.mkv"),
		"tile":          tileArgs(film, info, 1500*time.Millisecond),
		"tile of TS":    tileArgs(source{"/job/film.ts", mpegts}, info, time.Minute),
		"mux":           muxArgs(plan, "/job/out.mp4"),
		"mux matroska":  muxArgs(wide, "/job/out.mkv"),
		"hardened head": (&Tools{FFmpeg: "ffmpeg"}).ffmpeg("", quick).args,
	}
}
