package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// missing marks a line that could not be made.
const missing = "MISSING: "

// lay makes lines, facts and media of the gate's document.
func (x *exhibit) lay(ctx context.Context) error {
	switch x.shown.Gate.Name {
	case gate.Dialogue:
		return x.dialogue()
	case gate.Translation:
		return x.translation()
	case gate.Subtitles:
		return x.subtitles(ctx)
	case gate.Premix:
		return x.premix(ctx)
	case gate.Final:
		return x.final(ctx)
	}
	return nil // a gate of a newer release: its brief and its document say what it is
}

// parse reads the gate's own document.
func parse[T any](x *exhibit) (doc T, err error) {
	if err := json.Unmarshal(x.shown.Document, &doc); err != nil {
		return doc, fault.New(fault.Broken, "document", "parse %s: %w", short(x.shown.Gate.Subject.Revision), err)
	}
	return doc, nil
}

func (x *exhibit) line(l shownLine) { x.shown.Lines = append(x.shown.Lines, l) }

func (x *exhibit) conflicts(all []script.Conflict) {
	for _, c := range all {
		x.fact("conflict: %s %s by %s was not applied: %s", c.Edit.Op, c.Edit.ID, c.By, c.Reason)
	}
}

func (x *exhibit) dialogue() error {
	doc, err := parse[script.DialogueList](x)
	if err != nil {
		return err
	}
	x.fact("dialogue list in %s: %s, %d to localize", doc.Language, plural(len(doc.Events), "event"), len(doc.Localized()))
	doubts := map[string][]string{}
	for _, d := range doc.Doubts {
		if d.Event == "" {
			x.fact("doubt: %s", d.Reason)
			continue
		}
		doubts[d.Event] = append(doubts[d.Event], "doubt: "+d.Reason)
	}
	x.conflicts(doc.Conflicts)
	for _, e := range doc.Events {
		notes := []string{}
		if e.Kind != script.Dialogue {
			notes = append(notes, string(e.Kind))
		}
		if e.Language != doc.Language {
			notes = append(notes, "in "+e.Language)
		}
		if !e.Localized() {
			notes = append(notes, "kept original")
		}
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
		x.line(shownLine{
			ID: e.ID, At: clock(e.Start) + "-" + clock(e.End), Who: e.Character, Source: e.Text,
			Note: strings.Join(append(notes, doubts[e.ID]...), "; "),
		})
	}
	return nil
}

func (x *exhibit) translation() error {
	doc, err := parse[script.Translation](x)
	if err != nil {
		return err
	}
	x.fact("translation %s to %s: %s, %d missing", doc.From, doc.To, plural(len(doc.Lines), "line"), len(doc.Failures))
	x.conflicts(doc.Conflicts)
	for _, l := range doc.Lines {
		note := ""
		if who, ok := strings.CutPrefix(l.Origin, "edit:"); ok {
			note = "edited by " + who
		}
		x.line(shownLine{ID: l.Event, Source: l.Source, Target: l.Text, Note: note})
	}
	for _, f := range doc.Failures {
		x.line(shownLine{ID: f.Event, Target: missing + f.Reason, Note: f.Kind})
	}
	return nil
}

func (x *exhibit) subtitles(ctx context.Context) error {
	doc, err := parse[timedtext.Document](x)
	if err != nil {
		return err
	}
	translation, err := loadBlob[script.Translation](ctx, x.blobs, x.stage(contract.StageTranslate))
	if err != nil {
		return err
	}
	x.fact("subtitles in %s: %s", doc.Language, plural(len(doc.Cues), "cue"))
	for _, c := range doc.Cues {
		var source []string
		for _, id := range c.Events {
			if l, ok := translation.Line(id); ok {
				source = append(source, l.Source)
			}
		}
		x.line(shownLine{
			ID: c.ID, At: clock(c.Start) + "-" + clock(c.End), Who: c.Speaker,
			Source: strings.Join(source, " "), Target: strings.Join(c.Lines, " / "), Note: strings.Join(c.Events, " "),
		})
	}
	return nil
}

func (x *exhibit) premix(ctx context.Context) error {
	doc, err := parse[contract.Premix](x)
	if err != nil {
		return err
	}
	takes, err := loadBlob[script.Takes](ctx, x.blobs, doc.Takes)
	if err != nil {
		return err
	}
	dub, err := loadBlob[script.DubScript](ctx, x.blobs, x.stage(contract.StageDubScript))
	if err != nil {
		return err
	}
	x.fact("premix in %s: %d of %s voiced, over the %s", takes.Language, len(takes.Takes), plural(len(dub.Lines), "line"), doc.BedKind)
	for _, note := range dub.Notes {
		x.fact("casting: %s", note)
	}
	x.conflicts(dub.Conflicts)
	made := map[string]script.Take{}
	for _, t := range takes.Takes {
		made[t.Event] = t
	}
	lost := map[string]string{}
	for _, f := range takes.Failures {
		lost[f.Event] = f.Kind + ": " + f.Reason
	}
	for _, l := range dub.Lines {
		t, ok := made[l.Event]
		note := missing + lost[l.Event]
		if ok {
			note = fmt.Sprintf("%s, %.2f s of %.2f s, %s %.2fx", l.Voice, t.Duration.Seconds(), t.Slot.Seconds(), t.Method, t.Ratio)
		}
		x.line(shownLine{ID: l.Event, At: clock(l.Start), Who: l.Character, Source: l.Source, Target: l.Text, Note: note})
	}
	x.media = []mediaFile{{"guide.wav", doc.Guide}, {"dialogue.wav", doc.Dialogue}}
	return nil
}

func (x *exhibit) final(ctx context.Context) error {
	doc, err := parse[contract.Master](x)
	if err != nil {
		return err
	}
	mix, err := loadBlob[contract.Mix](ctx, x.blobs, doc.Mix)
	if err != nil {
		return err
	}
	x.fact("mix: %.1f LUFS, true peak %.1f dBTP, dialogue %+.1f dB, over the %s", mix.LUFS, mix.PeakDBTP, mix.GainDB, mix.BedKind)
	x.media = []mediaFile{{"mix.wav", mix.Mix}}
	if !doc.Picture.IsZero() {
		picture, err := loadBlob[contract.Picture](ctx, x.blobs, doc.Picture)
		if err != nil {
			return err
		}
		x.fact("lip-sync (%s grade): %s, %d of %d lip closures hit, %d of %d frames with a face changed, picture outside the mouths identical: %t",
			picture.Grade, plural(picture.Shots, "shot"), picture.ClosuresHit, picture.Closures, picture.ChangedFrames, picture.FaceFrames, picture.OutsideIdentical)
		for _, f := range picture.Missing {
			x.fact("shot %s: %s%s", f.Event, missing, f.Reason)
		}
		x.media = append(x.media, mediaFile{"picture.mp4", picture.Video})
	}
	if heard, err := loadBlob[qa.Report](ctx, x.blobs, doc.Heard); err != nil {
		return err
	} else if !doc.Heard.IsZero() {
		x.fact("listening to the dub: %d critical, %d major, %d minor", heard.Counts.Critical, heard.Counts.Major, heard.Counts.Minor)
	}
	return nil
}
