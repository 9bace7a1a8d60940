package openai

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/babelreel/babelreel/engine"
)

// seconds is a time as servers write it: 24.7, "24.7" or null.
type seconds time.Duration

// longest keeps a time within what a Duration holds; no file is a year long.
const longest = 366 * 24 * 3600

// UnmarshalJSON reads a number, or a number in quotes. Null and "" are 0.
func (s *seconds) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if text == "null" || text == "" {
		*s = 0
		return nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || v > longest || v < -longest {
		return errors.New("a time is not a number of seconds")
	}
	*s = seconds(v * float64(time.Second))
	return nil
}

// MarshalJSON writes decimal seconds.
func (s seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}

// FindSpeech returns the regions of speech in the WAV file at path.
func (c *Client) FindSpeech(ctx context.Context, model, path string) ([]engine.Region, error) {
	const op = "find speech"
	q, f, err := upload(op, "/v1/audio/speech-regions", path, [][2]string{{"model", model}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()

	var answer struct {
		Regions []struct {
			Start       seconds `json:"start"`
			End         seconds `json:"end"`
			Language    string  `json:"language"`
			Probability float64 `json:"probability"`
		} `json:"regions"`
	}
	if err := c.json(ctx, q, &answer); err != nil {
		return nil, err
	}

	regions := make([]engine.Region, len(answer.Regions))
	var last time.Duration
	for i, r := range answer.Regions {
		start, end := time.Duration(r.Start), time.Duration(r.End)
		if start < last || end <= start {
			return nil, broken(op, "region %d (%s to %s) overlaps another or is out of order", i, start, end)
		}
		if r.Probability < 0 || r.Probability > 1 {
			return nil, broken(op, "region %d has the probability %g", i, r.Probability)
		}
		regions[i] = engine.Region{Start: start, End: end, Language: language(r.Language), Probability: r.Probability}
		last = end
	}
	return regions, nil
}

// word is a recognised word, or piece of one, as servers write it. A word whose
// time is not known has no Start.
type word struct {
	Word        string   `json:"word"`
	Text        string   `json:"text"` // in place of Word
	Start       *seconds `json:"start"`
	End         *seconds `json:"end"`
	Probability float64  `json:"probability"`
	Speaker     string   `json:"speaker"`
}

type verboseJSON struct {
	Language string  `json:"language"`
	Duration seconds `json:"duration"`
	Words    []word  `json:"words"`
	Segments []struct {
		Start    seconds `json:"start"`
		End      seconds `json:"end"`
		Text     string  `json:"text"`
		NoSpeech float64 `json:"no_speech_prob"`
		Words    []word  `json:"words"`
	} `json:"segments"`
}

// Transcribe turns the speech of a WAV file into text. A server that gives no
// times of words, or not of every word, yields a transcript without Words.
func (c *Client) Transcribe(ctx context.Context, r engine.TranscribeRequest) (engine.Transcript, error) {
	const op = "transcribe"
	fields := [][2]string{{"model", r.Model}, {"response_format", "verbose_json"}, {"timestamp_granularities[]", "word"}, {"timestamp_granularities[]", "segment"}, {"diarize", "true"}}
	if r.Language != "" {
		fields = append(fields, [2]string{"language", r.Language})
	}
	q, f, err := upload(op, "/v1/audio/transcriptions", r.Path, fields)
	if err != nil {
		return engine.Transcript{}, err
	}
	defer func() { _ = f.Close() }()
	q.key = r.Key

	var answer verboseJSON
	if err := c.json(ctx, q, &answer); err != nil {
		return engine.Transcript{}, err
	}
	return answer.transcript(op)
}

func (v verboseJSON) transcript(op string) (engine.Transcript, error) {
	t := engine.Transcript{Language: language(v.Language), Duration: time.Duration(v.Duration)}
	if t.Duration < 0 {
		return t, broken(op, "the duration is negative")
	}
	heard := v.Words
	for i, s := range v.Segments {
		if s.Start < 0 || s.End < s.Start {
			return t, broken(op, "segment %d ends before it starts", i)
		}
		t.Segments = append(t.Segments, engine.Segment{Start: time.Duration(s.Start), End: time.Duration(s.End), Text: strings.TrimSpace(s.Text), NoSpeech: s.NoSpeech})
		if len(v.Words) == 0 {
			heard = append(heard, s.Words...)
		}
	}
	var err error
	t.Words, err = whole(op, heard)
	return t, err
}

// whole joins pieces to words and puts these in order of time. It returns none
// where any piece has no time: half of the words would pass for all of them.
func whole(op string, pieces []word) ([]engine.Word, error) {
	spaced := slices.ContainsFunc(pieces, func(w word) bool { return strings.HasPrefix(w.Word+w.Text, " ") })
	var out []engine.Word
	for i, p := range pieces {
		if p.Start == nil || p.End == nil {
			return nil, nil
		}
		text, start, end := p.Word+p.Text, time.Duration(*p.Start), time.Duration(*p.End)
		if start < 0 || end < start {
			return nil, broken(op, "word %d ends before it starts", i)
		}
		if last := len(out) - 1; last >= 0 && spaced && continues(out[last].Text, text) {
			out[last].Text += strings.TrimSpace(text)
			out[last].End = max(out[last].End, end)
			out[last].Probability = min(out[last].Probability, p.Probability)
			continue
		}
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, engine.Word{Text: text, Start: start, End: end, Probability: p.Probability, Speaker: p.Speaker})
		}
	}
	slices.SortStableFunc(out, func(a, b engine.Word) int { return int(min(max(a.Start-b.Start, -1), 1)) })
	return out, nil
}

// continues reports whether piece belongs to the word before it: some servers
// send parts of words and mark by a leading space where a new word begins.
// Scripts that write no spaces are left as they come.
func continues(before, piece string) bool {
	first, _ := utf8.DecodeRuneInString(piece)
	last, _ := utf8.DecodeLastRuneInString(before)
	return piece != "" && !unicode.IsSpace(first) && !unspaced(first) && !unspaced(last)
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// language is a BCP 47 tag for what a server calls a language: a tag already,
// or its English name. What is neither is "".
func language(s string) string {
	if tag, ok := named()[strings.ToLower(s)]; ok {
		return tag
	}
	return tagged(s)
}
