package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/store"
)

// shot is a stretch of picture with the sounds that mouths make in it.
type shot struct {
	first, frames int64
	phonemes      []engine.Phoneme // times in the shot
}

func (s shot) id() string { return fmt.Sprintf("shot %d-%d", s.first, s.first+s.frames-1) }

// synced is the stored result of one shot.
type synced struct {
	Video  script.Blob          `json:"video"`
	Report engine.LipSyncReport `json:"report"`
}

func shotKey(w contract.Work, master string, s shot) (string, error) {
	phonemes, err := json.Marshal(s.phonemes)
	if err != nil {
		return "", fault.New(fault.Broken, "lip-sync", "encode: %w", err)
	}
	return script.Key("lipsync", w.Model.Fingerprint, master, strconv.FormatInt(s.first, 10), strconv.FormatInt(s.frames, 10), string(phonemes)), nil
}

// shotsOf lists the shots of the picture with the sounds of the lines whose
// speaker may be seen. A line marked off screen moves no mouth.
func (p *Parts) shotsOf(ctx context.Context, w contract.Work) (contract.Ingested, []shot, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return in, nil, err
	}
	cuts, err := load[contract.Shots](ctx, p, w.Doc(contract.StageShots))
	if err != nil {
		return in, nil, err
	}
	dub, err := p.dubOf(ctx, w)
	if err != nil {
		return in, nil, err
	}
	visible := map[string]bool{}
	for _, l := range dub.script.Lines {
		visible[l.Event] = l.Presence != script.OffScreen
	}
	var shots []shot
	for i, first := range cuts.Starts {
		end := cuts.Frames
		if i+1 < len(cuts.Starts) {
			end = cuts.Starts[i+1]
		}
		s := shot{first: first, frames: end - first}
		from, to := in.Cut.Rate.TimeOf(first), in.Cut.Rate.TimeOf(end)
		for _, t := range dub.takes.Takes {
			if visible[t.Event] {
				s.phonemes = append(s.phonemes, within(t, from, to)...)
			}
		}
		shots = append(shots, s)
	}
	return in, shots, nil
}

// within is the sounds of a take that fall into a shot, in the shot's time.
func within(t script.Take, from, to time.Duration) []engine.Phoneme {
	var in []engine.Phoneme
	for _, ph := range t.Phonemes {
		start, end := max(t.Start+ph.Start, from), min(t.Start+ph.End, to)
		if start < end {
			in = append(in, engine.Phoneme{Symbol: ph.Symbol, Start: start - from, End: end - from})
		}
	}
	return in
}

// SyncLips moves the mouths in a batch of shots, each stored under its own key.
// Shots in which nobody speaks are left alone.
func (p *Parts) SyncLips(ctx context.Context, w contract.Work) (contract.Batch, error) {
	in, shots, err := p.shotsOf(ctx, w)
	if err != nil {
		return contract.Batch{}, err
	}
	e, err := p.engineFor(ctx, w.Model)
	if err != nil {
		return contract.Batch{}, err
	}
	var spoken []shot
	for _, s := range slice(shots, w.First, w.Count) {
		if len(s.phonemes) > 0 {
			spoken = append(spoken, s)
		}
	}
	step, stop := pulse(ctx, len(spoken))
	defer stop()
	return each(ctx, spoken, step, func(ctx context.Context, s shot) (string, bool, error) {
		key, err := shotKey(w, in.Master.SHA256, s)
		if err != nil {
			return s.id(), false, err
		}
		_, reused, err := p.pay(ctx, w.Job, "lipsync", key, w.Model, func(ctx context.Context) (store.Result, error) {
			return p.syncShot(ctx, w, e, in.Master, s, key)
		})
		return s.id(), reused, err
	})
}

