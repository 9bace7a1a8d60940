package media

import (
	"bufio"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
)

const opShots = "media: shots"

// shotFilter scores each frame by how much it differs from the one before, in
// percent, and prints those that score 10 or more: the default of ffmpeg's
// scdet, whose manual gives 8 to 14 as good values. A small picture is enough
// and keeps grain and encoding noise out of the score.
const shotFilter = "scale=320:-2:flags=area,scdet=threshold=10,metadata=mode=print:key=lavfi.scd.time:file='pipe\\:1'"

// Shots finds the cuts in the picture: the first frame of every shot but the
// first, in order. Dissolves and fades are not found, and a flash may count as a
// cut; in both cases a shot is only an offer to the steps that use it. A file
// without a picture is fault.Invalid.
func (t *Tools) Shots(ctx context.Context, in string) ([]int64, error) {
	src, err := open(opShots, in)
	if err != nil {
		return nil, err
	}
	if _, err := t.picture(ctx, opShots, src); err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	found := make(chan []int64, 1)
	go func() {
		cuts := parseShots(r)
		_, _ = io.Copy(io.Discard, r) // a reader that stops would stop ffmpeg
		found <- cuts
	}()
	c := t.ffmpeg(opShots, long, shotArgs(src)...)
	c.out, c.paths = w, []string{in}
	_, err = run(ctx, c)
	w.Close()
	cuts := <-found
	if err != nil {
		return nil, err
	}
	return cuts, nil
}

func shotArgs(src source) []string {
	return slices.Concat(src.input(), []string{"-map", "0:V:0", "-vf", shotFilter, "-fps_mode", "passthrough", "-f", "null", "-"})
}

// parseShots reads the lines "frame:48 pts:..." that the metadata filter prints.
func parseShots(r io.Reader) []int64 {
	var cuts []int64
	for lines := bufio.NewScanner(r); lines.Scan(); {
		rest, ok := strings.CutPrefix(lines.Text(), "frame:")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, " ")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && n > 0 {
			cuts = append(cuts, n)
		}
	}
	return cuts
}

// picture describes src; one without a picture is fault.Invalid.
func (t *Tools) picture(ctx context.Context, op string, src source) (Info, error) {
	info, err := t.describe(ctx, src)
	if err == nil && info.Video == nil {
		err = fault.New(fault.Invalid, op, "%s has no picture: name the file that has", filepath.Base(src.path))
	}
	return info, err
}
