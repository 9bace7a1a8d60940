package activities

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/media"
)

// voiced is a dub script with its takes.
type voiced struct {
	script script.DubScript
	takes  script.Takes
}

func (p *Parts) dubOf(ctx context.Context, w contract.Work) (voiced, error) {
	var v voiced
	var err error
	if v.script, err = load[script.DubScript](ctx, p, w.Doc(contract.StageDubScript)); err != nil {
		return v, err
	}
	v.takes, err = load[script.Takes](ctx, p, w.Doc(contract.StageTakes))
	return v, err
}

// speech is where the original of the dubbed lines is heard, with a little
// around it: word times are a little off, and breath belongs to speech.
func (v voiced) speech() []media.Span {
	var spans []media.Span
	for _, l := range v.script.Lines {
		spans = append(spans, media.Span{Start: max(0, l.Start-around), End: l.End + around})
	}
	return spans
}

// input is what dub QA judges: every line of the script, with its take where
// there is one.
func (v voiced) input() qa.DubInput {
	in := qa.DubInput{Language: v.script.Language, Limits: qa.NetflixDub()}
	for _, l := range v.script.Lines {
		line := qa.DubLine{
			EventID: l.Event, Speaker: l.Character, Text: l.Text, Start: l.Start, Slot: l.Slot, SourceStart: l.Start, SourceEnd: l.End,
		}
		for _, t := range v.takes.Takes {
			if t.Event == l.Event {
				line.Duration, line.Natural = t.Duration, t.Natural
			}
		}
		in.Lines = append(in.Lines, line)
	}
	return in
}

// BuildPremix lays the takes over a guide bed, the client's M&E or the ducked
// original, and checks that every line is there and fits. Songs and speech that
// keep their original are not ducked.
func (p *Parts) BuildPremix(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	dub, err := p.dubOf(ctx, w)
	if err != nil {
		return contract.Made{}, err
	}
	dir, _, done, err := p.desk(ctx, 0)
	if err != nil {
		return contract.Made{}, err
	}
	defer done()

	var lines []media.Placement
	for i, t := range dub.takes.Takes {
		path, err := p.fetch(ctx, t.Audio, dir, fmt.Sprintf("take-%05d.wav", i))
		if err != nil {
			return contract.Made{}, err
		}
		lines = append(lines, media.Placement{Path: path, Start: t.Start})
	}
	samples := media.Samples(in.Cut.Frames, in.Cut.Rate)
	stem := filepath.Join(dir, "dialogue.wav")
	if _, err := p.Media.PlaceLines(ctx, lines, samples, stem); err != nil {
		return contract.Made{}, err
	}
	out := contract.Premix{Takes: w.Doc(contract.StageTakes), Script: w.Doc(contract.StageDubScript)}
	if out.Dialogue, err = p.keep(ctx, stem, "audio/wav"); err != nil {
		return contract.Made{}, err
	}
	bed, err := p.bed(ctx, in, dub, stem, dir, &out)
	if err != nil {
		return contract.Made{}, err
	}
	guide := filepath.Join(dir, "guide.wav")
	if _, err := p.Media.Mix(ctx, media.MixSpec{Dialogue: stem, Bed: bed, Kind: media.Bed(out.BedKind)}, guide); err != nil {
		return contract.Made{}, err
	}
	if out.Guide, err = p.keep(ctx, guide, "audio/wav"); err != nil {
		return contract.Made{}, err
	}
	doc, err := p.save(ctx, out)
	if err != nil {
		return contract.Made{}, err
	}
	report, err := p.save(ctx, qa.CheckDub(dub.input()).With(qa.Conflicts(dub.script.Conflicts)...))
	return contract.Made{Doc: doc, Report: report, Items: len(dub.takes.Takes), Labels: []string{"premix over the " + out.BedKind}}, err
}

// bed is what the dialogue lies on, as a file.
func (p *Parts) bed(ctx context.Context, in contract.Ingested, dub voiced, stem, dir string, out *contract.Premix) (string, error) {
	if !in.MusicEffects.IsZero() {
		out.Bed, out.BedKind = in.MusicEffects, string(media.SuppliedME)
		return p.fetch(ctx, in.MusicEffects, dir, "bed.wav")
	}
	original, err := p.fetch(ctx, in.Original, dir, "original.wav")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bed.wav")
	if err := p.Media.Duck(ctx, original, stem, dub.speech(), media.Samples(in.Cut.Frames, in.Cut.Rate), path); err != nil {
		return "", err
	}
	out.BedKind = string(media.DuckedOriginal)
	out.Bed, err = p.keep(ctx, path, "audio/wav")
	return path, err
}

// MixDub levels the approved dialogue against its bed. The dialogue comes to the
// loudness of the original dialogue, as the bed was made for it; the bed is not
// touched.
func (p *Parts) MixDub(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	premix, err := load[contract.Premix](ctx, p, w.Doc(contract.StagePremix))
	if err != nil {
		return contract.Made{}, err
	}
	takes, err := load[script.Takes](ctx, p, premix.Takes)
	if err != nil {
		return contract.Made{}, err
	}
	dir, _, done, err := p.desk(ctx, 0)
	if err != nil {
		return contract.Made{}, err
	}
	defer done()
	paths := map[string]string{}
	for name, b := range map[string]script.Blob{"dialogue.wav": premix.Dialogue, "bed.wav": premix.Bed, "original.wav": in.Original} {
		if paths[name], err = p.fetch(ctx, b, dir, name); err != nil {
			return contract.Made{}, err
		}
	}
	original, err := p.Media.DialogueLoudness(ctx, paths["original.wav"], spansOfTakes(takes, in.Cut.Duration()))
	if err != nil {
		return contract.Made{}, err
	}
	spec := media.MixSpec{Dialogue: paths["dialogue.wav"], Bed: paths["bed.wav"], Kind: media.Bed(premix.BedKind)}
	if !original.Silent {
		spec.TargetLUFS = original.IntegratedLUFS
	}
	path := filepath.Join(dir, "mix.wav")
	report, err := p.Media.Mix(ctx, spec, path)
	if err != nil {
		return contract.Made{}, err
	}
	out := contract.Mix{
		Takes: premix.Takes, Dialogue: premix.Dialogue, Bed: premix.Bed, BedKind: premix.BedKind,
		LUFS: report.Dialogue.IntegratedLUFS, PeakDBTP: report.Mix.TruePeakDBTP, GainDB: report.GainDB,
	}
	if out.Mix, err = p.keep(ctx, path, "audio/wav"); err != nil {
		return contract.Made{}, err
	}
	doc, err := p.save(ctx, out)
	return contract.Made{Doc: doc, Items: 1}, err
}

func spansOfTakes(takes script.Takes, end time.Duration) []media.Span {
	var spans []media.Span
	for _, t := range takes.Takes {
		spans = append(spans, media.Span{Start: t.Start, End: min(t.Start+t.Duration, end)})
	}
	return spans
}
