package activities

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/media"
)

const opIngest = "ingest"

// shortest is the shortest programme that is worked on: less holds no line.
const shortest = time.Second

// Ingest takes the client's master into the store, proves that all of it
// decodes, and takes from it the sound in the forms that later stages need. A
// file that cannot be localized is fault.Invalid, with the cause and the remedy.
func (p *Parts) Ingest(ctx context.Context, in contract.IngestIn) (contract.Made, error) {
	_, stop := pulse(ctx, 0)
	defer stop()
	source := strings.TrimPrefix(in.Source, "file://")
	info, track, err := p.inspect(ctx, source)
	if err != nil {
		return contract.Made{}, err
	}
	if in.ConstantRate && info.Video.VariableRate {
		return contract.Made{}, fault.New(fault.Invalid, opIngest, "%s has a variable frame rate, which cannot be lip-synced; conform it to a constant one, or leave lipsync out", filepath.Base(source))
	}
	dir, done, err := p.room()
	if err != nil {
		return contract.Made{}, err
	}
	defer done()

	out := contract.Ingested{Name: filepath.Base(source), Width: info.Video.Width, Height: info.Video.Height}
	if out.Master, err = p.keep(ctx, source, "video/"+info.Container); err != nil {
		return contract.Made{}, err
	}
	out.Cut = script.Cut{
		ID: out.Master.SHA256, Rate: info.Video.Rate, StartTC: info.Video.StartTC, Frames: info.Video.Frames, Channels: info.Audio[track].Channels,
	}
	if out.Cut.StartTC == "" {
		out.Cut.StartTC = "00:00:00:00"
	}
	if in.MusicEffects != "" {
		if out.MusicEffects, err = p.musicEffects(ctx, in.MusicEffects, out.Cut, dir); err != nil {
			return contract.Made{}, err
		}
	}
	samples := media.Samples(out.Cut.Frames, out.Cut.Rate)
	original := filepath.Join(dir, "original.wav")
	if err := p.Media.ExtractProgramAudio(ctx, source, track, samples, original); err != nil {
		return contract.Made{}, err
	}
	if out.Original, err = p.keep(ctx, original, "audio/wav"); err != nil {
		return contract.Made{}, err
	}
	speech := filepath.Join(dir, "speech.wav")
	if err := p.Media.ExtractSpeechAudio(ctx, original, 0, speech); err != nil {
		return contract.Made{}, err
	}
	if out.Speech, err = p.keep(ctx, speech, "audio/wav"); err != nil {
		return contract.Made{}, err
	}
	loudness, err := p.Media.Loudness(ctx, original)
	if err != nil {
		return contract.Made{}, err
	}
	out.LUFS = loudness.IntegratedLUFS
	doc, err := p.save(ctx, out)
	made := contract.Made{Doc: doc, Items: 1}
	if info.Video.VariableRate {
		made.Labels = []string{"variable frame rate: times are exact, frame numbers are not"}
	}
	return made, err
}

// inspect refuses what cannot be localized, and picks the programme's sound.
func (p *Parts) inspect(ctx context.Context, source string) (media.Info, int, error) {
	stat, err := os.Stat(source)
	switch {
	case err != nil:
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "the media worker cannot see the file: %w; check the path, or put it on storage that the worker shares", err)
	case stat.IsDir():
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "%s is a folder; name the master file", filepath.Base(source))
	case p.MaxBytes > 0 && stat.Size() > p.MaxBytes:
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "%s has %d bytes, the limit is %d; an operator may raise limits.max-media-bytes", filepath.Base(source), stat.Size(), p.MaxBytes)
	}
	info, err := p.Media.Probe(ctx, source)
	if err != nil {
		return media.Info{}, 0, err
	}
	switch {
	case info.Video == nil:
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "%s has no picture; send the programme with its picture", filepath.Base(source))
	case len(info.Audio) == 0:
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "%s has no sound, so there is nothing to localize; send the programme with its sound", filepath.Base(source))
	case p.MaxTime > 0 && info.Duration > p.MaxTime:
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "%s runs %s, the limit is %s; an operator may raise limits.max-duration", filepath.Base(source), info.Duration, p.MaxTime)
	case info.Duration < shortest:
		return media.Info{}, 0, fault.New(fault.Invalid, opIngest, "%s runs %s, shorter than %s; is it the whole programme?", filepath.Base(source), info.Duration, shortest)
	}
	track := max(0, slices.IndexFunc(info.Audio, func(a media.Audio) bool { return a.Default }))
	return info, track, p.Media.CheckDecodes(ctx, source)
}

// musicEffects takes in the client's M&E, which must be as long as the picture.
func (p *Parts) musicEffects(ctx context.Context, source string, cut script.Cut, dir string) (script.Blob, error) {
	source = strings.TrimPrefix(source, "file://")
	info, err := p.Media.Probe(ctx, source)
	if err != nil {
		return script.Blob{}, err
	}
	if len(info.Audio) == 0 {
		return script.Blob{}, fault.New(fault.Invalid, opIngest, "%s has no sound; send the M&E as an audio file", filepath.Base(source))
	}
	if off := info.Duration - cut.Duration(); off > cut.Rate.Frame() || off < -cut.Rate.Frame() {
		return script.Blob{}, fault.New(fault.Invalid, opIngest, "the M&E runs %s and the picture %s; send the M&E of this cut", info.Duration, cut.Duration())
	}
	path := filepath.Join(dir, "me.wav")
	if err := p.Media.ExtractProgramAudio(ctx, source, 0, media.Samples(cut.Frames, cut.Rate), path); err != nil {
		return script.Blob{}, err
	}
	return p.keep(ctx, path, "audio/wav")
}

// FindShots finds where shots begin. Items counts them.
func (p *Parts) FindShots(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	dir, _, done, err := p.desk(ctx, 0)
	if err != nil {
		return contract.Made{}, err
	}
	defer done()
	master, err := p.fetch(ctx, in.Master, dir, "master")
	if err != nil {
		return contract.Made{}, err
	}
	cuts, err := p.Media.Shots(ctx, master)
	if err != nil {
		return contract.Made{}, err
	}
	shots := contract.Shots{Starts: append([]int64{0}, cuts...), Frames: in.Cut.Frames}
	doc, err := p.save(ctx, shots)
	return contract.Made{Doc: doc, Items: len(shots.Starts)}, err
}
