//go:build e2e

package e2e_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/workers"
)

// TestRealEngines runs whole jobs with the neural engines of the host.
func TestRealEngines(t *testing.T) {
	s := newStack(t, nil)
	t.Run("the demo film", func(t *testing.T) { s.with(t).demoFilm() })
	t.Run("a talk given by its path", func(t *testing.T) { s.with(t).talk() })
	t.Run("music alone", func(t *testing.T) { s.with(t).music() })
}

// with is s for a subtest.
func (s *stack) with(tb testing.TB) *stack {
	tb.Helper()
	part := *s
	part.t = tb
	return &part
}

// demoFilm localizes the film of the demo, which is made if it is not there.
func (s *stack) demoFilm() {
	t := s.t
	film := filepath.Join(root(), ".cache", "demo", "film.mp4")
	if _, err := os.Stat(film); err != nil {
		require.NoError(t, os.MkdirAll(filepath.Dir(film), 0o755))
		require.NoError(t, workers.MakeDemoFilm(t.Context(), s.engine, "", filepath.Join(root(), ".cache/enginehost/models/astronaut.png"), film))
	}
	job, run := s.start(allServices(film))
	s.approve(contract.TitleID(job), gate.Dialogue)
	s.approve(contract.LanguageID(job, "pt-BR"), gate.Translation, gate.Subtitles, gate.Premix, gate.Final)
	m := s.manifest(run, "pt-BR")
	dir := s.fetchAll(m)

	source, programme := probe(t, film), probe(t, filepath.Join(dir, "TEST.pt-BR.mp4"))
	require.Equal(t, []string{"por", "eng"}, programme.languages("audio"))
	require.Equal(t, 1, programme.Streams[1].Disposition.Default, "the dub is the default")
	require.Zero(t, programme.Streams[2].Disposition.Default)
	require.Equal(t, []string{"por"}, programme.languages("subtitle"))
	require.InDelta(t, source.seconds(t), programme.seconds(t), 1.0/25, "within one frame of the source")
	require.Equal(t, source.Streams[0].Frames, programme.Streams[0].Frames)
	for _, stem := range []string{"mix", "dialogue", "bed"} {
		require.Equal(t, media.Samples(m.Cut.Frames, m.Cut.Rate), samples(t, filepath.Join(dir, "TEST.pt-BR."+stem+".wav")), stem)
	}
	s.checkDub(dir)
	s.checkLips(dir, m)
}

// checkDub listens to the dub of the delivered programme, music and all.
func (s *stack) checkDub(dir string) {
	t := s.t
	dub := readJSON[script.DubScript](t, filepath.Join(dir, "TEST.pt-BR.dub-script.json"))
	takes := readJSON[script.Takes](t, filepath.Join(dir, "TEST.pt-BR.takes.json"))
	require.Empty(t, takes.Failures)
	require.Len(t, takes.Takes, len(dub.Lines), "no line is missing")
	for _, take := range takes.Takes {
		require.LessOrEqual(t, take.Duration, take.Slot, "%s is within its slot", take.Event)
		require.LessOrEqual(t, take.Ratio, 1.3, "%s is within 1.3 times", take.Event)
		require.NotEmpty(t, take.Method)
	}
	var words []string
	for _, l := range dub.Lines {
		words = append(words, l.Text)
	}
	wer := qa.WER(strings.Join(words, " "), s.hear(filepath.Join(dir, "TEST.pt-BR.mp4"), "pt-BR"), "pt-BR")
	t.Logf("word error rate of the dub as heard in the programme: %.1f %%", 100*wer)
	require.LessOrEqual(t, wer, 0.15)
}

// hear is what the recogniser understands of the first audio track of a file.
func (s *stack) hear(path, language string) string {
	t := s.t
	models, err := s.Engine().Models(t.Context())
	require.NoError(t, err)
	speech := filepath.Join(t.TempDir(), "speech.wav")
	require.NoError(t, s.Parts.Media.ExtractSpeechAudio(t.Context(), path, 0, speech))
	for _, m := range models {
		if m.Capability != engine.CanTranscribe {
			continue
		}
		heard, err := s.Engine().Transcribe(t.Context(), engine.TranscribeRequest{Model: m.ID, Path: speech, Language: language})
		require.NoError(t, err)
		var words []string
		for _, w := range heard.Words {
			words = append(words, w.Text)
		}
		return strings.Join(words, " ")
	}
	t.Fatal("no engine transcribes")
	return ""
}

