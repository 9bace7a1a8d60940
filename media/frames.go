package media

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
)

// Drawn says what picture EncodeFrames is to make.
type Drawn struct {
	Width, Height int
	Rate          script.Rate
	Frames        int64
}

const opDraw = "media: encode frames"

// EncodeFrames writes pictures that a program draws as a video of the form that
// CutShot writes. fill must write Frames pictures of Width*Height pixels, each
// three bytes red, green, blue, row by row; others are fault.Broken.
func (t *Tools) EncodeFrames(ctx context.Context, d Drawn, fill func(io.Writer) error, out string) error {
	if d.Width < 2 || d.Height < 2 || d.Frames < 1 || !d.Rate.Valid() {
		return fault.New(fault.Invalid, opDraw, "%d frames of %dx%d at %s: want at least one, of at least 2x2", d.Frames, d.Width, d.Height, d.Rate)
	}
	return produce(opDraw, out, func(temporary string) error {
		c := t.ffmpeg(opDraw, long, drawArgs(d, temporary)...)
		c.paths = []string{temporary}
		end, err := runFed(ctx, c, func(_ context.Context, w io.Writer) error { return fill(w) })
		if err != nil {
			return err
		}
		if end.last.Frames != d.Frames {
			return frameError(opDraw, "the drawn picture", end.last.Frames, d.Frames)
		}
		return nil
	})
}

func drawArgs(d Drawn, out string) []string {
	return slices.Concat([]string{
		"-protocol_whitelist", "pipe", "-format_whitelist", "rawvideo", "-f", "rawvideo", "-pix_fmt", "rgb24",
		"-video_size", fmt.Sprintf("%dx%d", d.Width, d.Height), "-framerate", d.Rate.String(), "-i", "pipe:0",
		"-vf", "format=bgr24," + numbered(d.Rate), "-fps_mode", "passthrough", "-enc_time_base", inverse(d.Rate),
	}, lossless(), []string{"-frames:v", strconv.FormatInt(d.Frames+1, 10), "file:" + out})
}
