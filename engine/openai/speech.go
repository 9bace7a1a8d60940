package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

// agree is how far the length that an engine states may lie from the length of
// its audio: two frames of 25 ms.
const agree = 50 * time.Millisecond

type speechRequest struct {
	Model    string  `json:"model"`
	Input    string  `json:"input"`
	Voice    string  `json:"voice"`
	Format   string  `json:"response_format"`
	Language string  `json:"language,omitempty"`
	Duration seconds `json:"duration,omitempty"`
	Limit    seconds `json:"max_duration,omitempty"`
}

type phoneme struct {
	Symbol string  `json:"p"`
	Start  seconds `json:"start"`
	End    seconds `json:"end"`
}

type speechAnswer struct {
	Audio    []byte    `json:"audio"`
	Duration seconds   `json:"duration"`
	Natural  seconds   `json:"natural_duration"`
	Phonemes []phoneme `json:"phonemes"`
}

// Speak synthesizes one line. The audio is whole, and as long as it is said to
// be, or the error is fault.Broken. From a server that answers with audio alone
// the line has no phonemes, and its natural length is the length it has.
func (c *Client) Speak(ctx context.Context, r engine.SpeakRequest) (engine.Spoken, error) {
	const op = "speak"
	if strings.TrimSpace(r.Text) == "" {
		return engine.Spoken{}, fault.New(fault.Invalid, name(op), "the line has no text")
	}
	format := "json"
	if c.plain {
		format = "wav"
	}
	q, err := document(op, "/v1/audio/speech", speechRequest{r.Model, r.Text, r.Voice, format, r.Language, seconds(r.Duration), seconds(r.Limit)})
	if err != nil {
		return engine.Spoken{}, err
	}
	q.key, q.text = r.Key, []string{r.Text}

	body, err := c.bytes(ctx, q)
	if err != nil {
		return engine.Spoken{}, err
	}
	answer := speechAnswer{Audio: body}
	if bytes.HasPrefix(body, []byte("RIFF")) {
		sized(body)
	} else if err := json.Unmarshal(body, &answer); err != nil {
		return engine.Spoken{}, broken(op, "the answer is neither WAV nor the JSON of docs/engine-wire.md: %w", err)
	}
	return answer.spoken(op)
}

func (a speechAnswer) spoken(op string) (engine.Spoken, error) {
	length, err := wavLength(a.Audio)
	if err != nil {
		return engine.Spoken{}, broken(op, "the audio cannot be used: %w", err)
	}
	if said := time.Duration(a.Duration); said != 0 && (said-length).Abs() > agree {
		return engine.Spoken{}, broken(op, "the engine says %s, its audio runs %s", said, length)
	}
	s := engine.Spoken{WAV: a.Audio, Duration: length, Natural: time.Duration(a.Natural)}
	if s.Natural <= 0 {
		s.Natural = length
	}
	var last time.Duration
	for i, p := range a.Phonemes {
		start, end := time.Duration(p.Start), time.Duration(p.End)
		if start < last || end < start || end > length+agree {
			return engine.Spoken{}, broken(op, "phoneme %d (%s to %s) is out of order or outside the audio", i, start, end)
		}
		s.Phonemes = append(s.Phonemes, engine.Phoneme{Symbol: p.Symbol, Start: start, End: end})
		last = start
	}
	return s, nil
}
