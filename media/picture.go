package media

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
)

const (
	opCut  = "media: cut shot"
	opJoin = "media: join shots"
)

// CutShot writes the frames first to first+frames-1 as a video of its own, without
// sound: RGB-lossless H.264 in Matroska, upright and with the pixel shape of the
// source. Sources deeper than 8 bits lose the rest. The rate is the source's; a
// source of variable rate is fault.Invalid.
func (t *Tools) CutShot(ctx context.Context, in string, first, frames int64, out string) error {
	src, err := open(opCut, in)
	if err != nil {
		return err
	}
	info, err := t.picture(ctx, opCut, src)
	switch {
	case err != nil:
		return err
	case info.Video.VariableRate:
		return fault.New(fault.Invalid, opCut, "%s has a variable frame rate: conform it to a constant one first", filepath.Base(in))
	case first < 0 || frames <= 0:
		return fault.New(fault.Invalid, opCut, "%d frames from frame %d on: want at least 1, from 0 on", frames, first)
	}
	return produce(opCut, out, func(temporary string) error {
		c := t.ffmpeg(opCut, long, cutArgs(src, info, first, frames, temporary)...)
		c.paths = []string{in, temporary}
		end, err := run(ctx, c)
		if err != nil {
			return err
		}
		if end.last.Frames != frames {
			return fault.New(fault.Invalid, opCut, "%s has %d frames from frame %d on, want %d", filepath.Base(in), end.last.Frames, first, frames)
		}
		return nil
	})
}

func cutArgs(src source, info Info, first, frames int64, out string) []string {
	v := info.Video
	// Half a frame early: whatever the rounding of the container, the wanted frame
	// is the first that is not before.
	seek, trim := info.from(src, v.Rate.TimeOf(first)-v.Rate.Frame()/2)
	return slices.Concat(seek, src.input(), []string{
		"-map", "0:V:0", "-an", "-frames:v", strconv.FormatInt(frames, 10),
		"-vf", fmt.Sprintf("%s,scale=in_color_matrix=%s:flags=%s,format=bgr24,%s", trim, v.matrix(), exactScale, numbered(v.Rate)),
		"-fps_mode", "passthrough", "-enc_time_base", inverse(v.Rate),
	}, lossless(), []string{"file:" + out})
}

// lossless is a piece of picture between two steps: every pixel as it was, in
// bytes that are the same on every machine.
func lossless() []string {
	return []string{
		"-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast", "-threads", "1",
		"-map_metadata", "-1", "-bitexact", "-f", "matroska",
	}
}

// exactScale makes the conversion between YUV and RGB and back repeatable and as
// precise as 8 bits are.
const exactScale = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"

// numbered gives frame n the time n/rate.
func numbered(r script.Rate) string { return fmt.Sprintf("settb=%s,setpts=N", inverse(r)) }

func inverse(r script.Rate) string { return fmt.Sprintf("%d/%d", r.Den, r.Num) }

// matrix is the colour matrix of v in the words of ffmpeg's scale filter. Where
// the file does not say, HD is taken as BT.709 and the rest as BT.601, as
// players do.
func (v Video) matrix() string {
	switch v.Color.Space {
	case "bt709", "smpte170m", "bt470bg", "smpte240m", "fcc":
		return v.Color.Space
	case "bt2020nc", "bt2020c":
		return "bt2020"
	}
	if v.Height >= 720 || v.Width >= 1280 {
		return "bt709"
	}
	return "smpte170m"
}

// JoinSpec says what JoinShots is to make.
type JoinSpec struct {
	Source  Video // the picture the shots were cut from: its rate, colour and pixel shape are kept
	Frames  int64 // that the result must have
	Threads int   // of the encoder; 0 means one a core. Equal bytes on other machines need 1
}

// JoinShots writes the pieces, as CutShot or a lip-sync engine made them, in
// order as one H.264 4:2:0 MP4 without sound, of exactly spec.Frames. Pieces that
// hold more or fewer are fault.Broken.
func (t *Tools) JoinShots(ctx context.Context, pieces []string, spec JoinSpec, out string) error {
	if len(pieces) == 0 || spec.Frames <= 0 || !spec.Source.Rate.Valid() {
		return fault.New(fault.Invalid, opJoin, "%d pieces for %d frames at %s: want at least one of each and a rate", len(pieces), spec.Frames, spec.Source.Rate)
	}
	list := new(strings.Builder)
	for _, p := range pieces {
		src, err := open(opJoin, p)
		if err != nil {
			return err
		}
		if src.demuxer != matroska {
			return fault.New(fault.Invalid, opJoin, "%s is %s, want Matroska", filepath.Base(p), src.demuxer)
		}
		fmt.Fprintf(list, "file 'file:%s'\n", strings.ReplaceAll(absolute(p), "'", `'\''`))
	}
	return produce(opJoin, out, func(temporary string) error {
		script := temporary + ".txt"
		defer os.Remove(script)
		if err := os.WriteFile(script, []byte(list.String()), 0o600); err != nil {
			return fault.New(fault.Broken, opJoin, "%w", err)
		}
		c := t.ffmpeg(opJoin, long, joinArgs(script, spec, temporary)...)
		c.paths = append(slices.Clone(pieces), temporary)
		end, err := run(ctx, c)
		if err != nil {
			return err
		}
		if end.last.Frames != spec.Frames {
			return frameError(opJoin, "the joined picture", end.last.Frames, spec.Frames)
		}
		return nil
	})
}

func joinArgs(list string, spec JoinSpec, out string) []string {
	v := spec.Source
	return slices.Concat([]string{
		"-protocol_whitelist", "file,pipe", "-format_whitelist", "concat,matroska", "-f", "concat", "-safe", "0", "-i", "file:" + list,
		"-map", "0:V:0", "-an", "-vf", fmt.Sprintf("scale=out_color_matrix=%s:out_range=tv:flags=%s,pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p,setsar=%s,%s",
			v.matrix(), exactScale, strings.ReplaceAll(v.SampleAspect, ":", "/"), numbered(v.Rate)),
		"-fps_mode", "passthrough", "-enc_time_base", inverse(v.Rate), "-r", v.Rate.String(),
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-threads", strconv.Itoa(spec.Threads),
		"-color_range", "tv", "-colorspace", spaceTag(v),
	}, tag("-color_primaries", v.Color.Primaries), tag("-color_trc", v.Color.Transfer), []string{
		"-map_metadata", "-1", "-bitexact", "-movflags", "+faststart", "-f", "mp4", "file:" + out,
	})
}

// spaceTag is the matrix that the result was made with, as a stream tag.
func spaceTag(v Video) string {
	if m := v.matrix(); m != "bt2020" {
		return m
	}
	return "bt2020nc"
}

func tag(option, value string) []string {
	if value == "" {
		return nil
	}
	return []string{option, value}
}
