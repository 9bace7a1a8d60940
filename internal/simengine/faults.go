package simengine

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/babelreel/babelreel/engine"
)

// Mode is one way to fail.
type Mode string

// The modes. Those after Hang fail after the work was done and billed.
const (
	Error       Mode = "error"           // 500
	RateLimited Mode = "rate-limited"    // 429 with Retry-After
	Unavailable Mode = "unavailable"     // 503
	OutOfMemory Mode = "out-of-memory"   // 500 with the code out_of_memory
	Refused     Mode = "refused"         // 400 with the code content_refused
	Denied      Mode = "denied"          // 403
	Hang        Mode = "hang"            // no answer until the caller gives up
	BrokenJSON  Mode = "broken-json"     // 200, and half of the answer
	WrongIDs    Mode = "wrong-ids"       // translation: one line is missing
	CutAudio    Mode = "truncated-audio" // speech: the last half of the WAV is missing
)

// Fault makes some calls fail.
type Fault struct {
	Capability engine.Capability `json:"capability"` // "" means every
	Mode       Mode              `json:"mode"`
	// Rate is the share of calls that fail, 0..1. Which ones follows from the
	// seed, the request and how often it came before, not from the order of calls.
	Rate float64 `json:"rate"`
	// Calls are the calls that fail, counted from 1 within the capability.
	Calls []int `json:"calls"`
	// Text is what the request must hold for the fault to strike, "" for any.
	Text string `json:"text"`
	// First is how many times each request that holds Text fails before it
	// succeeds; -1 means always.
	First int `json:"first"`
	// RetryAfter is the wait that RateLimited and Unavailable ask for, in seconds;
	// 0 asks for none.
	RetryAfter float64 `json:"retryAfter"`
}

// SetFaults replaces the faults.
func (s *Server) SetFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Faults = slices.Clone(faults)
}

func (s *Server) putFaults(w http.ResponseWriter, r *http.Request) {
	var faults []Fault
	if err := json.NewDecoder(r.Body).Decode(&faults); err != nil {
		write(w, fail(http.StatusBadRequest, "invalid_request", err.Error()))
		return
	}
	s.SetFaults(faults...)
	write(w, jsonAnswer(map[string]any{"ok": true}))
}

// fault is the first fault that strikes a call.
func (s *Server) fault(can engine.Capability, call, repeat int, id string, body []byte) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.opts.Faults {
		if f.Capability != "" && f.Capability != can || f.Text != "" && !bytes.Contains(body, []byte(f.Text)) {
			continue
		}
		byText := f.Text != "" && (f.First < 0 || repeat <= f.First)
		byRate := f.Rate > 0 && share(s.opts.Seed, i, repeat, id) < f.Rate
		if slices.Contains(f.Calls, call) || byText || byRate {
			return f, true
		}
	}
	return Fault{}, false
}

// share is a number in [0, 1) that belongs to one request at its nth time.
func share(seed uint64, fault, repeat int, id string) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %s", seed, fault, repeat, id))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// refusal is the answer of a mode that does no work.
func (f Fault) refusal() (answer, bool) {
	var a answer
	switch f.Mode {
	case Error:
		a = fail(http.StatusInternalServerError, "internal", "simulated failure")
	case RateLimited:
		a = fail(http.StatusTooManyRequests, "rate_limited", "simulated limit")
	case Unavailable:
		a = fail(http.StatusServiceUnavailable, "unavailable", "simulated outage")
	case OutOfMemory:
		a = fail(http.StatusInternalServerError, "out_of_memory", "simulated shortage")
	case Refused:
		a = fail(http.StatusBadRequest, "content_refused", "simulated refusal")
	case Denied:
		a = fail(http.StatusForbidden, "denied", "simulated denial")
	default:
		return a, false
	}
	if f.RetryAfter > 0 {
		a.header["Retry-After"] = strconv.FormatFloat(f.RetryAfter, 'f', -1, 64)
	}
	return a, true
}

// spoil is a good answer after the fault.
func (f Fault) spoil(a answer) answer {
	switch f.Mode {
	case BrokenJSON:
		a.body = a.body[:len(a.body)/2]
	case WrongIDs:
		var chat chatAnswer
		var content translations
		if json.Unmarshal(a.body, &chat) == nil && len(chat.Choices) > 0 && json.Unmarshal([]byte(chat.Choices[0].Message.Content), &content) == nil {
			content.Translations = content.Translations[:len(content.Translations)-1]
			return chatOf(content)
		}
	case CutAudio:
		var spoken map[string]any
		if json.Unmarshal(a.body, &spoken) != nil {
			a.body = a.body[:len(a.body)/2]
			return a
		}
		text, _ := spoken["audio"].(string)
		if audio, err := base64.StdEncoding.DecodeString(text); err == nil {
			spoken["audio"] = audio[:len(audio)/2]
			return jsonAnswer(spoken)
		}
	default:
	}
	return a
}
