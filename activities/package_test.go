package activities_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/activities"
	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/internal/simengine"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/store"
)

// job runs stage after stage and keeps what they made.
type job struct {
	*studio
	work   contract.Work
	labels []string
}

func (j *job) keep(stage contract.StageName, made contract.Made, err error) contract.Made {
	j.t.Helper()
	require.NoError(j.t, err, "%s", stage)
	j.work.Inputs = append(j.work.Inputs, contract.StageDoc{Stage: stage, Doc: made.Doc, Items: made.Items})
	j.labels = append(j.labels, made.Labels...)
	return made
}

// with is the work order of the next stage for a model.
func (j *job) with(m contract.Model, items int) contract.Work {
	w := j.work
	w.Model, w.Count = m, items
	return w
}

// localized takes a film of two lines through every stage up to the master.
func localized(t *testing.T) (*job, contract.LanguagePlan) {
	t.Helper()
	all := models(engine.CanLipSync, func(m *engine.Model) { m.Grade = engine.Preview })
	j := &job{studio: newStudio(t, simengine.Options{Models: all})}
	j.ordered()
	j.work = contract.Work{Job: "film-7", From: "en", To: "pt-BR", Title: "The Film", Services: contract.Services()}
	master := film(t, 5, j.recording(5*time.Second,
		simengine.Line{At: 300 * millisecond, Text: "Good evening, everybody.", Voice: "en-f1", Language: "en"},
		simengine.Line{At: 2800 * millisecond, Text: "Nobody has been here.", Voice: "en-m1", Language: "en"}))

	ingested, err := do(contract.Ingest, j.Ingest, contract.IngestIn{Job: "film-7", Source: master})
	j.keep(contract.StageIngest, ingested, err)
	shots, err := do(contract.FindShots, j.FindShots, j.work)
	j.keep(contract.StageShots, shots, err)
	speech, err := do(contract.FindSpeech, j.FindSpeech, j.with(model(engine.CanFindSpeech), 0))
	j.keep(contract.StageSpeech, speech, err)
	list, err := do(contract.Transcribe, j.Transcribe, j.with(model(engine.CanTranscribe), 0))
	j.keep(contract.StageDialogue, list, err)
	planned, err := do(contract.PlanLanguage, j.PlanLanguage, j.work)
	j.keep(contract.StagePlan, planned.Made, err)
	plan := planned.Plan

	_, err = do(contract.Translate, j.Translate, j.with(plan.Translate, list.Items))
	require.NoError(t, err)
	translated, err := do(contract.AssembleTranslation, j.AssembleTranslation, j.with(plan.Translate, 0))
	j.keep(contract.StageTranslate, translated, err)
	subtitles, err := do(contract.AuthorSubtitles, j.AuthorSubtitles, j.work)
	j.keep(contract.StageSubtitles, subtitles, err)
	dub, err := do(contract.PrepareDub, j.PrepareDub, j.work)
	j.keep(contract.StageDubScript, dub, err)
	_, err = do(contract.Synthesize, j.Synthesize, j.with(plan.Speak, dub.Items))
	require.NoError(t, err)
	takes, err := do(contract.AssembleTakes, j.AssembleTakes, j.with(plan.Speak, 0))
	j.keep(contract.StageTakes, takes, err)
	premix, err := do(contract.BuildPremix, j.BuildPremix, j.work)
	j.keep(contract.StagePremix, premix, err)
	mix, err := do(contract.MixDub, j.MixDub, j.work)
	j.keep(contract.StageMix, mix, err)
	heard, err := do(contract.HearDub, j.HearDub, j.with(plan.Hear, 0))
	j.keep(contract.StageHear, heard, err)
	_, err = do(contract.SyncLips, j.SyncLips, j.with(plan.LipSync, shots.Items))
	require.NoError(t, err)
	picture, err := do(contract.AssemblePicture, j.AssemblePicture, j.with(plan.LipSync, 0))
	j.keep(contract.StagePicture, picture, err)
	finished, err := do(contract.AssembleMaster, j.AssembleMaster, j.work)
	j.keep(contract.StageMaster, finished, err)

	require.Equal(t, 2, takes.Items, "both lines are voiced")
	for _, f := range document[qa.Report](j.studio, heard.Report).Findings {
		require.NotEqual(t, "DUB008", f.Rule, "and understood in the mix")
	}
	require.Zero(t, document[qa.Report](j.studio, finished.Report).Counts.Critical)
	return j, plan
}

// ordered puts the job of the tests on record.
func (s *studio) ordered() {
	s.t.Helper()
	require.NoError(s.t, s.Records.PutJob(s.t.Context(), store.Job{ID: "film-7", Order: []byte(`{}`), CreatedAt: s.Now()}))
}

