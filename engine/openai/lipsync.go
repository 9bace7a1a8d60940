package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

// LipSync moves the mouth in one shot and writes the picture to r.Out, whole or
// not at all.
func (c *Client) LipSync(ctx context.Context, r engine.LipSyncRequest) (engine.LipSyncReport, error) {
	const op = "lip-sync"
	track := make([]phoneme, len(r.Phonemes)) // "[]" and not "null" where there are none
	for i, p := range r.Phonemes {
		track[i] = phoneme{p.Symbol, seconds(p.Start), seconds(p.End)}
	}
	phonemes, err := json.Marshal(track)
	if err != nil {
		return engine.LipSyncReport{}, fault.New(fault.Invalid, name(op), "%w", err)
	}
	q, f, err := upload(op, "/v1/video/lipsync", r.Path, [][2]string{{"model", r.Model}, {"phonemes", string(phonemes)}})
	if err != nil {
		return engine.LipSyncReport{}, err
	}
	defer func() { _ = f.Close() }()
	q.key = r.Key

	resp, err := c.send(ctx, q)
	if err != nil {
		return engine.LipSyncReport{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	report, err := checked(op, resp.Header.Get("X-Lipsync-Report"))
	if err != nil {
		return engine.LipSyncReport{}, err
	}
	return report, keep(ctx, op, resp.Body, r.Out)
}

// checked reads a report and holds its figures against each other.
func checked(op, header string) (engine.LipSyncReport, error) {
	var r engine.LipSyncReport
	if err := json.Unmarshal([]byte(header), &r); err != nil {
		return r, broken(op, "the report of the engine cannot be read: %w", err)
	}
	sound := r.Frames > 0 && within(r.FaceFrames, r.Frames) && within(r.ChangedFrames, r.FaceFrames) && within(r.ClosuresHit, r.Closures)
	switch r.Grade {
	case engine.Production, engine.Draft, engine.Preview:
	default:
		sound = false
	}
	if !sound {
		return r, broken(op, "the report of the engine contradicts itself: %+v", r)
	}
	return r, nil
}

func within(part, all int) bool { return part >= 0 && part <= all }

// keep writes the picture to a file beside out and renames it when it is whole
// and on disk.
func keep(ctx context.Context, op string, picture io.Reader, out string) error {
	tmp, err := os.CreateTemp(filepath.Dir(out), ".lipsync-*")
	if err != nil {
		return broken(op, "cannot write the picture: %w", err)
	}
	defer func() {
		_ = tmp.Close()
		_ = os.Remove(tmp.Name()) // after the rename there is none
	}()

	head := make([]byte, 12)
	if _, err := io.ReadFull(picture, head); err != nil {
		return cut(ctx, op, err)
	}
	if !video(head) {
		return broken(op, "the answer is not a video")
	}
	n, err := io.Copy(tmp, io.MultiReader(bytes.NewReader(head), io.LimitReader(picture, maxVideo)))
	switch full, ok := errors.AsType[*fs.PathError](err); {
	case ok:
		return broken(op, "cannot write the picture: %w", full)
	case err != nil:
		return cut(ctx, op, err)
	case n >= maxVideo:
		return broken(op, "the picture is longer than %d bytes", int64(maxVideo))
	}
	if err := tmp.Chmod(0o644); err != nil {
		return broken(op, "cannot write the picture: %w", err)
	}
	if err := tmp.Sync(); err != nil {
		return broken(op, "cannot write the picture: %w", err)
	}
	if err := os.Rename(tmp.Name(), out); err != nil {
		return broken(op, "cannot write the picture: %w", err)
	}
	return nil
}

// video reports whether a file starts as Matroska or MP4 does.
func video(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0x1A, 0x45, 0xDF, 0xA3}) || bytes.Equal(head[4:8], []byte("ftyp"))
}
