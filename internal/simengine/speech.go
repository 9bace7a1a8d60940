package simengine

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/babelreel/babelreel/engine"
)

// The pace of speech: 14 characters a second is an unhurried reading, and no
// line is shorter than 0.4 s.
const (
	pace         = 14
	leastSeconds = 0.4
	speechRate   = 24_000
	longestLine  = 600.0 // seconds
	hurry        = 1.2   // how much faster a limit may make a line: docs/engine-wire.md
)

// speak answers /v1/audio/speech.
func (s *Server) speak(r *http.Request) (answer, Units) {
	var in struct {
		Model    string  `json:"model"`
		Input    string  `json:"input"`
		Voice    string  `json:"voice"`
		Format   string  `json:"response_format"`
		Language string  `json:"language"`
		Duration float64 `json:"duration"`
		Limit    float64 `json:"max_duration"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return fail(http.StatusBadRequest, "invalid_request", "the body is not JSON"), Units{}
	}
	m, ok := s.model(in.Model, engine.CanSpeak)
	if !ok {
		return fail(http.StatusNotFound, "model_not_found", "there is no such model of speech"), Units{}
	}
	voice := slices.IndexFunc(m.Voices, func(v engine.Voice) bool { return v.ID == in.Voice })
	switch {
	case voice < 0:
		return fail(http.StatusNotFound, "voice_not_found", "there is no such voice"), Units{}
	case strings.TrimSpace(in.Input) == "" || in.Duration < 0 || in.Duration > longestLine:
		return fail(http.StatusBadRequest, "invalid_request", "the input is empty or the duration not between 0 and 600 s"), Units{}
	case s.refused(in.Input):
		return fail(http.StatusBadRequest, "content_refused", "simulated refusal"), Units{}
	}
	if in.Language == "" {
		in.Language = m.Voices[voice].Language
	}

	l := line{in.Input, in.Language, in.Voice}
	natural := l.natural()
	length := natural
	if in.Duration > 0 {
		length = in.Duration
	} else if in.Limit > 0 && natural > in.Limit {
		length = max(in.Limit, natural/hurry)
	}
	audio := encode(chord(l.number(), seconds(length), speechRate), speechRate)
	length = math.Round(length*speechRate) / speechRate
	if err := s.know(l); err != nil {
		return fail(http.StatusInternalServerError, "internal", "cannot remember the line"), Units{}
	}
	chars := utf8.RuneCountInString(in.Input)
	units := Units{Lines: 1, Chars: chars, Seconds: length, texts: []string{in.Language + " " + in.Input}}
	if in.Format != "json" {
		return answer{http.StatusOK, map[string]string{"Content-Type": "audio/wav"}, audio}, units
	}
	return jsonAnswer(map[string]any{
		"audio": audio, "sample_rate": speechRate, "duration": length, "natural_duration": natural, "phonemes": phonemes(in.Input, length),
	}), units
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }

// natural is how long a line takes unhurried.
func (l line) natural() float64 {
	return max(float64(utf8.RuneCountInString(strings.TrimSpace(l.Text)))/pace, leastSeconds)
}

// phoneme is a phoneme on the wire.
type phoneme struct {
	Symbol string  `json:"p"`
	Start  float64 `json:"start"`
	End    float64 `json:"end"`
}

// phonemes spreads the letters of text evenly between the still ends of a line.
// The letters of the Latin alphabet are IPA symbols themselves; for others a
// vowel stands in.
func phonemes(text string, length float64) []phoneme {
	var symbols []string
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z':
			symbols = append(symbols, string(r))
		case unicode.IsLetter(r):
			symbols = append(symbols, "a")
		}
	}
	still := min(stillness.Seconds(), length/6)
	step := (length - 2*still) / float64(max(len(symbols), 1))
	out := make([]phoneme, len(symbols))
	for i, symbol := range symbols {
		out[i] = phoneme{symbol, still + float64(i)*step, still + float64(i+1)*step}
	}
	return out
}

// Line is one line of a recording.
type Line struct {
	At       time.Duration // where it starts
	Text     string
	Language string
	Voice    string        // whoever has another voice is another speaker
	Length   time.Duration // 0 for natural
}

// Record makes a 24 kHz WAV of the given length in which the lines are spoken
// where they are said to be, for films of which the simulator can hear the
// dialogue. What lies beyond the end is cut off; lines may overlap, but then
// are not heard.
func (s *Server) Record(length time.Duration, lines ...Line) ([]byte, error) {
	mix := make([]float64, int(length.Seconds()*speechRate))
	for _, said := range lines {
		l := line{said.Text, said.Language, said.Voice}
		if err := s.know(l); err != nil {
			return nil, err
		}
		if said.Length <= 0 {
			said.Length = seconds(l.natural())
		}
		at := int(said.At.Seconds() * speechRate)
		for i, x := range chord(l.number(), said.Length, speechRate) {
			if n := at + i; n >= 0 && n < len(mix) {
				mix[n] += x
			}
		}
	}
	return encode(mix, speechRate), nil
}

// know remembers a line by the number of its chord.
func (s *Server) know(l line) error {
	l.Text = strings.TrimSpace(l.Text)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.lines[l.number()]; ok {
		return nil
	}
	s.lines[l.number()] = l
	if s.opts.Lines == "" {
		return nil
	}
	f, err := os.OpenFile(s.opts.Lines, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(l), f.Close())
}

// recall reads the lines of earlier processes. A last one that was cut off by a
// kill is left out: its audio was not answered either.
func (s *Server) recall() error {
	if s.opts.Lines == "" {
		return nil
	}
	f, err := os.Open(s.opts.Lines)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var l line
		if json.Unmarshal(scan.Bytes(), &l) == nil {
			s.lines[l.number()] = l
		}
	}
	return scan.Err()
}