// decided puts a decision on record.
func (s *studio) decided(workflow, id string, name gate.Name, verdict gate.Verdict, identity gate.Identity, comment string) {
	s.t.Helper()
	_, err := do(contract.RecordDecision, s.RecordDecision, contract.DecisionIn{Job: "film-7", WorkflowID: workflow, Decision: gate.Decision{
		ID: id, Gate: name, Revision: "rev-" + id, Verdict: verdict, By: "ana", Identity: identity, Comment: comment, At: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
	}})
	require.NoError(s.t, err)
}

// The manifest names every file by its hash, and tells of everything that was
// approved by whom and under which reserve.
func TestPackageDelivers(t *testing.T) {
	t.Parallel()

	j, plan := localized(t)
	s := j.studio
	s.decided("title", "t1", gate.Dialogue, gate.Approve, gate.Unverified, "first look")
	s.decided("title", "t2", gate.Dialogue, gate.Reopen, gate.Unverified, "a typo")
	s.decided("title", "t3", gate.Dialogue, gate.Approve, gate.ByPolicy, "")
	s.decided("language", "l1", gate.Translation, gate.Approve, gate.Unverified, "of an older revision")
	s.decided("language", "l2", gate.Final, gate.Approve, gate.Unverified, " fine ")
	in := contract.PackageIn{Work: j.work, WorkflowID: "language", TitleID: "title", Plan: plan, Labels: j.labels, Approved: []string{"l2"}}

	made, err := do(contract.Package, s.Package, in)
	require.NoError(t, err)
	again, err := do(contract.Package, s.Package, in)
	require.NoError(t, err)

	m := document[contract.Manifest](s, made.Doc)
	roles := map[string]string{}
	for _, f := range m.Files {
		content := s.bytes(f.Blob)
		sum := sha256.Sum256(content)
		require.Equal(t, hex.EncodeToString(sum[:]), f.Blob.SHA256, f.Name)
		require.Equal(t, int64(len(content)), f.Blob.Bytes, f.Name)
		require.NotContains(t, roles, f.Name, "no file stands twice")
		roles[f.Name] = f.Role
	}
	require.Equal(t, map[string]string{
		"The_Film.pt-BR.dialogue-list.json": "dialogue list", "The_Film.pt-BR.translation.json": "translation",
		"The_Film.pt-BR.dub-script.json": "dub script with casting", "The_Film.pt-BR.takes.json": "takes with their fit",
		"The_Film.pt-BR.srt": "subtitles", "The_Film.pt-BR.vtt": "subtitles",
		"The_Film.pt-BR.mix.wav": "dub mix", "The_Film.pt-BR.dialogue.wav": "dialogue stem", "The_Film.pt-BR.bed.wav": "bed: ducked original",
		"The_Film.pt-BR.dub-report.json": "dub QA report", "The_Film.pt-BR.mp4": "dubbed programme, untouched picture",
		"The_Film.pt-BR.lipsync.mp4": "dubbed programme, lip-synced picture (preview grade)",
	}, roles)
	require.Equal(t, []string{
		"approved by an unverified identity at gate final", "approved without a person at gate dialogue", "dialogue lies on the ducked original",
		"premix over the ducked original", "preview grade: lip-sync by sim-lips", "synthetic picture: mouths moved by sim-lips", "synthetic voice: sim-tts",
	}, m.Labels)
	require.Equal(t, []contract.ApprovalNote{
		{Gate: "dialogue", Revision: "rev-t3", By: "ana", Identity: "policy", At: "2026-05-01T12:00:00Z"},
		{Gate: "final", Revision: "rev-l2", By: "ana", Identity: "unverified", At: "2026-05-01T12:00:00Z", Comment: "fine"},
	}, m.Approvals)
	require.Equal(t, []contract.Model{plan.Translate, plan.Speak, plan.Hear, plan.LipSync}, m.Models)
	require.Equal(t, []string{activities.ManifestFormat, "film-7", "The Film", "en", "pt-BR"}, []string{m.Format, m.Job, m.Title, m.From, m.To})
	require.Equal(t, []any{12, "pt-BR", m.Labels}, []any{made.Items, made.Language, made.Labels})
	require.Equal(t, made, again, "packing again gives the same delivery")
	delivery, ok, err := s.Records.Delivery(t.Context(), "film-7", "pt-BR")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, made.Doc.SHA256, delivery.Manifest)
	s.requireProgrammes(m)
}

