package activities

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/domain/timedtext/formats"
	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/store"
)

// ManifestFormat is the format of the manifest that Package writes.
const ManifestFormat = "babelreel-manifest/1"

// parcel is a delivery while it is being packed.
type parcel struct {
	*Parts
	in       contract.PackageIn
	ingested contract.Ingested
	dir      string // scratch
	base     string // beginning of every file name
	subtitle string // path of the SRT, "" where none was ordered
	files    []contract.Delivered
	labels   []string
}

// Package makes the delivery of one language: programmes with untouched and
// with lip-synced picture, stems, subtitles, side files, and the manifest that
// names every file by its hash with every label that belongs to it. It checks
// each programme by probing it, and puts the delivery on record.
func (p *Parts) Package(ctx context.Context, in contract.PackageIn) (contract.Made, error) {
	ingested, err := load[contract.Ingested](ctx, p, in.Work.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	dir, _, done, err := p.desk(ctx, 0)
	if err != nil {
		return contract.Made{}, err
	}
	defer done()
	c := &parcel{Parts: p, in: in, ingested: ingested, dir: dir, base: fileName(in.Work.Title) + "." + in.Work.To, labels: slices.Clone(in.Labels)}
	for _, pack := range []func(context.Context) error{c.texts, c.subtitles, c.dub} {
		if err := pack(ctx); err != nil {
			return contract.Made{}, err
		}
	}
	return c.close(ctx)
}

// add stores a file of the delivery.
func (c *parcel) add(ctx context.Context, path, role, mediaType string) error {
	b, err := c.keep(ctx, path, mediaType)
	c.files = append(c.files, contract.Delivered{Name: filepath.Base(path), Role: role, Blob: b})
	return err
}

// refer adds an object that the store has.
func (c *parcel) refer(suffix, role string, b script.Blob) {
	c.files = append(c.files, contract.Delivered{Name: c.base + suffix, Role: role, Blob: b})
}

// texts are the documents that others may want to work on.
func (c *parcel) texts(context.Context) error {
	w := c.in.Work
	c.refer(".dialogue-list.json", "dialogue list", w.Doc(contract.StageDialogue))
	c.refer(".translation.json", "translation", w.Doc(contract.StageTranslate))
	if b := w.Doc(contract.StageDubScript); !b.IsZero() {
		c.refer(".dub-script.json", "dub script with casting", b)
		c.refer(".takes.json", "takes with their fit", w.Doc(contract.StageTakes))
	}
	return nil
}

func (c *parcel) subtitles(ctx context.Context) error {
	b := c.in.Work.Doc(contract.StageSubtitles)
	if b.IsZero() {
		return nil
	}
	doc, err := load[timedtext.Document](ctx, c.Parts, b)
	if err != nil {
		return err
	}
	srt, vtt := filepath.Join(c.dir, c.base+".srt"), filepath.Join(c.dir, c.base+".vtt")
	for path, data := range map[string][]byte{srt: formats.WriteSRT(doc), vtt: formats.WriteVTT(doc)} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return fault.New(fault.Broken, "package", "%w", err)
		}
	}
	c.subtitle = srt
	if err := c.add(ctx, srt, "subtitles", "application/x-subrip"); err != nil {
		return err
	}
	return c.add(ctx, vtt, "subtitles", "text/vtt")
}

func (c *parcel) dub(ctx context.Context) error {
	if c.in.Work.Doc(contract.StageMaster).IsZero() {
		if c.subtitle == "" {
			return nil
		}
		return c.programme(ctx, ".mp4", "programme with original sound and subtitles", c.ingested.Master, script.Blob{})
	}
	master, err := load[contract.Master](ctx, c.Parts, c.in.Work.Doc(contract.StageMaster))
	if err != nil {
		return err
	}
	mix, err := load[contract.Mix](ctx, c.Parts, master.Mix)
	if err != nil {
		return err
	}
	c.refer(".mix.wav", "dub mix", mix.Mix)
	c.refer(".dialogue.wav", "dialogue stem", mix.Dialogue)
	c.refer(".bed.wav", "bed: "+mix.BedKind, mix.Bed)
	c.refer(".dub-report.json", "dub QA report", master.Heard)
	c.labels = append(c.labels, "dialogue lies on the "+mix.BedKind)
	if err := c.programme(ctx, ".mp4", "dubbed programme, untouched picture", c.ingested.Master, mix.Mix); err != nil {
		return err
	}
	if master.Picture.IsZero() {
		return nil
	}
	picture, err := load[contract.Picture](ctx, c.Parts, master.Picture)
	if err != nil {
		return err
	}
	return c.programme(ctx, ".lipsync.mp4", "dubbed programme, lip-synced picture ("+picture.Grade+" grade)", picture.Video, mix.Mix)
}

