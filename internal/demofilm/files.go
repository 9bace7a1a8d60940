package demofilm

import (
	"encoding/json"
	"errors"
	"image"
	_ "image/jpeg" // a portrait may be JPEG
	_ "image/png"  // or PNG
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/media/wav"
)

// The widths of a portrait that are taken: a smaller one has no mouth to move, a
// larger one only costs memory.
const (
	minPortrait = 256
	maxPortrait = 8192
)

func readPortrait(path string) (image.Image, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Missing, op, "there is no portrait %s", filepath.Base(path))
	}
	if err != nil {
		return nil, fault.New(fault.Denied, op, "the portrait cannot be opened: %w", err)
	}
	defer f.Close()
	size, _, err := image.DecodeConfig(f)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, "%s is no PNG or JPEG: choose another portrait: %w", filepath.Base(path), err)
	}
	if min(size.Width, size.Height) < minPortrait || max(size.Width, size.Height) > maxPortrait {
		return nil, fault.New(fault.Invalid, op, "the portrait has %dx%d pixels, want %d to %d on both sides", size.Width, size.Height, minPortrait, maxPortrait)
	}
	if _, err := f.Seek(0, 0); err != nil {
		return nil, fault.New(fault.Broken, op, "%w", err)
	}
	picture, _, err := image.Decode(f)
	if err != nil {
		return nil, fault.New(fault.Invalid, op, "%s is damaged: choose another portrait: %w", filepath.Base(path), err)
	}
	return picture, nil
}

// writeMusic writes the music with so much gain.
func writeMusic(path string, samples int64, gainDB float64) error {
	w, err := wav.Create(path, wav.Format{Rate: media.Rate, Channels: 2, Encoding: wav.F32})
	if err != nil {
		return fault.New(fault.Broken, op, "%w", err)
	}
	if err := errors.Join(music(w, samples, 0.1*math.Pow(10, gainDB/20)), w.Close()); err != nil {
		return fault.New(fault.Broken, op, "%w", err)
	}
	return nil
}

// writeTruth writes t, complete or not at all.
func writeTruth(path string, t Truth) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fault.New(fault.Broken, op, "%w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".truth.*")
	if err != nil {
		return fault.New(fault.Broken, op, "%w", err)
	}
	defer os.Remove(f.Name()) // gone already where all went well
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fault.New(fault.Broken, op, "%w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fault.New(fault.Broken, op, "%w", err)
	}
	return nil
}
