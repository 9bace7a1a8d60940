// Package demofilm makes the film that the demo localizes: half a minute in
// which a talking portrait and a narrator say eight lines in English, with
// synthetic voices, over quiet music. All of it is made on the spot from one
// portrait, so it may be shown to anybody, and what is truly said in it is known.
//
// It reads no clock and no randomness: the same portrait and engine give the same
// bytes on one kind of processor.
package demofilm

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/media"
)

const op = "demo film"

// The loudness of the film: speech near what broadcasters ask for, music well below.
const (
	speechLUFS = -25
	musicLUFS  = speechLUFS - 19
)

// Make writes the film to out, an MP4; beside it, what is said in it as a Truth
// in out.script.json, and the music alone in out.me.wav, as a client's M&E.
//
// portrait is a PNG or JPEG of a face looking at the camera, at least 256 pixels
// wide. The engine must speak English and lip-sync; one that finds no face in the
// portrait makes it fault.Invalid.
func Make(ctx context.Context, tools *media.Tools, e engine.Engine, portrait, out string) error {
	return produce(ctx, tools, e, portrait, out, hd)
}

// produce is Make at any size.
func produce(ctx context.Context, tools *media.Tools, e engine.Engine, portrait, out string, size canvas) error {
	face, err := readPortrait(portrait)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(out), ".demofilm.*")
	if err != nil {
		return fault.New(fault.Broken, op, "no room to work in: %w", err)
	}
	defer os.RemoveAll(dir)
	m := &maker{tools: tools, engine: e, dir: dir, canvas: size, camera: newCamera(face, size)}
	if err := m.choose(ctx); err != nil {
		return err
	}
	if err := m.speak(ctx); err != nil {
		return err
	}
	picture, err := m.shoot(ctx)
	if err != nil {
		return err
	}
	sound, err := m.score(ctx, out+".me.wav")
	if err != nil {
		return err
	}
	if _, err := tools.Mux(ctx, media.MuxSpec{
		Video: picture, Out: out,
		Audio: []media.AudioTrack{{Path: sound, Language: "en", Title: "English", Default: true}},
	}); err != nil {
		return err
	}
	return writeTruth(out+".script.json", m.truth)
}

// maker holds one film in the making.
type maker struct {
	tools  *media.Tools
	engine engine.Engine
	dir    string
	canvas canvas
	camera *camera

	speech, lipsync engine.Model
	truth           Truth
	phonemes        []engine.Phoneme // of the whole film
	places          []media.Placement
}

// choose picks the models.
func (m *maker) choose(ctx context.Context) error {
	models, err := m.engine.Models(ctx)
	if err != nil {
		return err
	}
	for _, model := range models {
		switch {
		case model.Capability == engine.CanSpeak && m.speech.ID == "" && englishVoice(model, engine.Voice{}) != "":
			m.speech = model
		case model.Capability == engine.CanLipSync && m.lipsync.ID == "":
			m.lipsync = model
		}
	}
	if m.speech.ID == "" || m.lipsync.ID == "" {
		return fault.New(fault.Missing, op, "the engine must speak English and lip-sync: start one that has both")
	}
	return nil
}

// englishVoice is the voice wished for, or the first English one of its gender,
// or the first English one; "" where there is none.
func englishVoice(model engine.Model, wish engine.Voice) string {
	best, rank := "", 0
	for _, v := range model.Voices {
		if v.Language != "en" && !strings.HasPrefix(v.Language, "en-") {
			continue
		}
		r := 1
		if v.Gender == wish.Gender {
			r = 2
		}
		if v.ID == wish.ID {
			r = 3
		}
		if r > rank {
			best, rank = v.ID, r
		}
	}
	return best
}

// speak has every line spoken and lays out the film around them.
func (m *maker) speak(ctx context.Context) error {
	m.truth = Truth{Language: "en", Rate: rate}
	at := int64(0)
	for _, s := range scenes {
		first := at
		at += lead
		for _, text := range s.lines {
			n := len(m.truth.Lines) + 1
			spoken, err := m.engine.Speak(ctx, engine.SpeakRequest{
				Model: m.speech.ID, Voice: englishVoice(m.speech, voices[s.character]), Language: "en", Text: text,
				Key: fmt.Sprintf("demo-film-%d", n),
			})
			if err != nil {
				return err
			}
			path := filepath.Join(m.dir, fmt.Sprintf("line-%d.wav", n))
			if err := os.WriteFile(path, spoken.WAV, 0o600); err != nil {
				return fault.New(fault.Broken, op, "%w", err)
			}
			start := rate.TimeOf(at)
			m.places = append(m.places, media.Placement{Path: path, Start: start})
			line := Line{
				ID: fmt.Sprintf("d%d", n), Character: s.character, OnScreen: s.framing != dawn, Text: text,
				Start: start, End: start + spoken.Duration,
			}
			if n := len(spoken.Phonemes); n > 0 {
				line.Start, line.End = start+spoken.Phonemes[0].Start, start+spoken.Phonemes[n-1].End
			}
			m.truth.Lines = append(m.truth.Lines, line)
			if s.framing != dawn {
				for _, p := range spoken.Phonemes {
					m.phonemes = append(m.phonemes, engine.Phoneme{Symbol: p.Symbol, Start: start + p.Start, End: start + p.End})
				}
			}
			at += framesOf(spoken.Duration) + pause
		}
		at += trail
		m.truth.Shots = append(m.truth.Shots, Shot{First: first, Frames: at - first, Face: s.framing != dawn})
	}
	m.truth.Frames = at
	return nil
}