func (p *Parts) syncShot(ctx context.Context, w contract.Work, e engine.LipSyncer, master script.Blob, s shot, key string) (store.Result, error) {
	dir, done, err := p.room()
	if err != nil {
		return store.Result{}, err
	}
	defer done()
	path, err := p.fetch(ctx, master, dir, "master")
	if err != nil {
		return store.Result{}, err
	}
	cut, moved := filepath.Join(dir, "shot.mkv"), filepath.Join(dir, "synced.mkv")
	if err := p.Media.CutShot(ctx, path, s.first, s.frames, cut); err != nil {
		return store.Result{}, err
	}
	report, err := e.LipSync(ctx, engine.LipSyncRequest{Model: w.Model.ID, Path: cut, Phonemes: s.phonemes, Out: moved, Key: key})
	if err != nil {
		return store.Result{}, err
	}
	if int64(report.Frames) != s.frames {
		return store.Result{}, fault.New(fault.Broken, "lip-sync", "%d frames came back for %d", report.Frames, s.frames)
	}
	video, err := p.keep(ctx, moved, "video/x-matroska")
	if err != nil {
		return store.Result{}, err
	}
	return resultOf(synced{video, report}, []string{video.SHA256}, float64(s.frames), "frame")
}

// AssemblePicture joins the shots, moved or as they were, to the lip-synced
// rendition of the whole picture.
func (p *Parts) AssemblePicture(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, shots, err := p.shotsOf(ctx, w)
	if err != nil {
		return contract.Made{}, err
	}
	dir, step, done, err := p.desk(ctx, len(shots))
	if err != nil {
		return contract.Made{}, err
	}
	defer done()
	master, err := p.fetch(ctx, in.Master, dir, "master")
	if err != nil {
		return contract.Made{}, err
	}
	out := contract.Picture{Grade: w.Model.Grade, OutsideIdentical: true}
	var pieces []string
	for i, s := range shots {
		piece := filepath.Join(dir, fmt.Sprintf("shot-%05d.mkv", i))
		r, ok, err := p.syncedShot(ctx, w, in.Master.SHA256, s)
		switch {
		case err != nil:
			return contract.Made{}, err
		case ok:
			err = p.Blobs.Fetch(ctx, r.Video.SHA256, piece)
			count(&out, r.Report)
		case len(s.phonemes) > 0:
			out.Missing = append(out.Missing, failureOf(w.Failures, s.id()))
			fallthrough
		default:
			err = p.Media.CutShot(ctx, master, s.first, s.frames, piece)
		}
		if err != nil {
			return contract.Made{}, err
		}
		pieces = append(pieces, piece)
		step(i + 1)
	}
	info, err := p.Media.Probe(ctx, master)
	if err != nil {
		return contract.Made{}, err
	}
	video := filepath.Join(dir, "picture.mp4")
	if err := p.Media.JoinShots(ctx, pieces, media.JoinSpec{Source: *info.Video, Frames: in.Cut.Frames}, video); err != nil {
		return contract.Made{}, err
	}
	if out.Video, err = p.keep(ctx, video, "video/mp4"); err != nil {
		return contract.Made{}, err
	}
	doc, err := p.save(ctx, out)
	labels := append(gradeLabels("lip-sync", w.Model), "synthetic picture: mouths moved by "+w.Model.ID)
	return contract.Made{Doc: doc, Items: len(shots), Labels: labels}, err
}

// syncedShot is the stored result of a shot in which somebody speaks.
func (p *Parts) syncedShot(ctx context.Context, w contract.Work, master string, s shot) (synced, bool, error) {
	if len(s.phonemes) == 0 {
		return synced{}, false, nil
	}
	key, err := shotKey(w, master, s)
	if err != nil {
		return synced{}, false, err
	}
	r, ok, err := p.Records.Result(ctx, key)
	if err != nil || !ok {
		return synced{}, false, err
	}
	out, err := madeOf[synced](r)
	return out, true, err
}

func count(out *contract.Picture, r engine.LipSyncReport) {
	out.Shots++
	out.FaceFrames += r.FaceFrames
	out.ChangedFrames += r.ChangedFrames
	out.Closures += r.Closures
	out.ClosuresHit += r.ClosuresHit
	out.OutsideIdentical = out.OutsideIdentical && r.OutsideIdentical
}
