package activities_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/media"
)

// tone writes a WAV of a length in seconds.
func tone(t *testing.T, seconds string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "tone.wav")
	ffmpeg(t, "-f", "lavfi", "-i", "sine=f=330:r=48000:d="+seconds, "-ac", "2", out)
	return out
}

// The documents of a master hold its frames and its sound to the sample, also
// at a rate that no clock divides and with sound shorter than the picture.
func TestIngest(t *testing.T) {
	t.Parallel()

	s := newStudio(t, simengine.Options{})
	master := filepath.Join(t.TempDir(), "master.mp4")
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=160x90:r=24000/1001", "-i", tone(t, "2"),
		"-frames:v", "61", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", master)
	in := contract.IngestIn{Job: "film-7", Source: "file://" + master, MusicEffects: tone(t, "2.55")}

	made, err := do(contract.Ingest, s.Ingest, in)
	require.NoError(t, err)
	again, err := do(contract.Ingest, s.Ingest, in)
	require.NoError(t, err)

	got := document[contract.Ingested](s, made.Doc)
	rate := script.Rate{Num: 24000, Den: 1001}
	require.Equal(t, script.Cut{ID: got.Master.SHA256, Rate: rate, StartTC: "00:00:00:00", Frames: 61, Channels: 2}, got.Cut)
	require.Equal(t, []any{"master.mp4", 160, 90}, []any{got.Name, got.Width, got.Height})
	content, err := os.ReadFile(master)
	require.NoError(t, err)
	require.Equal(t, content, s.bytes(got.Master))
	original, effects, speech := s.sound(got.Original), s.sound(got.MusicEffects), s.sound(got.Speech)
	require.Equal(t, media.Samples(61, rate), original.Frames)
	require.Equal(t, media.Samples(61, rate), effects.Frames)
	require.Equal(t, []int{48000, 2, 48000, 2, 16000, 1}, []int{original.Rate, original.Channels, effects.Rate, effects.Channels, speech.Rate, speech.Channels})
	require.InDelta(t, original.Frames/3, speech.Frames, 1)
	require.Less(t, got.LUFS, -5.0)
	require.Equal(t, made, again, "a repeat gives the same document")
}

// What cannot be localized is refused with the cause, before anything is paid for.
func TestIngestRefuses(t *testing.T) {
	t.Parallel()

	folder := t.TempDir()
	sound := tone(t, "2")
	master := film(t, 2, sound)
	silent, short, text := filepath.Join(folder, "silent.mp4"), filepath.Join(folder, "short.mp4"), filepath.Join(folder, "notes.mp4")
	ffmpeg(t, "-i", master, "-an", "-c", "copy", silent)
	ffmpeg(t, "-i", master, "-t", "0.5", "-c:v", "libx264", "-preset", "ultrafast", short)
	require.NoError(t, os.WriteFile(text, []byte("not a film"), 0o600))
	tests := map[string]struct {
		in   contract.IngestIn
		want string
	}{
		"a file that is not there": {contract.IngestIn{Source: filepath.Join(folder, "gone.mp4")}, "the media worker cannot see the file"},
		"a folder":                 {contract.IngestIn{Source: folder}, "is a folder; name the master file"},
		"sound alone":              {contract.IngestIn{Source: sound}, "has no picture"},
		"picture alone":            {contract.IngestIn{Source: silent}, "has no sound"},
		"half a second":            {contract.IngestIn{Source: short}, "is it the whole programme?"},
		"no film at all":           {contract.IngestIn{Source: text}, "notes.mp4"},
		"M&E of another cut":       {contract.IngestIn{Source: master, MusicEffects: tone(t, "2.1")}, "the M&E runs 2.1s and the picture 2s; send the M&E of this cut"},
		"M&E without sound":        {contract.IngestIn{Source: master, MusicEffects: silent}, "send the M&E as an audio file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStudio(t, simengine.Options{})

			_, err := do(contract.Ingest, s.Ingest, tt.in)

			require.Equal(t, fault.Invalid, contract.KindOf(err), "%v", err)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestFindShots(t *testing.T) {
	t.Parallel()

	s := newStudio(t, simengine.Options{})
	in := contract.Ingested{Cut: cut(3), Master: s.file(film(t, 3, tone(t, "3")))}

	made, err := do(contract.FindShots, s.FindShots, contract.Work{Inputs: []contract.StageDoc{s.stage(contract.StageIngest, in)}})

	require.NoError(t, err)
	require.Equal(t, contract.Shots{Starts: []int64{0, 25, 50}, Frames: 75}, document[contract.Shots](s, made.Doc))
	require.Equal(t, 3, made.Items)
	require.Equal(t, 3*time.Second, in.Cut.Duration())
}
