package media_test

import (
	"bytes"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/media"
)

// hashes is a hash of each frame, as decoded.
func hashes(tb testing.TB, path, format string) []string {
	tb.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-fps_mode", "passthrough",
		"-vf", "format="+format, "-f", "framemd5", "-").Output()
	require.NoError(tb, err)
	var all []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "#") {
			fields := strings.Split(line, ",")
			all = append(all, strings.TrimSpace(fields[len(fields)-1]))
		}
	}
	return all
}

func TestShots(t *testing.T) {
	in := film(t, "a.mp4", args(
		"-f lavfi -i mandelbrot=size=320x180:rate=25:end_scale=0.01", // a zoom that never stops: no cut
		"-f lavfi -i testsrc=size=320x180:rate=25",                   // jumps in every second: no cut
		"-f lavfi -i color=navy:size=320x180:rate=25",
		"-f lavfi -i smptebars=size=320x180:rate=25",
		"-filter_complex", []string{"[0]trim=end_frame=40,setpts=N/25/TB[a];[1]trim=end_frame=60,setpts=N/25/TB[b];" +
			"[2]trim=end_frame=13,setpts=N/25/TB[c];[3]trim=end_frame=30,setpts=N/25/TB[d];[a][b][c][d]concat=n=4"}, small,
	)...)

	cuts, err := find(t).Shots(t.Context(), in)

	require.NoError(t, err)
	require.Equal(t, []int64{40, 100, 113}, cuts)
}

func TestShotsWantAPicture(t *testing.T) {
	_, err := find(t).Shots(t.Context(), film(t, "a.wav", args(tone, "-t 1")...))

	require.Equal(t, fault.Invalid, fault.Of(err))
	require.ErrorContains(t, err, "has no picture")
}

// Each piece holds exactly the frames asked for, whatever carries the film.
func TestCutShotIsFrameExact(t *testing.T) {
	noisy := "-vf noise=alls=20:allf=t" // so that no two frames are alike
	films := map[string]string{
		"MP4, 25 fps":            film(t, "a.mp4", args(bars, tone, "-t 4", noisy, small, "-g 50")...),
		"Matroska, 23.976 fps":   film(t, "a.mkv", args("-f lavfi -i testsrc=size=320x180:rate=24000/1001 -t 4", noisy, small)...),
		"MP4 with B-frames":      film(t, "b.mp4", args(bars, "-t 4", noisy, "-c:v libx264 -preset fast -bf 3 -pix_fmt yuv420p -g 40")...),
		"MPEG-TS, sound earlier": film(t, "a.ts", args("-itsoffset 0.3", bars, tone, "-map 0 -map 1 -t 4", noisy, small, "-fps_mode passthrough")...),
	}
	tools := find(t)
	for name, in := range films {
		t.Run(name, func(t *testing.T) {
			all := hashes(t, in, "yuv420p")
			whole := filepath.Join(t.TempDir(), "whole.mkv")
			require.NoError(t, tools.CutShot(t.Context(), in, 0, int64(len(all)), whole))
			frames := hashes(t, whole, "gbrp")
			for _, want := range []struct{ first, frames int64 }{{0, 1}, {0, 30}, {37, 20}, {int64(len(all)) - 5, 5}} {
				out := filepath.Join(t.TempDir(), "piece.mkv")

				err := tools.CutShot(t.Context(), in, want.first, want.frames, out)

				require.NoError(t, err)
				require.Equal(t, frames[want.first:want.first+want.frames], hashes(t, out, "gbrp"))
			}
		})
	}
}

func TestCutShotRefuses(t *testing.T) {
	tools := find(t)
	in := film(t, "a.mp4", args(bars, "-t 1", small)...)
	vfr := film(t, "vfr.mp4", args(bars, "-t 4 -vf", []string{"select='if(lt(t,2),1,not(mod(n,5)))'"}, "-fps_mode vfr", small)...)
	tests := map[string]struct {
		in            string
		first, frames int64
		says          string
	}{
		"past the end":     {in, 20, 10, "has 5 frames from frame 20 on, want 10"},
		"nothing at all":   {in, 0, 0, "want at least 1"},
		"a negative start": {in, -1, 5, "from 0 on"},
		"a variable rate":  {vfr, 0, 5, "conform it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "piece.mkv")

			err := tools.CutShot(t.Context(), tt.in, tt.first, tt.frames, out)

			require.Equal(t, fault.Invalid, fault.Of(err))
			require.ErrorContains(t, err, tt.says)
			require.NoFileExists(t, out)
			require.Empty(t, leftovers(t, out))
		})
	}
}

