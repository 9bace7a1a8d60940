package media

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/wav"
)

const opAudio = "media: extract audio"

// ExtractSpeechAudio writes one audio track (Audio.Index) as recognisers want
// it: 16 kHz, mono, 16 bit. Time 0 is the first frame of the picture, or the
// start of a file without one. A track that is not there is fault.Missing.
func (t *Tools) ExtractSpeechAudio(ctx context.Context, in string, track int, out string) error {
	return t.extract(ctx, in, track, out, speechArgs)
}

// ExtractProgramAudio writes one audio track as working sound: 48 kHz, 32-bit
// float, in its own channel layout, from the first frame of the picture on, and
// padded with silence or cut to exactly samples (see Samples).
func (t *Tools) ExtractProgramAudio(ctx context.Context, in string, track int, samples int64, out string) error {
	if samples <= 0 {
		return fault.New(fault.Invalid, opAudio, "%d samples asked for, want at least 1", samples)
	}
	return t.extract(ctx, in, track, out, func(src source, track int, origin time.Duration, out string) []string {
		return programArgs(src, track, origin, samples, out)
	})
}

func (t *Tools) extract(ctx context.Context, in string, track int, out string, args func(source, int, time.Duration, string) []string) error {
	src, err := open(opAudio, in)
	if err != nil {
		return err
	}
	info, err := t.describe(ctx, src)
	if err != nil {
		return err
	}
	if track < 0 || track >= len(info.Audio) {
		return fault.New(fault.Missing, opAudio, "%s has no audio track %d: it has %d, counted from 0", filepath.Base(in), track, len(info.Audio))
	}
	return produce(opAudio, out, func(temporary string) error {
		c := t.ffmpeg(opAudio, long, args(src, track, info.origin(), temporary)...)
		c.paths = []string{in, temporary}
		_, err := run(ctx, c)
		return err
	})
}

func speechArgs(src source, track int, origin time.Duration, out string) []string {
	return slices.Concat([]string{"-copyts"}, src.input(), []string{
		"-map", "0:a:" + strconv.Itoa(track), "-af", aligned(origin, 16000), "-ac", "1",
	}, wavOut("pcm_s16le", out))
}

func programArgs(src source, track int, origin time.Duration, samples int64, out string) []string {
	return slices.Concat([]string{"-copyts"}, src.input(), []string{
		"-map", "0:a:" + strconv.Itoa(track),
		"-af", aligned(origin, Rate) + "," + exactly(samples),
	}, wavOut("pcm_f32le", out))
}

// aligned resamples with time 0 at origin, filling gaps and a late beginning with
// silence, so that sound keeps its place against the picture. It wants the
// file's own clock (-copyts): what ffmpeg makes of it without differs by container.
func aligned(origin time.Duration, rate int) string {
	return fmt.Sprintf("asetpts=PTS-(%s)/TB,aresample=%d:async=1:first_pts=0", seconds(origin), rate)
}

// exactly pads with silence or cuts to n samples.
func exactly(n int64) string { return fmt.Sprintf("apad=whole_len=%d,atrim=end_sample=%d", n, n) }

// wavOut is the output arguments of a WAV file, RF64 from 4 GiB on, without
// anything that would differ between two runs.
func wavOut(codec, out string) []string {
	return []string{"-map_metadata", "-1", "-bitexact", "-c:a", codec, "-f", "wav", "-rf64", "auto", "file:" + out}
}

// rawInput reads from standard input what writeRaw writes.
func rawInput(f wav.Format) []string {
	layout := strconv.Itoa(f.Channels) + "c"
	if mask := f.Layout(); mask != 0 {
		layout = fmt.Sprintf("%#x", mask)
	}
	return []string{
		"-protocol_whitelist", "pipe", "-format_whitelist", "f32le",
		"-f", "f32le", "-ar", strconv.Itoa(f.Rate), "-ch_layout", layout, "-i", "pipe:0",
	}
}
