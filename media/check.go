package media

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
)

// endLength is how much of the head and of the tail Probe decodes.
const endLength = 2 * time.Second

// checkEnds decodes the first and the last seconds.
func (t *Tools) checkEnds(ctx context.Context, src source, info Info) error {
	name := filepath.Base(src.path)
	head := t.ffmpeg(opProbe, quick, headArgs(src, info)...)
	head.paths, head.judges = []string{src.path}, true
	got, err := run(ctx, head)
	if err != nil {
		return err
	}
	if got.last.empty(info) {
		return fault.New(fault.Invalid, opProbe, "the first seconds of %s hold nothing that decodes: export it again from its source", name)
	}
	if info.Duration <= endLength {
		return nil
	}

	tail := t.ffmpeg(opProbe, quick, tailArgs(src, info)...)
	tail.paths, tail.judges = []string{src.path}, true
	got, err = run(ctx, tail)
	if err != nil {
		return err
	}
	if got.last.empty(info) || strings.Contains(got.stderr, "partial file") {
		return fault.New(fault.Invalid, opProbe, "the last seconds of %s hold nothing that decodes: "+
			"it is cut off, its transfer or export did not finish, send it again", name)
	}
	return nil
}

// empty reports whether nothing came out of the streams that info names.
func (p Progress) empty(info Info) bool {
	if info.Video != nil {
		return p.Frames == 0
	}
	return p.Time <= 0
}

// headArgs decodes the first seconds and throws the result away. The first
// damage ends it.
func headArgs(src source, info Info) []string {
	stream, _ := info.main()
	return slices.Concat([]string{"-xerror"}, src.input(),
		[]string{"-t", seconds(endLength), "-map", stream, "-fps_mode", "passthrough", "-f", "null", "-"})
}

// tailArgs decodes the last seconds alone. After a seek frames may lack what they
// refer to, so damage is no error; that something comes out is what counts.
func tailArgs(src source, info Info) []string {
	stream, kind := info.main()
	seek, trim := info.from(src, max(0, info.length()-endLength))
	return slices.Concat(seek, src.input(),
		[]string{"-map", stream, "-filter:" + kind, trim, "-fps_mode", "passthrough", "-f", "null", "-"})
}

// main is the stream that stands for the file, and the letter of its kind.
func (i Info) main() (stream, kind string) {
	if i.Video != nil {
		return "0:V:0", "v"
	}
	return "0:a:0", "a"
}

// runUp is how much earlier a container without an index is entered, so that a
// key frame comes before the wanted instant: more than any broadcast GOP.
const runUp = 30 * time.Second

// from is how to read src from the instant at after the origin on: input options
// that come near it, and a filter that drops what is before. Both use the file's
// own clock, as what ffmpeg makes of it after a seek differs by container.
func (i Info) from(src source, at time.Duration) (seek []string, filter string) {
	instant := i.origin() + at
	near := instant - i.start
	if src.demuxer == mpegts || src.demuxer == mpegps {
		near -= runUp
	}
	seek = []string{"-copyts"}
	if near > 0 {
		seek = append(seek, "-noaccurate_seek", "-ss", seconds(near))
	}
	filter = "trim=start=" + seconds(instant)
	if i.Video == nil {
		filter = "a" + filter
	}
	return seek, filter
}

const opCheck = "media: check decoding"

// CheckDecodes decodes all picture and sound of the file at path. It fails with
// fault.Invalid at the first damage, and if fewer frames come out than the file
// says it has.
func (t *Tools) CheckDecodes(ctx context.Context, path string) error {
	src, err := open(opCheck, path)
	if err != nil {
		return err
	}
	info, err := t.describe(ctx, src)
	if err != nil {
		return err
	}
	if info.Video != nil {
		if err := t.countFrames(ctx, src, &info); err != nil {
			return err
		}
	}
	c := t.ffmpeg(opCheck, long, checkArgs(src)...)
	c.paths, c.judges = []string{path}, true
	got, err := run(ctx, c)
	if err != nil {
		return err
	}
	name := filepath.Base(path)
	if v := info.Video; v != nil && got.last.Frames < v.Frames {
		return fault.New(fault.Invalid, opCheck, "%s decodes to %d of its %d frames: it is cut off or damaged, send it again", name, got.last.Frames, v.Frames)
	}
	if strings.Contains(got.stderr, "partial file") || got.last.empty(info) {
		return fault.New(fault.Invalid, opCheck, "%s is cut off: its transfer did not finish, send it again", name)
	}
	return nil
}

func checkArgs(src source) []string {
	return slices.Concat([]string{"-xerror"}, src.input(),
		[]string{"-map", "0:V?", "-map", "0:a?", "-fps_mode", "passthrough", "-f", "null", "-"})
}
