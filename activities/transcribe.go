package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/store"
)

// Transcribe turns the programme's speech into a dialogue list, with people's
// edits put over it. Items counts the events that are to be localized.
func (p *Parts) Transcribe(ctx context.Context, w contract.Work) (contract.Made, error) {
	in, err := load[contract.Ingested](ctx, p, w.Doc(contract.StageIngest))
	if err != nil {
		return contract.Made{}, err
	}
	speech, err := load[contract.SpeechRegions](ctx, p, w.Doc(contract.StageSpeech))
	if err != nil {
		return contract.Made{}, err
	}
	_, stop := pulse(ctx, 0)
	defer stop()

	heard, err := p.recognise(ctx, w.Job, w.Model, in.Speech, in.Cut.Duration(), speech.Language)
	if err != nil {
		return contract.Made{}, err
	}
	list := dialogueList(in.Cut, speech, heard, w.Model.Fingerprint)
	sets, err := p.editSets(ctx, w.Edits)
	if err != nil {
		return contract.Made{}, err
	}
	list = script.ApplyToDialogue(list, sets)
	doc, err := p.save(ctx, list)
	if err != nil {
		return contract.Made{}, err
	}
	report, err := p.save(ctx, qa.CheckDialogue(list))
	if err != nil {
		return contract.Made{}, err
	}
	return contract.Made{
		Doc: doc, Report: report, Items: len(list.Localized()), Language: list.Language, Labels: gradeLabels("transcript", w.Model),
	}, nil
}

// recognise transcribes a 16 kHz WAV, once for each model and language.
func (p *Parts) recognise(ctx context.Context, job string, m contract.Model, wav script.Blob, length time.Duration, language string) (engine.Transcript, error) {
	key := script.Key("transcript", m.Fingerprint, wav.SHA256, language)
	r, _, err := p.pay(ctx, job, "transcription", key, m, func(ctx context.Context) (store.Result, error) {
		dir, done, err := p.room()
		if err != nil {
			return store.Result{}, err
		}
		defer done()
		path, err := p.fetch(ctx, wav, dir, "speech.wav")
		if err != nil {
			return store.Result{}, err
		}
		e, err := p.engineFor(ctx, m)
		if err != nil {
			return store.Result{}, err
		}
		heard, err := e.Transcribe(ctx, engine.TranscribeRequest{Model: m.ID, Path: path, Language: language, Key: key})
		if err != nil {
			return store.Result{}, err
		}
		return p.result(ctx, heard, length.Seconds(), "second")
	})
	if err != nil {
		return engine.Transcript{}, err
	}
	return made[engine.Transcript](ctx, p, r)
}

// dialogueList makes events of what was heard, and notes what a person should
// look at because a machine cannot settle it.
func dialogueList(cut script.Cut, speech contract.SpeechRegions, heard engine.Transcript, fingerprint string) script.DialogueList {
	words := heard.Words
	list := script.DialogueList{Cut: cut, Language: speech.Language, Engine: fingerprint}
	if len(words) == 0 && len(heard.Segments) > 0 {
		words = estimated(heard.Segments)
		list.Doubts = append(list.Doubts, script.Doubt{Reason: "the recogniser gave no word times; they are estimated from its segments"})
	}
	var run []script.Heard
	for _, word := range words {
		run = append(run, script.Heard{
			Word:     script.Word{Text: word.Text, Start: word.Start, End: min(word.End, cut.Duration()), Probability: word.Probability},
			Speaker:  word.Speaker,
			Language: languageAt(speech, (word.Start+word.End)/2),
		})
	}
	list.Events = script.Utterances(run, speech.Language)
	list.Doubts = append(list.Doubts, doubts(list.Events, speech, heard.Segments)...)
	return list
}

// languageAt is the language spoken at a time, as far as it is certain. The
// programme's own goes by the programme's tag, with its region.
func languageAt(speech contract.SpeechRegions, at time.Duration) string {
	for _, r := range speech.Regions {
		if at >= r.Start && at < r.End && r.Language != "" && r.Probability >= certain && !sameLanguage(r.Language, speech.Language) {
			return r.Language
		}
	}
	return speech.Language
}

// estimated spreads the words of each segment over it by length.
func estimated(segments []engine.Segment) []engine.Word {
	var words []engine.Word
	for _, s := range segments {
		fields := fieldsWithSpans(s.Text)
		total := len([]rune(s.Text))
		for _, f := range fields {
			at := func(letter int) time.Duration {
				return s.Start + time.Duration(float64(s.End-s.Start)*float64(letter)/float64(total))
			}
			words = append(words, engine.Word{Text: f.text, Start: at(f.from), End: at(f.to)})
		}
	}
	return words
}

// What counts as doubtful. The first two are the thresholds by which Whisper
// itself discards a segment; the third is how much speech may go unheard.
const (
	noSpeechDoubt = 0.6
	wordDoubt     = 0.35
	unheardMax    = 1500 * time.Millisecond // rules.json SYN005
)

func doubts(events []script.Event, speech contract.SpeechRegions, segments []engine.Segment) []script.Doubt {
	var all []script.Doubt
	for _, e := range events {
		if reason := doubtOf(e, speech, segments); reason != "" {
			all = append(all, script.Doubt{Event: e.ID, Reason: reason})
		}
	}
	for _, r := range speech.Regions {
		if gap := unheard(r, events); gap > unheardMax {
			all = append(all, script.Doubt{Reason: fmt.Sprintf("%.1f s of speech at %.1f s have no line: insert one if something is said there",
				gap.Seconds(), r.Start.Seconds())})
		}
	}
	return all
}

func doubtOf(e script.Event, speech contract.SpeechRegions, segments []engine.Segment) string {
	for _, r := range speech.Regions {
		if r.Start < e.End && r.End > e.Start && r.Language != "" && r.Probability < certain && !sameLanguage(r.Language, e.Language) {
			return fmt.Sprintf("may be spoken in %s (probability %.2f); mark it other-language if so", r.Language, r.Probability)
		}
	}
	for _, s := range segments {
		if s.Start < e.End && s.End > e.Start && s.NoSpeech > noSpeechDoubt {
			return "the recogniser doubts that this is speech; delete it if nobody speaks"
		}
	}
	sum := 0.0
	for _, w := range e.Words {
		sum += w.Probability
	}
	if n := len(e.Words); n > 0 && sum > 0 && sum/float64(n) < wordDoubt {
		return "hardly understood; listen to it"
	}
	return ""
}

// unheard is how much of a region no event covers.
func unheard(r contract.SpeechRegion, events []script.Event) time.Duration {
	left := r.End - r.Start
	for _, e := range events {
		if overlap := min(e.End, r.End) - max(e.Start, r.Start); overlap > 0 {
			left -= overlap
		}
	}
	return left
}