// shoot draws the shots, moves the mouth in those that show it, and joins them.
func (m *maker) shoot(ctx context.Context) (string, error) {
	var pieces []string
	for i, shot := range m.truth.Shots {
		piece := filepath.Join(m.dir, fmt.Sprintf("shot-%d.mkv", i))
		drawn := media.Drawn{Width: m.canvas.width, Height: m.canvas.height, Rate: rate, Frames: shot.Frames}
		if err := m.tools.EncodeFrames(ctx, drawn, func(w io.Writer) error {
			if !shot.Face {
				return filmDawn(w, m.canvas, shot.Frames)
			}
			return m.camera.film(w, scenes[i].framing, shot.Frames)
		}, piece); err != nil {
			return "", err
		}
		if shot.Face {
			talking, err := m.talk(ctx, i, piece)
			if err != nil {
				return "", err
			}
			piece = talking
		}
		pieces = append(pieces, piece)
	}
	spec := media.JoinSpec{
		Source: media.Video{
			Width: m.canvas.width, Height: m.canvas.height, SampleAspect: "1:1", Rate: rate,
			Color: media.Color{Range: "tv", Space: "bt709", Primaries: "bt709", Transfer: "bt709"},
		},
		Frames: m.truth.Frames, Threads: 1,
	}
	picture := filepath.Join(m.dir, "picture.mp4")
	return picture, m.tools.JoinShots(ctx, pieces, spec, picture)
}

// talk has the mouth of shot i moved.
func (m *maker) talk(ctx context.Context, i int, piece string) (string, error) {
	shot, talking := m.truth.Shots[i], filepath.Join(m.dir, fmt.Sprintf("talking-%d.mkv", i))
	start, end := rate.TimeOf(shot.First), rate.TimeOf(shot.First+shot.Frames)
	var said []engine.Phoneme
	for _, p := range m.phonemes {
		if p.Start >= start && p.End <= end {
			said = append(said, engine.Phoneme{Symbol: p.Symbol, Start: p.Start - start, End: p.End - start})
		}
	}
	report, err := m.engine.LipSync(ctx, engine.LipSyncRequest{
		Model: m.lipsync.ID, Path: piece, Phonemes: said, Out: talking, Key: fmt.Sprintf("demo-film-shot-%d", i),
	})
	if err != nil {
		return "", err
	}
	if report.FaceFrames == 0 {
		return "", fault.New(fault.Invalid, op, "no face is found in the portrait: choose one that looks at the camera")
	}
	return talking, nil
}

// score writes the music to me and returns the mix of speech and music.
func (m *maker) score(ctx context.Context, me string) (string, error) {
	samples := media.Samples(m.truth.Frames, rate)
	dialogue, raw, mix := filepath.Join(m.dir, "dialogue.wav"), filepath.Join(m.dir, "music.wav"), filepath.Join(m.dir, "mix.wav")
	if _, err := m.tools.PlaceLines(ctx, m.places, samples, dialogue); err != nil {
		return "", err
	}
	if err := writeMusic(raw, samples, 0); err != nil {
		return "", err
	}
	loudness, err := m.tools.Loudness(ctx, raw)
	if err != nil {
		return "", err
	}
	levelled := filepath.Join(m.dir, "me.wav")
	if err := writeMusic(levelled, samples, musicLUFS-loudness.IntegratedLUFS); err != nil {
		return "", err
	}
	if err := os.Rename(levelled, me); err != nil {
		return "", fault.New(fault.Broken, op, "%w", err)
	}
	_, err = m.tools.Mix(ctx, media.MixSpec{Dialogue: dialogue, Bed: me, Kind: media.SuppliedME, TargetLUFS: speechLUFS}, mix)
	return mix, err
}