// programme is one rendition. Untouched picture carries the original sound as
// its second track; lip-synced picture goes with its dub alone.
func (c *parcel) programme(ctx context.Context, suffix, role string, picture, mix script.Blob) error {
	spec := media.MuxSpec{Out: filepath.Join(c.dir, c.base+suffix)}
	video, err := c.fetch(ctx, picture, c.dir, "picture"+suffix+".src")
	if err != nil {
		return err
	}
	spec.Video = video
	if !mix.IsZero() {
		path, err := c.fetch(ctx, mix, c.dir, "mix"+suffix+".wav")
		if err != nil {
			return err
		}
		spec.Audio = append(spec.Audio, media.AudioTrack{Path: path, Language: c.in.Work.To, Title: c.in.Work.To + " dub (synthetic voice)", Default: true})
	}
	if picture.SHA256 == c.ingested.Master.SHA256 {
		path, err := c.fetch(ctx, c.ingested.Original, c.dir, "original"+suffix+".wav")
		if err != nil {
			return err
		}
		spec.Audio = append(spec.Audio, media.AudioTrack{Path: path, Language: c.in.Work.From, Title: c.in.Work.From + " original", Default: mix.IsZero()})
	}
	if c.subtitle != "" {
		spec.Subtitles = []media.SubtitleTrack{{Path: c.subtitle, Language: c.in.Work.To, Title: c.in.Work.To}}
	}
	made, err := c.Media.Mux(ctx, spec)
	if err != nil {
		return err
	}
	if made.Reason != "" {
		c.labels = append(c.labels, made.Reason)
	}
	return c.add(ctx, made.Path, role, "video/"+made.Container)
}

// close writes the manifest and records the delivery.
func (c *parcel) close(ctx context.Context) (contract.Made, error) {
	m := contract.Manifest{
		Format: ManifestFormat, Job: c.in.Work.Job, Title: c.in.Work.Title, From: c.in.Work.From, To: c.in.Work.To,
		Cut: c.ingested.Cut, Files: c.files, Models: modelsOf(c.in.Plan),
	}
	decisions, err := c.approvals(ctx)
	if err != nil {
		return contract.Made{}, err
	}
	for _, d := range decisions {
		m.Approvals = append(m.Approvals, contract.ApprovalNote{
			Gate: d.Gate, Revision: d.Revision, By: d.By, Identity: string(d.Identity), At: d.At.UTC().Format(time.RFC3339), Comment: strings.TrimSpace(d.Comment),
		})
		switch d.Identity {
		case store.Verified: // nothing to say
		case store.Policy:
			c.labels = append(c.labels, "approved without a person at gate "+d.Gate)
		case store.Unverified:
			c.labels = append(c.labels, "approved by an unverified identity at gate "+d.Gate)
		}
	}
	slices.Sort(c.labels)
	m.Labels = slices.Compact(c.labels)
	doc, err := c.save(ctx, m)
	if err != nil {
		return contract.Made{}, err
	}
	err = c.Records.RecordDelivery(ctx, store.Delivery{Job: m.Job, Language: m.To, Manifest: doc.SHA256, At: c.Now()})
	return contract.Made{Doc: doc, Items: len(m.Files), Language: m.To, Labels: m.Labels}, err
}

// approvals are those that the delivery rests on: this language's, and the last
// one of the dialogue list.
func (c *parcel) approvals(ctx context.Context) ([]store.Decision, error) {
	of, err := c.Records.Decisions(ctx, c.in.TitleID)
	if err != nil {
		return nil, err
	}
	var last []store.Decision
	for _, d := range of {
		if d.Verdict == string(gate.Approve) {
			last = []store.Decision{d}
		}
	}
	own, err := c.Records.Decisions(ctx, c.in.WorkflowID)
	if err != nil {
		return nil, err
	}
	for _, d := range own {
		if slices.Contains(c.in.Approved, d.ID) {
			last = append(last, d)
		}
	}
	return last, nil
}

func modelsOf(plan contract.LanguagePlan) []contract.Model {
	return slices.DeleteFunc([]contract.Model{plan.Translate, plan.Speak, plan.Hear, plan.LipSync}, func(m contract.Model) bool { return m.ID == "" })
}

// longestName leaves room, in the 255 bytes of a file name, for a language and
// the longest suffix.
const longestName = 150

// fileName is a title as part of a file name: letters, digits, '.', '-' and '_',
// at most longestName bytes, that no program takes for an option.
func fileName(title string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(".-_", r) {
			return r
		}
		return '_'
	}, title)
	clean = strings.TrimLeft(clean, "._-")
	for len(clean) > longestName {
		_, size := utf8.DecodeLastRuneInString(clean)
		clean = clean[:len(clean)-size]
	}
	if clean = strings.TrimRight(clean, "._-"); clean == "" {
		return "programme"
	}
	return clean
}