// requireProgrammes checks the renditions: dub and original with the untouched
// picture, the dub alone with the lip-synced one.
func (s *studio) requireProgrammes(m contract.Manifest) {
	s.t.Helper()
	for _, f := range m.Files {
		if !strings.HasSuffix(f.Name, ".mp4") {
			continue
		}
		info, err := s.Media.Probe(s.t.Context(), s.fetched(f.Blob, ".mp4"))
		require.NoError(s.t, err)
		require.Equal(s.t, m.Cut.Frames, info.Video.Frames, f.Name)
		require.True(s.t, info.Audio[0].Default)
		require.Len(s.t, info.Subtitles, 1)
		tracks := 2
		if strings.Contains(f.Name, "lipsync") {
			tracks = 1
		}
		require.Len(s.t, info.Audio, tracks, f.Name)
		require.LessOrEqual(s.t, (info.Duration - m.Cut.Duration()).Abs(), 100*millisecond)
	}
}

// titled is an order of a title, of subtitles alone where there are any.
func (s *studio) titled(title string, subtitles bool) contract.PackageIn {
	s.t.Helper()
	w := contract.Work{Job: "film-7", From: "en", To: "pt-BR", Title: title, Inputs: []contract.StageDoc{
		s.stage(contract.StageIngest, contract.Ingested{Cut: cut(1)}), s.stage(contract.StageDialogue, script.DialogueList{}), s.stage(contract.StageTranslate, script.Translation{}),
	}}
	if subtitles {
		sound := tone(s.t, "1")
		original := s.t.TempDir() + "/original.wav"
		require.NoError(s.t, s.Media.ExtractProgramAudio(s.t.Context(), sound, 0, media.Rate, original))
		w.Inputs[0] = s.stage(contract.StageIngest, contract.Ingested{Cut: cut(1), Master: s.file(film(s.t, 1, sound)), Original: s.file(original)})
		w.Inputs = append(w.Inputs, s.stage(contract.StageSubtitles, timedtext.Document{Language: "pt-BR", Cues: []timedtext.Cue{
			{ID: "e001", End: 900 * millisecond, Lines: []string{"Olá."}},
		}}))
	}
	return contract.PackageIn{Work: w, WorkflowID: "language", TitleID: "title"}
}

// An order of subtitles alone delivers the programme with its own sound. Its
// title, however long, is cut to what a file system takes.
func TestPackageOfSubtitlesAlone(t *testing.T) {
	t.Parallel()

	s := newStudio(t, simengine.Options{})
	s.ordered()
	title := strings.Repeat("Ж", 300)

	made, err := do(contract.Package, s.Package, s.titled(title, true))
	require.NoError(t, err)

	m := document[contract.Manifest](s, made.Doc)
	base := strings.Repeat("Ж", 75) + ".pt-BR"
	names := make([]string, len(m.Files))
	for i, f := range m.Files {
		names[i] = f.Name
	}
	require.Equal(t, []string{base + ".dialogue-list.json", base + ".translation.json", base + ".srt", base + ".vtt", base + ".mp4"}, names)
	require.Equal(t, title, m.Title)
	require.Equal(t, "programme with original sound and subtitles", m.Files[4].Role)
	require.Contains(t, string(s.bytes(m.Files[2].Blob)), "00:00:00,000 --> 00:00:00,900\nOlá.")
	info, err := s.Media.Probe(t.Context(), s.fetched(m.Files[4].Blob, ".mp4"))
	require.NoError(t, err)
	require.Len(t, info.Audio, 1)
	require.Len(t, info.Subtitles, 1)
	require.Empty(t, m.Labels)
	require.Empty(t, m.Approvals)
}

// No title leads out of the folder of its delivery.
func TestPackageNamesFilesSafely(t *testing.T) {
	s := newStudio(t, simengine.Options{})
	s.ordered()
	for title, want := range map[string]string{
		"":                                    "programme",
		"..":                                  "programme",
		"/":                                   "programme",
		"../../etc/passwd":                    "etc_passwd",
		`C:\films\"a"<b>?*|` + "\x00\n\u202e": "C__films__a__b",
		"-rf film":                            "rf_film",
		"Kill Bill: Vol. 1.":                  "Kill_Bill__Vol._1",
		"Das Boot (1981)":                     "Das_Boot__1981",
		"七人の侍":                                "七人の侍",
	} {
		made, err := do(contract.Package, s.Package, s.titled(title, false))
		require.NoError(t, err)

		m := document[contract.Manifest](s, made.Doc)
		require.Equal(t, want+".pt-BR.translation.json", m.Files[1].Name)
		require.Equal(t, title, m.Title)
	}
}
