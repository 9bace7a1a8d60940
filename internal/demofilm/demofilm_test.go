package demofilm_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/demofilm"
	"github.com/babelreel/babelreel/media"
)

// hummer is an engine that hums for speech and leaves mouths as they are. What
// it does not do is left to the nil interface.
type hummer struct {
	engine.Engine
	faces  int // face frames it reports
	voices []string
	shots  [][]engine.Phoneme
}

func (*hummer) Models(context.Context) ([]engine.Model, error) {
	return []engine.Model{
		{ID: "ears", Capability: engine.CanTranscribe},
		{ID: "hum", Capability: engine.CanSpeak, Voices: []engine.Voice{
			{ID: "pf_dora", Language: "pt-BR", Gender: "f"}, {ID: "am_other", Language: "en-US", Gender: "m"}, {ID: "af_heart", Language: "en-US", Gender: "f"},
		}},
		{ID: "mouth", Capability: engine.CanLipSync},
	}, nil
}

const hum = 500 * time.Millisecond

func (h *hummer) Speak(_ context.Context, r engine.SpeakRequest) (engine.Spoken, error) {
	h.voices = append(h.voices, r.Voice)
	le, n := binary.LittleEndian, int(24000*hum/time.Second)
	b := le.AppendUint32([]byte("RIFF"), uint32(36+2*n))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = append(b, 1, 0, 1, 0)
	b = le.AppendUint32(le.AppendUint32(b, 24000), 48000)
	b = le.AppendUint32(append(b, 2, 0, 16, 0, 'd', 'a', 't', 'a'), uint32(2*n))
	for i := range n {
		b = le.AppendUint16(b, uint16(int16(9000*math.Sin(2*math.Pi*220*float64(i)/24000))))
	}
	return engine.Spoken{
		WAV: b, Duration: hum, Natural: hum,
		Phonemes: []engine.Phoneme{{Symbol: "m", Start: 50 * time.Millisecond, End: 450 * time.Millisecond}},
	}, nil
}

func (h *hummer) LipSync(_ context.Context, r engine.LipSyncRequest) (engine.LipSyncReport, error) {
	h.shots = append(h.shots, r.Phonemes)
	in, err := os.Open(r.Path)
	if err != nil {
		return engine.LipSyncReport{}, err
	}
	defer in.Close()
	out, err := os.Create(r.Out)
	if err != nil {
		return engine.LipSyncReport{}, err
	}
	_, err = io.Copy(out, in)
	return engine.LipSyncReport{FaceFrames: h.faces}, err
}

// portrait is a picture with some detail, not of anybody.
func portrait(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 256, 256))
	for y := range 256 {
		for x := range 256 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	path := filepath.Join(t.TempDir(), "portrait.png")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path
}

func TestMakeTellsTheTruth(t *testing.T) {
	tools, err := media.Find()
	require.NoError(t, err)
	h, face := &hummer{faces: 1}, portrait(t)
	out, again := filepath.Join(t.TempDir(), "demo.mp4"), filepath.Join(t.TempDir(), "again.mp4")

	require.NoError(t, demofilm.MakeSmall(t.Context(), tools, h, face, out))
	require.NoError(t, demofilm.MakeSmall(t.Context(), tools, h, face, again))

	var truth demofilm.Truth
	require.NoError(t, json.Unmarshal(read(t, out+".script.json"), &truth))
	info, err := tools.Probe(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, truth.Frames, info.Video.Frames)
	require.Equal(t, truth.Rate, info.Video.Rate)
	require.Equal(t, []int{320, 180}, []int{info.Video.Width, info.Video.Height})
	require.Len(t, info.Audio, 1)
	require.Equal(t, []any{"aac", "eng", "English", 2}, []any{info.Audio[0].Codec, info.Audio[0].Language, info.Audio[0].Title, info.Audio[0].Channels})

	cuts, err := tools.Shots(t.Context(), out)
	require.NoError(t, err)
	require.Equal(t, []int64{truth.Shots[1].First, truth.Shots[2].First}, cuts)
	require.Len(t, truth.Lines, 8)
	for _, l := range truth.Lines {
		require.Equal(t, 400*time.Millisecond, l.End-l.Start, "from the first sound to the last")
	}
	film, err := tools.Loudness(t.Context(), out)
	require.NoError(t, err)
	music, err := tools.Loudness(t.Context(), out+".me.wav")
	require.NoError(t, err)
	require.InDelta(t, -25, film.IntegratedLUFS, 1)
	require.InDelta(t, -44, music.IntegratedLUFS, 1)

	require.Equal(t, []string{"af_heart", "af_heart", "af_heart", "am_other", "am_other"}, h.voices[:5], "a missing voice is replaced by one of its gender")
	require.Len(t, h.shots, 4, "the narrator's shot is not sent")
	require.Len(t, h.shots[1], 3)
	require.Equal(t, truth.Lines[5].Start-truth.Rate.TimeOf(truth.Shots[2].First), h.shots[1][0].Start, "times in the shot")
	require.Equal(t, read(t, out), read(t, again), "the same bytes")
	hidden, err := filepath.Glob(filepath.Join(filepath.Dir(out), ".*"))
	require.NoError(t, err)
	require.Empty(t, hidden)
}

func TestMakeRefuses(t *testing.T) {
	tools, err := media.Find()
	require.NoError(t, err)
	text := filepath.Join(t.TempDir(), "a.png")
	require.NoError(t, os.WriteFile(text, []byte("no picture"), 0o600))
	tests := map[string]struct {
		portrait string
		engine   engine.Engine
		kind     fault.Kind
		says     string
	}{
		"a portrait that is not there": {"gone.png", &hummer{}, fault.Missing, "no portrait gone.png"},
		"a portrait that is none":      {text, &hummer{}, fault.Invalid, "no PNG or JPEG"},
		"a portrait without a face":    {portrait(t), &hummer{}, fault.Invalid, "no face"},
		"an engine without a voice":    {portrait(t), mute{}, fault.Missing, "must speak English"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "demo.mp4")

			err := demofilm.MakeSmall(t.Context(), tools, tt.engine, tt.portrait, out)

			require.Equal(t, tt.kind, fault.Of(err))
			require.ErrorContains(t, err, tt.says)
			left, globbed := filepath.Glob(filepath.Join(filepath.Dir(out), "*"))
			require.NoError(t, globbed)
			require.Empty(t, left)
		})
	}
}

// mute is an engine without models.
type mute struct{ engine.Engine }

func (mute) Models(context.Context) ([]engine.Model, error) { return nil, nil }

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

func BenchmarkDawn(b *testing.B) {
	out := make([]byte, demofilm.FrameBytes)
	for b.Loop() {
		demofilm.DrawDawn(out)
	}
}

func BenchmarkCamera(b *testing.B) {
	out, shoot := make([]byte, demofilm.FrameBytes), demofilm.NewCamera(image.NewRGBA(image.Rect(0, 0, 512, 512)))
	for b.Loop() {
		shoot(out)
	}
}
