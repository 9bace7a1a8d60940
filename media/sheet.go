package media

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/png"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
)

const opSheet = "media: contact sheet"

// tileWidth is the width of one picture of a contact sheet, in pixels.
const tileWidth = 320

// ContactSheet writes a PNG of cols by rows frames, evenly spaced over the
// picture, left to right and top to bottom. It seeks to each, so a feature takes
// no longer than a trailer. One to 400 frames can be had.
func (t *Tools) ContactSheet(ctx context.Context, in, out string, cols, rows int) error {
	if cols < 1 || rows < 1 || cols*rows > 400 {
		return fault.New(fault.Invalid, opSheet, "%d by %d frames: want 1 to 400", cols, rows)
	}
	src, err := open(opSheet, in)
	if err != nil {
		return err
	}
	info, err := t.picture(ctx, opSheet, src)
	if err != nil {
		return err
	}

	var sheet *image.RGBA
	for i := range cols * rows {
		at := info.length() * (2*time.Duration(i) + 1) / (2 * time.Duration(cols*rows))
		var data bytes.Buffer
		c := t.ffmpeg(opSheet, quick, tileArgs(src, info, at)...)
		c.out, c.paths = &data, []string{in}
		if _, err := run(ctx, c); err != nil {
			return err
		}
		tile, err := png.Decode(&data)
		if err != nil {
			return fault.New(fault.Invalid, opSheet, "no picture decodes at %s: the file is damaged or cut off", at)
		}
		size := tile.Bounds().Size()
		if sheet == nil {
			sheet = image.NewRGBA(image.Rect(0, 0, cols*size.X, rows*size.Y))
		}
		corner := image.Pt(i%cols*size.X, i/cols*size.Y)
		draw.Draw(sheet, image.Rectangle{Min: corner, Max: corner.Add(size)}, tile, tile.Bounds().Min, draw.Src)
	}
	return produce(opSheet, out, func(temporary string) error {
		var data bytes.Buffer
		if err := png.Encode(&data, sheet); err != nil {
			return fault.New(fault.Broken, opSheet, "%w", err)
		}
		if err := os.WriteFile(temporary, data.Bytes(), 0o600); err != nil {
			return fault.New(fault.Broken, opSheet, "%w", err)
		}
		return nil
	})
}

func tileArgs(src source, info Info, at time.Duration) []string {
	seek, trim := info.from(src, at)
	return slices.Concat(seek, src.input(), []string{
		"-map", "0:V:0", "-frames:v", "1", "-vf", trim + ",scale=" + strconv.Itoa(tileWidth) + ":-2:flags=area,setsar=1",
		"-c:v", "png", "-f", "image2pipe", "pipe:1",
	})
}