// checkLips looks at what the lip-sync engine measured on its frames, before
// encoding, and leaves a contact sheet to look at.
func (s *stack) checkLips(dir string, m contract.Manifest) {
	t := s.t
	sums, err := s.Parts.Records.Usage(t.Context(), m.Job)
	require.NoError(t, err)
	require.NotEmpty(t, sums)
	picture := s.picture(m.Job)
	t.Logf("lip closures hit: %d of %d, on %d frames with a face", picture.ClosuresHit, picture.Closures, picture.FaceFrames)
	require.Positive(t, picture.Closures)
	require.Greater(t, float64(picture.ClosuresHit)/float64(picture.Closures), 0.5, "most of p, b, m close the lips within a frame")
	require.True(t, picture.OutsideIdentical, "nothing outside of the mouth region changed")
	require.Positive(t, picture.ChangedFrames)
	require.Equal(t, "preview", picture.Grade)
	require.Contains(t, strings.Join(m.Labels, "\n"), "preview grade: lip-sync")

	sheets := cmp.Or(os.Getenv("SCREENSHOTS"), filepath.Join(root(), ".cache", "demo"))
	require.NoError(t, s.Parts.Media.ContactSheet(t.Context(), filepath.Join(dir, "TEST.pt-BR.lipsync.mp4"), filepath.Join(sheets, "lipsync.png"), 6, 4))
	require.Equal(t, []string{"por"}, probe(t, filepath.Join(dir, "TEST.pt-BR.lipsync.mp4")).languages("audio"), "moved picture goes with its dub alone")
}

// picture is the lip-synced picture of a job.
func (s *stack) picture(job string) contract.Picture {
	status, err := s.status(contract.LanguageID(job, "pt-BR"))
	require.NoError(s.t, err)
	for _, stage := range status.Stages {
		if stage.Stage == contract.StagePicture {
			return document[contract.Picture](s, stage.Doc)
		}
	}
	s.t.Fatal("the job has no picture")
	return contract.Picture{}
}

// talk is human speech under a still portrait, as anybody might bring it.
func (s *stack) talk() {
	t := s.t
	dir := t.TempDir()
	film := filepath.Join(dir, "talk.mp4")
	speech, err := filepath.Glob("/usr/share/pocketsphinx/test/data/librivox/*.wav")
	require.NoError(t, err)
	require.NotEmpty(t, speech, "Debian package pocketsphinx-testdata")
	run(t, "ffmpeg", "-v", "error", "-loop", "1", "-framerate", "25", "-i", filepath.Join(root(), ".cache/enginehost/models/astronaut.png"),
		"-i", speech[0], "-shortest", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", film)
	job, wait := s.start(contract.TitleIn{Order: contract.Order{
		Source: film, Services: []contract.Service{contract.Subtitles}, // the language of the programme is found out
	}})
	title := contract.TitleID(job)
	s.approve(title, gate.Dialogue)
	s.approve(contract.LanguageID(job, "pt-BR"), gate.Translation, gate.Subtitles)
	m := s.manifest(wait, "pt-BR")

	require.Equal(t, "en", m.From)
	subtitles, err := os.ReadFile(filepath.Join(s.fetchAll(m), "TEST.pt-BR.srt"))
	require.NoError(t, err)
	require.Contains(t, string(subtitles), "-->")
}

// music is a programme in which nobody speaks: an outcome, with no invented line.
func (s *stack) music() {
	t := s.t
	film := filepath.Join(t.TempDir(), "music.mp4")
	run(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=c=navy:s=320x180:r=25:d=20", "-i", filepath.Join(root(), ".cache/demo/film.mp4.me.wav"),
		"-t", "20", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", film)
	_, wait := s.start(allServices(film))

	var out contract.TitleOut
	require.NoError(t, wait.Get(t.Context(), &out))
	require.Equal(t, contract.TitleOut{Outcome: contract.OutcomeNoDialogue}, out)
}

// probed is what ffprobe says of a file.
type probed struct {
	Streams []struct {
		Type        string `json:"codec_type"`
		Frames      string `json:"nb_frames"`
		Tags        struct{ Language string }
		Disposition struct{ Default int }
	}
	Format struct{ Duration string }
}

func probe(tb testing.TB, path string) probed {
	tb.Helper()
	var p probed
	require.NoError(tb, json.Unmarshal([]byte(run(tb, "ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", path)), &p))
	return p
}

func (p probed) languages(kind string) []string {
	var tags []string
	for _, s := range p.Streams {
		if s.Type == kind {
			tags = append(tags, s.Tags.Language)
		}
	}
	return tags
}

func (p probed) seconds(tb testing.TB) float64 {
	tb.Helper()
	seconds, err := strconv.ParseFloat(p.Format.Duration, 64)
	require.NoError(tb, err)
	return seconds
}

// samples is how many samples a WAV holds, by ffprobe.
func samples(tb testing.TB, path string) int64 {
	tb.Helper()
	var p struct {
		Streams []struct {
			DurationTS int64  `json:"duration_ts"`
			Rate       string `json:"sample_rate"`
		}
	}
	require.NoError(tb, json.Unmarshal([]byte(run(tb, "ffprobe", "-v", "error", "-of", "json", "-show_streams", path)), &p))
	require.Equal(tb, strconv.Itoa(wav48), p.Streams[0].Rate)
	return p.Streams[0].DurationTS
}

const wav48 = 48000

func readJSON[T any](tb testing.TB, path string) T {
	tb.Helper()
	data, err := os.ReadFile(path)
	require.NoError(tb, err)
	var v T
	require.NoError(tb, json.Unmarshal(data, &v))
	return v
}
