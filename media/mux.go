package media

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
)

// MuxSpec is a rendition to package.
type MuxSpec struct {
	Video     string // file whose picture is copied as it is
	Audio     []AudioTrack
	Subtitles []SubtitleTrack
	Out       string // ends in .mp4; the result may end in .mkv instead, see Muxed
}

// AudioTrack is one audio track of a rendition.
type AudioTrack struct {
	// Path is WAV, which is encoded, or a file whose track Track is copied if its
	// codec may live in the container, and encoded if not.
	Path     string
	Track    int
	Language string // BCP 47
	Title    string // as a player shows it
	Default  bool
}

// SubtitleTrack is one subtitle track of a rendition.
type SubtitleTrack struct {
	Path     string // SubRip, UTF-8
	Language string // BCP 47
	Title    string
	// Default asks players to show it. In MP4 one track of each kind is always
	// marked so: the first, if none asks for it.
	Default bool
	Forced  bool
}

// Muxed is what Mux made.
type Muxed struct {
	Path      string `json:"path"`
	Container string `json:"container"` // "mp4" or "mkv"
	// Reason says why it is not MP4; "" where it is.
	Reason string `json:"reason,omitempty"`
	Info   Info   `json:"info"` // as probed in the result
}

const opMux = "media: mux"

// mp4Picture are the codecs that players take in MP4.
var mp4Picture = []string{"h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video"}

// mp4Sound are the codecs copied into MP4; others are encoded.
var mp4Sound = []string{"aac", "ac3", "eac3", "mp3"}

// Mux packages picture, sound and subtitles: the picture copied, WAV encoded as
// AAC, subtitles as MP4 text. Tracks keep the order of the spec; put the dub
// first and mark it default. Picture that MP4 cannot hold goes into Matroska,
// with the path's suffix changed, and Muxed says so. The result is probed and
// an error returned if it is not what was asked for.
func (t *Tools) Mux(ctx context.Context, spec MuxSpec) (Muxed, error) {
	plan, err := t.planMux(ctx, spec)
	if err != nil {
		return Muxed{}, err
	}
	made := Muxed{Path: plan.out, Container: plan.container, Reason: plan.reason}
	err = produce(opMux, plan.out, func(temporary string) error {
		c := t.ffmpeg(opMux, long, muxArgs(plan, temporary)...)
		c.paths = append(plan.paths(), temporary)
		if _, err := run(ctx, c); err != nil {
			return err
		}
		if made.Info, err = t.Probe(ctx, temporary); err != nil {
			return err
		}
		return plan.verify(made.Info)
	})
	return made, err
}

// muxPlan is a MuxSpec with everything looked up.
type muxPlan struct {
	out, container, reason string
	video                  source
	picture                Video
	origin                 time.Duration // of the picture, on its file's own clock
	audio                  []muxAudio
	subtitles              []muxSubtitle
}

type muxAudio struct {
	AudioTrack
	source   source
	language string // ISO 639-2
	copied   bool
	channels int
}

type muxSubtitle struct {
	SubtitleTrack
	language string
}

func (t *Tools) planMux(ctx context.Context, spec MuxSpec) (muxPlan, error) {
	plan := muxPlan{out: spec.Out, container: "mp4"}
	var err error
	if plan.video, err = open(opMux, spec.Video); err != nil {
		return muxPlan{}, err
	}
	info, err := t.picture(ctx, opMux, plan.video)
	if err != nil {
		return muxPlan{}, err
	}
	plan.picture, plan.origin = *info.Video, info.origin()
	if codec := plan.picture.Codec; !slices.Contains(mp4Picture, codec) {
		plan.container = "mkv"
		plan.reason = fmt.Sprintf("MP4 players do not take %s, and the picture is never re-encoded: packaged as Matroska", codec)
		plan.out = strings.TrimSuffix(spec.Out, filepath.Ext(spec.Out)) + ".mkv"
	}
	for _, a := range spec.Audio {
		track, err := t.planAudio(ctx, a)
		if err != nil {
			return muxPlan{}, err
		}
		plan.audio = append(plan.audio, track)
	}
	for _, s := range spec.Subtitles {
		tag, err := threeLetters(s.Language)
		if err != nil {
			return muxPlan{}, err
		}
		if err := readable(s.Path); err != nil {
			return muxPlan{}, err
		}
		plan.subtitles = append(plan.subtitles, muxSubtitle{s, tag})
	}
	return plan, nil
}

func (t *Tools) planAudio(ctx context.Context, a AudioTrack) (muxAudio, error) {
	tag, err := threeLetters(a.Language)
	if err != nil {
		return muxAudio{}, err
	}
	src, err := open(opMux, a.Path)
	if err != nil {
		return muxAudio{}, err
	}
	info, err := t.describe(ctx, src)
	if err != nil {
		return muxAudio{}, err
	}
	if a.Track < 0 || a.Track >= len(info.Audio) {
		return muxAudio{}, fault.New(fault.Missing, opMux, "%s has no audio track %d: it has %d, counted from 0", filepath.Base(a.Path), a.Track, len(info.Audio))
	}
	track := info.Audio[a.Track]
	return muxAudio{a, src, tag, slices.Contains(mp4Sound, track.Codec), track.Channels}, nil
}