func TestJoinShotsGivesBackTheFilm(t *testing.T) {
	tools := find(t)
	in := film(t, "a.mp4", args("-f lavfi -i testsrc=size=320x180:rate=24000/1001 -t 4", small,
		"-crf 10 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv")...)
	info, err := tools.Probe(t.Context(), in)
	require.NoError(t, err)
	dir := t.TempDir()
	var pieces []string
	bounds := []int64{0, 1, 40, info.Video.Frames}
	for i, first := range bounds[:3] {
		pieces = append(pieces, filepath.Join(dir, "it's piece "+strconv.Itoa(i)+".mkv"))
		require.NoError(t, tools.CutShot(t.Context(), in, first, bounds[i+1]-first, pieces[i]))
	}
	out := filepath.Join(dir, "joined.mp4")

	err = tools.JoinShots(t.Context(), pieces, media.JoinSpec{Source: *info.Video, Frames: info.Video.Frames, Threads: 1}, out)

	require.NoError(t, err)
	joined, err := tools.Probe(t.Context(), out)
	require.NoError(t, err)
	want := *info.Video
	want.SampleAspect = joined.Video.SampleAspect
	require.Equal(t, want, *joined.Video, "frames, rate, size and colour")
	require.Greater(t, similarity(t, in, out), 0.985, "the pattern has edges that 4:2:0 blurs once more")
	require.InDeltaSlice(t, colour(t, in), colour(t, out), 1.5, "no shift of colour")
}

// colour is the mean red, green and blue of the first frame.
func colour(tb testing.TB, path string) []float64 {
	tb.Helper()
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", "scale=1:1:flags=area",
		"-pix_fmt", "rgb24", "-f", "rawvideo", "-").Output()
	require.NoError(tb, err)
	require.Len(tb, raw, 3)
	return []float64{float64(raw[0]), float64(raw[1]), float64(raw[2])}
}

// similarity is the structural similarity of two pictures' luma, 1 for equal.
func similarity(tb testing.TB, a, b string) float64 {
	tb.Helper()
	out, err := exec.Command("ffmpeg", "-i", a, "-i", b, "-lavfi", "[0:v]setpts=N[x];[1:v]setpts=N[y];[x][y]ssim", "-f", "null", "-").CombinedOutput()
	require.NoError(tb, err, string(out))
	_, rest, ok := strings.Cut(string(out), "SSIM Y:")
	require.True(tb, ok)
	value, _, _ := strings.Cut(rest, " ")
	v, err := strconv.ParseFloat(value, 64)
	require.NoError(tb, err)
	return v
}

func TestJoinShotsCountsFrames(t *testing.T) {
	tools := find(t)
	in := film(t, "a.mp4", args(bars, "-t 1", small)...)
	piece, out := filepath.Join(t.TempDir(), "p.mkv"), filepath.Join(t.TempDir(), "out.mp4")
	require.NoError(t, tools.CutShot(t.Context(), in, 0, 20, piece))
	spec := media.JoinSpec{Source: media.Video{Width: 320, Height: 180, SampleAspect: "1:1", Rate: script.Rate{Num: 25, Den: 1}}, Frames: 25}

	short := tools.JoinShots(t.Context(), []string{piece}, spec, out)
	foreign := tools.JoinShots(t.Context(), []string{in}, spec, out)

	require.ErrorContains(t, short, "has 20 frames, want 25")
	require.Equal(t, fault.Invalid, fault.Of(foreign))
	require.NoFileExists(t, out)
}

func TestEncodeFrames(t *testing.T) {
	tools := find(t)
	d := media.Drawn{Width: 64, Height: 36, Rate: script.Rate{Num: 25, Den: 1}, Frames: 3}
	frame := func(n int) []byte { return bytes.Repeat([]byte{byte(80 * n), 200, 17}, 64*36) }
	draw := func(frames int) func(io.Writer) error {
		return func(w io.Writer) error {
			for n := range frames {
				if _, err := w.Write(frame(n)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	out := filepath.Join(t.TempDir(), "drawn.mkv")

	err := tools.EncodeFrames(t.Context(), d, draw(3), out)
	short := tools.EncodeFrames(t.Context(), d, draw(2), filepath.Join(t.TempDir(), "short.mkv"))

	require.NoError(t, err)
	raw, err := exec.Command("ffmpeg", "-v", "error", "-i", out, "-pix_fmt", "rgb24", "-f", "rawvideo", "-").Output()
	require.NoError(t, err)
	require.Equal(t, bytes.Join([][]byte{frame(0), frame(1), frame(2)}, nil), raw, "every pixel as it was drawn")
	require.ErrorContains(t, short, "has 2 frames, want 3")
}

func TestContactSheet(t *testing.T) {
	tools := find(t)
	in := film(t, "a.mp4", args(bars, tone, "-t 3", small)...)
	out := filepath.Join(t.TempDir(), "sheet.png")

	err := tools.ContactSheet(t.Context(), in, out, 3, 2)

	require.NoError(t, err)
	f, err := os.Open(out)
	require.NoError(t, err)
	defer f.Close()
	sheet, err := png.Decode(f)
	require.NoError(t, err)
	require.Equal(t, "960x360", strconv.Itoa(sheet.Bounds().Dx())+"x"+strconv.Itoa(sheet.Bounds().Dy()))
	require.NotEqual(t, sheet.At(10, 175), sheet.At(900, 355), "the tiles differ")
}
