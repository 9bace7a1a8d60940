package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/dub"
	"github.com/babelreel/babelreel/domain/script"
)

// PrepareDub makes the dub script of an approved translation: a voice and a slot
// for every line, with people's edits of words and casting put over it.
func (p *Parts) PrepareDub(ctx context.Context, w contract.Work) (contract.Made, error) {
	list, err := load[script.DialogueList](ctx, p, w.Doc(contract.StageDialogue))
	if err != nil {
		return contract.Made{}, err
	}
	t, err := load[script.Translation](ctx, p, w.Doc(contract.StageTranslate))
	if err != nil {
		return contract.Made{}, err
	}
	plan, err := load[contract.LanguagePlan](ctx, p, w.Doc(contract.StagePlan))
	if err != nil {
		return contract.Made{}, err
	}
	events := list.Localized()
	cast, notes, err := castOf(events, plan, w.Casting)
	if err != nil {
		return contract.Made{}, err
	}
	s := script.DubScript{Language: w.To, Notes: notes}
	policy := dub.DefaultPolicy()
	policy.Programme = list.Cut.Duration()
	slots := dub.Slots(linesAsSpoken(list.Events), policy)
	for i, e := range list.Events {
		l, ok := t.Line(e.ID)
		if !e.Localized() || !ok {
			continue // kept original, or missing, which the translation gate lists
		}
		s.Lines = append(s.Lines, script.DubLine{
			Event: e.ID, Character: e.Character, Presence: e.Presence, Voice: cast[e.Character],
			Source: l.Source, Text: l.Text, Start: e.Start, End: e.End, Slot: slots[i].Length.Truncate(time.Millisecond),
		})
	}
	sets, err := p.editSets(ctx, w.Edits)
	if err != nil {
		return contract.Made{}, err
	}
	s = script.ApplyToDub(s, sets)
	doc, err := p.save(ctx, s)
	return contract.Made{Doc: doc, Items: len(s.Lines), Language: w.To}, err
}

// castOf gives each character of the events a voice. Characters choose in order
// of appearance, so that an edit of lines never changes the cast.
func castOf(events []script.Event, plan contract.LanguagePlan, decided map[string]string) (voice map[string]string, notes []string, err error) {
	var characters []dub.Character
	for _, e := range events {
		if !slices.ContainsFunc(characters, func(c dub.Character) bool { return c.Name == e.Character }) {
			characters = append(characters, dub.Character{Name: e.Character})
		}
	}
	var voices []dub.Voice
	for _, v := range plan.Voices {
		voices = append(voices, dub.Voice{ID: v.ID, Gender: v.Gender})
	}
	pinned := map[string]string{}
	for _, c := range characters {
		v, ok := decided[c.Name]
		if !ok {
			continue
		}
		if !slices.ContainsFunc(voices, func(have dub.Voice) bool { return have.ID == v }) {
			notes = append(notes, fmt.Sprintf("%s is cast with %s, which has no %s; another voice speaks", c.Name, v, plan.To))
			continue
		}
		pinned[c.Name] = v
	}
	cast, err := dub.Cast(characters, voices, plan.To, pinned)
	voice = map[string]string{}
	for _, a := range cast {
		voice[a.Character] = a.Voice
		if a.Note != "" {
			notes = append(notes, a.Character+": "+a.Note)
		}
		if len(a.SharedWith) > 0 {
			notes = append(notes, fmt.Sprintf("%s shares voice %s with %s", a.Character, a.Voice, strings.Join(a.SharedWith, ", ")))
		}
	}
	return voice, notes, err
}

// linesAsSpoken is when each event is heard. Slots leave room for events that
// keep their original, too. Where nobody knows whether the mouth is seen, the
// line may run on as off screen: a person marks the events that may not.
func linesAsSpoken(events []script.Event) []dub.Line {
	lines := make([]dub.Line, len(events))
	for i, e := range events {
		lines[i] = dub.Line{EventID: e.ID, Speaker: e.Character, Start: e.Start, End: e.End, OffScreen: e.Presence != script.OnScreen}
	}
	return lines
}