func (p muxPlan) paths() []string {
	paths := []string{p.video.path}
	for _, a := range p.audio {
		paths = append(paths, a.Path)
	}
	for _, s := range p.subtitles {
		paths = append(paths, s.Path)
	}
	return paths
}

// bitrate is that of AAC-LC at which speech over music is transparent to most:
// 192 kbit/s for a pair, 64 more for each further channel.
func bitrate(channels int) string { return strconv.Itoa(192+64*max(0, channels-2)) + "k" }

// muxArgs is the whole command. The first frame is moved to time 0, where stems
// and subtitles begin; sound of the same file moves with it.
func muxArgs(p muxPlan, out string) []string {
	args := []string{"-copyts"}
	if p.origin != 0 {
		args = append(args, "-itsoffset", seconds(-p.origin))
	}
	args = append(args, p.video.input()...)
	var maps, options []string
	inputs := 1
	add := func(s source) int {
		args = append(args, s.input()...)
		inputs++
		return inputs - 1
	}

	maps = append(maps, "-map", "0:V:0")
	options = append(options, "-c:v", "copy")
	if p.picture.Codec == "hevc" && p.container == "mp4" {
		options = append(options, "-tag:v", "hvc1") // what Apple's players look for
	}
	for i, a := range p.audio {
		in := 0
		if a.source != p.video {
			in = add(a.source)
		}
		n := strconv.Itoa(i)
		maps = append(maps, "-map", fmt.Sprintf("%d:a:%d", in, a.Track))
		if a.copied {
			options = append(options, "-c:a:"+n, "copy")
		} else {
			options = append(options, "-c:a:"+n, "aac", "-b:a:"+n, bitrate(a.channels))
		}
		options = append(options, p.describe("a:"+n, a.language, a.Title)...)
		options = append(options, "-disposition:a:"+n, disposition(a.Default, false))
	}
	for i, s := range p.subtitles {
		n := strconv.Itoa(i)
		maps = append(maps, "-map", fmt.Sprintf("%d:s:0", add(source{s.Path, srt})))
		options = append(options, "-c:s:"+n, map[string]string{"mp4": "mov_text", "mkv": "srt"}[p.container])
		options = append(options, p.describe("s:"+n, s.language, s.Title)...)
		options = append(options, "-disposition:s:"+n, disposition(s.Default, s.Forced))
	}
	return slices.Concat(args, maps, []string{"-map_metadata", "-1", "-bitexact"}, options, p.format(), []string{"file:" + out})
}

// describe tags one track. MP4 has no title of a track but the name of its handler.
func (p muxPlan) describe(stream, language, title string) []string {
	key := map[string]string{"mp4": "handler_name", "mkv": "title"}[p.container]
	args := []string{"-metadata:s:" + stream, "language=" + language}
	if title != "" {
		args = append(args, "-metadata:s:"+stream, key+"="+title)
	}
	return args
}

func disposition(preferred, forced bool) string {
	switch {
	case preferred && forced:
		return "default+forced"
	case preferred:
		return "default"
	case forced:
		return "forced"
	}
	return "0"
}

func (p muxPlan) format() []string {
	if p.container == "mkv" {
		return []string{"-f", "matroska"}
	}
	args := []string{"-movflags", "+faststart"}
	if p.picture.StartTC != "" {
		args = append(args, "-timecode", p.picture.StartTC)
	}
	return append(args, "-f", "mp4")
}

// verify compares the result with what was asked for. The subtitle languages of
// Matroska may be bibliographic codes (ger for deu), so only their number counts.
func (p muxPlan) verify(got Info) error {
	wrong := func(format string, args ...any) error {
		return fault.New(fault.Broken, opMux, "the package is not what was asked for: "+format, args...)
	}
	switch {
	case got.Video == nil || got.Video.Codec != p.picture.Codec:
		return wrong("its picture is not the source's %s", p.picture)
	case p.picture.Frames > 0 && abs(got.Video.Frames-p.picture.Frames) > 1:
		return wrong("it has %d frames, the source %d", got.Video.Frames, p.picture.Frames)
	case len(got.Audio) != len(p.audio) || len(got.Subtitles) != len(p.subtitles):
		return wrong("it has %d audio and %d subtitle tracks, want %d and %d", len(got.Audio), len(got.Subtitles), len(p.audio), len(p.subtitles))
	}
	none := !slices.ContainsFunc(p.audio, func(a muxAudio) bool { return a.Default })
	for i, a := range got.Audio {
		want := p.audio[i]
		preferred := want.Default || none && i == 0 // MP4 has one of each kind enabled at least
		if p.container == "mp4" && (a.Language != strings.TrimPrefix(want.language, "und") || a.Default != preferred) {
			return wrong("audio track %d is tagged %q, default %t", i, a.Language, a.Default)
		}
		if end := got.Video.Start + got.Video.Rate.TimeOf(got.Video.Frames); a.Duration > 0 && a.Duration > end+time.Second {
			return wrong("audio track %d runs %s past the picture", i, a.Duration-end)
		}
	}
	return nil
}
