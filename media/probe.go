package media

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
)

// Info is what a file holds.
type Info struct {
	Container string        `json:"container"` // ffmpeg's demuxer: mov, matroska, mxf, wav...
	Duration  time.Duration `json:"duration"`
	Video     *Video        `json:"video,omitempty"` // nil: no picture
	Audio     []Audio       `json:"audio"`
	Subtitles []Subtitle    `json:"subtitles"`

	start time.Duration // of the earliest stream, on the file's own clock
}

// origin is the instant, on the file's own clock, from which the product counts:
// that of the first frame, or of the first sound where there is no picture.
func (i Info) origin() time.Duration {
	if i.Video != nil {
		return i.start + i.Video.Start
	}
	return i.start
}

// Video is the picture: the first video stream that is not a cover image.
type Video struct {
	Codec        string        `json:"codec"`
	Width        int           `json:"width"` // of the picture as shown, so after Rotation
	Height       int           `json:"height"`
	PixelFormat  string        `json:"pixelFormat"`
	SampleAspect string        `json:"sampleAspect"` // of one pixel, "1:1" where untagged
	Rotation     int           `json:"rotation"`     // degrees clockwise that a player turns the stored picture: 0, 90, 180, 270
	Interlaced   bool          `json:"interlaced"`
	Color        Color         `json:"color"`
	Rate         script.Rate   `json:"rate"`         // the mean rate where VariableRate
	VariableRate bool          `json:"variableRate"` // frames have no constant rate: conform before any work by frame numbers
	Frames       int64         `json:"frames"`       // exact
	Start        time.Duration `json:"start"`        // of the first frame, after the earliest stream of the file
	StartTC      string        `json:"startTc"`      // timecode of the first frame, "" where the file has none
}

// Color is how pixel values mean light, in ffmpeg's words, "" where untagged.
type Color struct {
	Range     string `json:"range"`
	Space     string `json:"space"`
	Primaries string `json:"primaries"`
	Transfer  string `json:"transfer"`
}

// Audio is one audio track.
type Audio struct {
	Index      int           `json:"index"` // among the audio tracks, from 0: how other calls name it
	Codec      string        `json:"codec"`
	Channels   int           `json:"channels"`
	Layout     string        `json:"layout"`     // "stereo", "5.1", "" where untagged
	SampleRate int           `json:"sampleRate"` // Hz
	Language   string        `json:"language"`   // as tagged, mostly ISO 639-2; "" where untagged
	Duration   time.Duration `json:"duration"`   // 0 where the container does not say
	Title      string        `json:"title"`
	Default    bool          `json:"default"`
}

// Subtitle is one subtitle track.
type Subtitle struct {
	Index    int    `json:"index"` // among the subtitle tracks, from 0
	Codec    string `json:"codec"`
	Language string `json:"language"`
	Title    string `json:"title"`
	Default  bool   `json:"default"`
	Forced   bool   `json:"forced"`
}

// length is from the origin to the end of the picture, or of a file without one:
// sound often goes on after the picture.
func (i Info) length() time.Duration {
	whole := i.Duration - (i.origin() - i.start)
	if v := i.Video; v != nil && v.Rate.Valid() && v.Frames > 0 {
		return min(whole, v.Rate.TimeOf(v.Frames))
	}
	return whole
}

const opProbe = "media: probe"

// Probe says what is in the file at path and makes sure that its beginning and
// its end decode. A file that is not media, is a playlist in disguise, is cut
// off or damaged, or holds neither picture nor sound, is fault.Invalid.
//
// Counting the frames of a container that does not store their number means
// reading the whole file, but not decoding it.
func (t *Tools) Probe(ctx context.Context, path string) (Info, error) {
	src, err := open(opProbe, path)
	if err != nil {
		return Info{}, err
	}
	info, err := t.describe(ctx, src)
	if err != nil {
		return Info{}, err
	}
	if info.Video != nil {
		if err := t.countFrames(ctx, src, &info); err != nil {
			return Info{}, err
		}
	}
	return info, t.checkEnds(ctx, src, info)
}

// describe reads the headers alone. Frames is 0 where they do not say.
func (t *Tools) describe(ctx context.Context, src source) (Info, error) {
	out, err := t.ffprobe(ctx, quick, src, probeArgs(src))
	if err != nil {
		return Info{}, err
	}
	info, err := parseProbe(out)
	if err != nil {
		return Info{}, fault.New(fault.Broken, opProbe, "ffprobe's answer: %w", err)
	}
	info.Container = string(src.demuxer)
	if info.Video == nil && len(info.Audio) == 0 {
		return Info{}, fault.New(fault.Invalid, opProbe, "%s holds neither picture nor sound: send the programme itself", filepath.Base(src.path))
	}
	return info, nil
}

// countFrames makes Frames exact. A count from the header is believed only if it
// agrees with the duration: an edit list can hide frames that are stored.
func (t *Tools) countFrames(ctx context.Context, src source, info *Info) error {
	v := info.Video
	if v.Frames > 0 && (v.VariableRate || abs(v.Rate.FrameAt(info.Duration-v.Start)-v.Frames) <= 1) {
		return nil
	}
	stored := v.Frames
	count := "packets"
	if stored > 0 {
		count = "frames"
	}
	out, err := t.ffprobe(ctx, long, src, countArgs(src, count))
	if err != nil {
		return err
	}
	// A program stream lists its video once more for each programme: the first line counts.
	line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n"))
	v.Frames, err = strconv.ParseInt(string(bytes.Trim(line, ", \r")), 10, 64)
	if err != nil || v.Frames == 0 {
		return fault.New(fault.Invalid, opProbe, "%s has a video track without a frame: export it again", filepath.Base(src.path))
	}
	return nil
}

func (t *Tools) ffprobe(ctx context.Context, b bounds, src source, args []string) ([]byte, error) {
	var out bytes.Buffer
	_, err := run(ctx, command{
		op: opProbe, bin: t.FFprobe, debian: "ffmpeg", args: args, out: &out, bounds: b, paths: []string{src.path},
	})
	return out.Bytes(), err
}

func probeArgs(src source) []string {
	return slices.Concat([]string{"-v", "error", "-of", "json", "-show_format", "-show_streams"}, src.input())
}

// countArgs counts the frames of the picture; what is "packets", which only
// reads, or "frames", which decodes and so leaves out hidden ones.
func countArgs(src source, what string) []string {
	return slices.Concat([]string{
		"-v", "error", "-of", "csv=p=0", "-select_streams", "v:0",
		"-count_" + what, "-show_entries", "stream=nb_read_" + what,
	}, src.input())
}

func abs(n int64) int64 { return max(n, -n) }
