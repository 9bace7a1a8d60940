package activities

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/qa"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
)

// around is how far outside of a take its words may be heard: the recogniser's
// word times are off by up to 160 ms (90th percentile, measured).
const around = 160 * time.Millisecond

// HearDub listens to the dialogue stem as it is in the mix and compares what is
// understood with the approved lines.
func (p *Parts) HearDub(ctx context.Context, w contract.Work) (contract.Made, error) {
	mix, err := load[contract.Mix](ctx, p, w.Doc(contract.StageMix))
	if err != nil {
		return contract.Made{}, err
	}
	dub, err := p.dubOf(ctx, w)
	if err != nil {
		return contract.Made{}, err
	}
	dir, _, done, err := p.desk(ctx, 0)
	if err != nil {
		return contract.Made{}, err
	}
	defer done()
	stem, err := p.fetch(ctx, mix.Dialogue, dir, "dialogue.wav")
	if err != nil {
		return contract.Made{}, err
	}
	path := filepath.Join(dir, "speech.wav")
	if err := p.Media.ExtractSpeechAudio(ctx, stem, 0, path); err != nil {
		return contract.Made{}, err
	}
	wav, err := p.keep(ctx, path, "audio/wav")
	if err != nil {
		return contract.Made{}, err
	}
	heard, err := p.recognise(ctx, w.Job, w.Model, wav, length(dub.takes), w.To)
	if err != nil {
		return contract.Made{}, err
	}
	in := dub.input()
	for i := range in.Lines {
		words := wordsIn(heard, in.Lines[i])
		in.Lines[i].Heard = &words
	}
	in.Levels = &qa.Levels{Dialogue: mix.LUFS, TruePeak: mix.PeakDBTP}
	report := qa.CheckDub(in)
	doc, err := p.save(ctx, report)
	return contract.Made{Doc: doc, Report: doc, Items: len(in.Lines)}, err
}

// wordsIn is what was understood where a line is spoken.
func wordsIn(heard engine.Transcript, l qa.DubLine) string {
	var words []string
	for _, word := range heard.Words {
		middle := (word.Start + word.End) / 2
		if middle >= l.Start-around && middle <= l.Start+l.Duration+around {
			words = append(words, word.Text)
		}
	}
	return strings.Join(words, " ")
}

func length(t script.Takes) time.Duration {
	var end time.Duration
	for _, take := range t.Takes {
		end = max(end, take.Start+take.Duration)
	}
	return end
}
