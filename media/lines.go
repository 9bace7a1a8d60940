package media

import (
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media/internal/dsp"
	"github.com/babelreel/babelreel/media/wav"
)

// Placement is one recorded or synthesized line and its place in the programme.
type Placement struct {
	Path   string        // WAV of any rate; several channels become their mean
	Start  time.Duration // from the first frame of the picture; not negative
	GainDB float64       // applied to the line, 0 for none
}

// Stem says what PlaceLines made.
type Stem struct {
	Samples int64   `json:"samples"`
	Peak    float64 `json:"peak"` // largest sample; above 1 where lines are hot or overlap
	// Cut lists the placements, by index, that ran past the end of the
	// programme and were faded out there.
	Cut []int `json:"cut,omitempty"`
}

const opLines = "media: place lines"

// edgeFade is how long each line fades in and out, so that no edge clicks.
const edgeFade = 5 * Rate / 1000

// lineLimit is the longest line: one that is longer is no line but a whole track.
const lineLimit = 10 * 60 * Rate

// PlaceLines writes the dialogue stem: mono working sound of exactly samples,
// each line starting at its exact sample, with 5 ms fades at its edges.
// Overlapping lines are added. Memory holds only the lines that sound at the
// same time, so thousands of lines cost no more than a few.
func (t *Tools) PlaceLines(ctx context.Context, lines []Placement, samples int64, out string) (Stem, error) {
	if samples <= 0 {
		return Stem{}, fault.New(fault.Invalid, opLines, "%d samples asked for, want at least 1", samples)
	}
	order := make([]int, len(lines))
	for i, l := range lines {
		if l.Start < 0 || sampleAt(l.Start) >= samples {
			return Stem{}, fault.New(fault.Invalid, opLines, "line %d (%s) starts at %s, outside of the programme of %s: move it",
				i, filepath.Base(l.Path), l.Start, timeOf(samples))
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lines[a].Start, lines[b].Start) })

	stem := Stem{Samples: samples}
	mono := wav.Format{Rate: Rate, Channels: 1, Encoding: wav.F32}
	err := create(opLines, out, mono, func(w *wav.Writer) error {
		return placeAll(ctx, lines, order, w, &stem)
	})
	slices.Sort(stem.Cut)
	return stem, err
}

// sounding is a line that has begun and not ended.
type sounding struct {
	start   int64
	samples []float32
}

func placeAll(ctx context.Context, lines []Placement, order []int, w *wav.Writer, stem *Stem) error {
	var active []sounding
	block := make([]float32, blockFrames)
	for at := int64(0); at < stem.Samples; at += blockFrames {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		end := min(at+blockFrames, stem.Samples)
		for len(order) > 0 && sampleAt(lines[order[0]].Start) < end {
			line, start := lines[order[0]], sampleAt(lines[order[0]].Start)
			sound, err := readLine(line)
			if err != nil {
				return err
			}
			if room := stem.Samples - start; int64(len(sound)) > room {
				sound = sound[:room]
				stem.Cut = append(stem.Cut, order[0])
			}
			dsp.Fade(sound, edgeFade)
			active = append(active, sounding{start, sound})
			order = order[1:]
		}

		part := block[:end-at]
		clear(part)
		for _, s := range active {
			from, to := max(s.start, at), min(s.start+int64(len(s.samples)), end)
			for n := from; n < to; n++ {
				part[n-at] += s.samples[n-s.start]
			}
		}
		active = slices.DeleteFunc(active, func(s sounding) bool { return s.start+int64(len(s.samples)) <= end })
		for _, v := range part {
			stem.Peak = max(stem.Peak, float64(max(v, -v)))
		}
		if err := w.Write(part); err != nil {
			return fault.New(fault.Broken, opLines, "%w", err)
		}
		report(ctx, Progress{Time: timeOf(end)})
	}
	return nil
}

// readLine is a line as mono sound at 48 kHz, with its gain.
func readLine(l Placement) ([]float32, error) {
	r, err := openWAV(opLines, l.Path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if r.Frames > lineLimit*int64(r.Rate)/Rate {
		return nil, fault.New(fault.Invalid, opLines, "%s is longer than %s: it is no line, mix it as a bed", filepath.Base(l.Path), timeOf(lineLimit))
	}
	frames := make([]float32, int(r.Frames)*r.Channels)
	for n := 0; n < len(frames); {
		got, err := r.Read(frames[n:])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, opLines, "%s is cut off: make it again: %w", filepath.Base(l.Path), err)
		}
		n += got * r.Channels
	}
	mono := make([]float32, r.Frames)
	gain := float32(dsp.Gain(l.GainDB) / float64(r.Channels))
	for i := range mono {
		for c := range r.Channels {
			mono[i] += frames[i*r.Channels+c] * gain
		}
	}
	return dsp.Resample(mono, r.Rate, Rate), nil
}
