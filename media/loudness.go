package media

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/wav"
)

// Loudness is what EBU R 128 measures. All figures are finite, so it can be
// written as JSON: silence has the floors below.
type Loudness struct {
	IntegratedLUFS float64 `json:"integratedLufs"`
	RangeLU        float64 `json:"rangeLu"`
	TruePeakDBTP   float64 `json:"truePeakDbtp"`
	Silent         bool    `json:"silent"` // nothing passed the absolute gate; the figures are floors
}

const (
	// SilenceLUFS is the absolute gate of ITU-R BS.1770-5: what lies below
	// does not count as programme.
	SilenceLUFS = -70
	// SilenceDBTP stands for no signal: below the noise of 24 bits.
	SilenceDBTP = -150
)

const opLoudness = "media: loudness"

// Loudness measures the first audio track of a file.
func (t *Tools) Loudness(ctx context.Context, in string) (Loudness, error) {
	src, err := open(opLoudness, in)
	if err != nil {
		return Loudness{}, err
	}
	c := t.ffmpeg(opLoudness, long, loudnessArgs(src)...)
	c.paths = []string{in}
	end, err := run(ctx, c)
	if err != nil {
		return Loudness{}, err
	}
	return parseLoudness(end.stderr)
}

// measure is the filter that prints one summary at the end.
const measure = "ebur128=peak=true:framelog=verbose"

func loudnessArgs(src source) []string {
	return slices.Concat([]string{"-loglevel", "info"}, src.input(),
		[]string{"-map", "0:a:0", "-af", measure, "-f", "null", "-"})
}

// parseLoudness reads the summary that ebur128 prints at the end.
func parseLoudness(said string) (Loudness, error) {
	_, summary, ok := strings.Cut(said, "Summary:")
	if !ok {
		return Loudness{}, fault.New(fault.Broken, opLoudness, "ffmpeg printed no summary")
	}
	got := map[string]float64{}
	for line := range strings.Lines(summary) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		number, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		if v, err := strconv.ParseFloat(number, 64); err == nil {
			got[key] = v
		}
	}
	for _, key := range []string{"I", "LRA", "Peak"} {
		if v, ok := got[key]; !ok || math.IsNaN(v) {
			return Loudness{}, fault.New(fault.Broken, opLoudness, "ffmpeg's summary has no %s", key)
		}
	}
	l := Loudness{
		IntegratedLUFS: max(SilenceLUFS, got["I"]),
		RangeLU:        max(0, got["LRA"]),
		TruePeakDBTP:   max(SilenceDBTP, got["Peak"]),
	}
	l.Silent = l.IntegratedLUFS <= SilenceLUFS
	return l, nil
}

// DialogueLoudness measures working sound in the given spans alone, joined: the
// loudness of a programme's dialogue, to which a dub of it is levelled. No
// span, or spans of silence, is a Loudness that is Silent.
func (t *Tools) DialogueLoudness(ctx context.Context, in string, spans []Span) (Loudness, error) {
	r, err := openWorking(opLoudness, in)
	if err != nil {
		return Loudness{}, err
	}
	defer r.Close()
	keep := mergedSpans(spans)
	if len(keep) == 0 || keep[0].Start >= r.Frames {
		return silence(), nil
	}
	return t.loudnessOf(ctx, r.Format, func(ctx context.Context, out io.Writer) error {
		return eachBlock(ctx, r, func(at int64, block []float32) error {
			end := at + int64(len(block)/r.Channels)
			for _, s := range keep {
				if from, to := max(s.Start, at), min(s.End, end); from < to {
					if err := writeRaw(out, block[int(from-at)*r.Channels:int(to-at)*r.Channels]); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
}

func silence() Loudness {
	return Loudness{IntegratedLUFS: SilenceLUFS, TruePeakDBTP: SilenceDBTP, Silent: true}
}

// loudnessOf measures what fill writes with writeRaw.
func (t *Tools) loudnessOf(ctx context.Context, f wav.Format, fill func(context.Context, io.Writer) error) (Loudness, error) {
	end, err := runFed(ctx, t.ffmpeg(opLoudness, long, rawLoudnessArgs(f)...), fill)
	if err != nil {
		return Loudness{}, err
	}
	return parseLoudness(end.stderr)
}

func rawLoudnessArgs(f wav.Format) []string {
	return slices.Concat([]string{"-loglevel", "info"}, rawInput(f), []string{"-map", "0:a:0", "-af", measure, "-f", "null", "-"})
}

// String is the figures as a report shows them.
func (l Loudness) String() string {
	if l.Silent {
		return "silent"
	}
	return fmt.Sprintf("%.1f LUFS, %.1f LU, %.1f dBTP", l.IntegratedLUFS, l.RangeLU, l.TruePeakDBTP)
}
