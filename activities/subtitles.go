package activities

import (
	"context"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// AuthorSubtitles makes cues of the translation, repairs what can be repaired
// without changing a word, puts people's edits over them and checks the result.
// Nothing repairs what a person decided.
func (p *Parts) AuthorSubtitles(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	cuts, err := load[contract.Shots](ctx, p, w.Doc(contract.StageShots))
	if err != nil {
		return contract.Made{}, err
	}
	list, err := load[script.DialogueList](ctx, p, w.Doc(contract.StageDialogue))
	if err != nil {
		return contract.Made{}, err
	}
	t, err := load[script.Translation](ctx, p, w.Doc(contract.StageTranslate))
	if err != nil {
		return contract.Made{}, err
	}
	limits, err := timedtext.LimitsFor(profile(w.Profile), w.To, timedtext.Adult)
	if err != nil {
		return contract.Made{}, err
	}
	shots := []time.Duration{} // known to be none, where there is one shot
	for _, frame := range cuts.Starts[1:] {
		shots = append(shots, in.Cut.Rate.TimeOf(frame))
	}
	cues, _ := timedtext.Author(linesOf(list, t), timedtext.Options{ // its notes are findings of the rules, too
		Language: w.To, SourceLanguage: w.From, Rate: in.Cut.Rate, Limits: limits, Shots: shots, Duration: in.Cut.Duration(),
	})
	check := qa.Context{Limits: limits, Language: w.To, Rate: in.Cut.Rate, Duration: in.Cut.Duration(), Shots: shots}
	for _, e := range list.Localized() {
		check.Events = append(check.Events, qa.Event{ID: e.ID, Start: e.Start, End: e.End})
	}
	doc, _, _ := qa.Repair(timedtext.Document{Language: w.To, Rate: in.Cut.Rate, Cues: cues}, check)

	sets, err := p.editSets(ctx, w.Edits)
	if err != nil {
		return contract.Made{}, err
	}
	doc, conflicts := timedtext.Apply(doc, limits, sets)
	report := qa.CheckSubtitles(doc, check).With(qa.Conflicts(conflicts)...)
	made, err := p.save(ctx, doc)
	if err != nil {
		return contract.Made{}, err
	}
	checked, err := p.save(ctx, report)
	return contract.Made{Doc: made, Report: checked, Items: len(doc.Cues), Language: w.To}, err
}

// linesOf is what is shown of a translation: each line with the times of its
// event.
func linesOf(list script.DialogueList, t script.Translation) []timedtext.Line {
	var lines []timedtext.Line
	for _, e := range list.Localized() {
		l, ok := t.Line(e.ID)
		if !ok {
			continue // the gate of the translation lists it as missing
		}
		lines = append(lines, timedtext.Line{
			EventID: e.ID, Speaker: e.Character, Start: e.Start, End: e.End, Text: l.Text, Words: e.Words,
			Italic: e.Presence == script.OffScreen,
		})
	}
	return lines
}
