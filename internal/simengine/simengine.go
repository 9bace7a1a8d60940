// Package simengine is an engine server for tests: it speaks
// docs/engine-wire.md, works in milliseconds, answers the same question always
// the same way, fails when told to, and counts everything it is asked.
//
// It does not pretend: its speech is a real WAV that carries in its sound which
// line it is, so its recogniser hears what is in a file, whoever mixed, resampled
// or stretched it, and a line that is not there is not heard.
package simengine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/babelreel/babelreel/engine"
)

// Options say how a Server behaves. The zero value is a fast server without
// faults.
type Options struct {
	Seed    uint64                              // of translations and of faults by rate
	Token   string                              // "" lets everybody in
	Latency map[engine.Capability]time.Duration // of each call
	Faults  []Fault
	// Refuse is a pattern of text whose translation and speech is refused.
	Refuse *regexp.Regexp
	// Remember answers a repeated idempotency key with the first answer, without
	// work, as some services do.
	Remember bool
	// Growth is how much longer a translation is than its source; 0 means 1.1.
	Growth float64
	// Names are words that a translation leaves as they are, beside numbers and
	// words capitalised within a sentence.
	Names []string
	// Models replaces the models listed; see Models.
	Models []engine.Model
	// Lines is a file that remembers which lines were spoken from one process to
	// the next; "" remembers in memory.
	Lines string
	// Journal is a file to which every call is appended when it comes in, as
	// Counts.Calls counts it, so that calls are counted over the deaths of the
	// process; "" keeps none. See ReadJournal.
	Journal string
	// FFmpeg is the program that writes the picture of a lip-sync; "" means ffmpeg.
	FFmpeg string
}

// Server is a running simulator.
type Server struct {
	// URL is the address to give to a client.
	URL string

	port   int
	opts   Options
	models []engine.Model
	http   *http.Server
	done   chan struct{} // closed when the server ends, for calls that hang
	end    sync.Once

	mu          sync.Mutex
	counts      Counts
	busy        map[engine.Capability]int
	asked       map[string]int // how often the same request came, for faults by rate
	answers     map[string]answer
	transcripts map[string]engine.Transcript
	unknown     *engine.Transcript
	lines       map[uint32]line
}

// maxBody is what a request may hold: tests are small.
const maxBody = 1 << 30

// answer is what a call is answered with.
type answer struct {
	status int
	header map[string]string
	body   []byte
}

// New starts a server on a free port of the loopback address.
func New(opts Options) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // does not wait
	if err != nil {
		return nil, err
	}
	address := listener.Addr().(*net.TCPAddr)
	s := &Server{
		URL: "http://" + address.String(), port: address.Port, opts: opts, models: opts.Models, done: make(chan struct{}),
		busy: map[engine.Capability]int{}, asked: map[string]int{}, answers: map[string]answer{},
		transcripts: map[string]engine.Transcript{}, lines: map[uint32]line{}, counts: newCounts(),
	}
	if s.models == nil {
		s.models = Models()
	}
	if err := s.recall(); err != nil {
		_ = listener.Close()
		return nil, err
	}
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // ends with Close
	return s, nil
}

// Port is the port that the server listens on.
func (s *Server) Port() int { return s.port }

// Shutdown lets the calls that the server is working on finish until ctx ends,
// then ends it.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.Close()
	if err := s.http.Shutdown(ctx); err != nil && !errors.Is(err, ctx.Err()) {
		return err
	}
	return nil // calls that hang are ended, which is no failure
}

// Close ends the server and the calls that it is working on.
func (s *Server) Close() {
	s.end.Do(func() { close(s.done) })
	_ = s.http.Close()
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		write(w, jsonAnswer(map[string]any{"ok": true, "rss_bytes": 0}))
	})
	mux.HandleFunc("GET /v1/models", s.listModels)
	mux.HandleFunc("POST /v1/audio/speech-regions", s.serve(engine.CanFindSpeech, s.findSpeech))
	mux.HandleFunc("POST /v1/audio/transcriptions", s.serve(engine.CanTranscribe, s.transcribe))
	mux.HandleFunc("POST /v1/chat/completions", s.serve(engine.CanTranslate, s.translate))
	mux.HandleFunc("POST /v1/audio/speech", s.serve(engine.CanSpeak, s.speak))
	mux.HandleFunc("POST /v1/video/lipsync", s.serve(engine.CanLipSync, s.lipsync))
	mux.HandleFunc("GET /sim/calls", func(w http.ResponseWriter, _ *http.Request) { write(w, jsonAnswer(s.Calls())) })
	mux.HandleFunc("PUT /sim/faults", s.putFaults)
	mux.HandleFunc("PUT /sim/transcript", s.putTranscript)
	return mux
}

// work is one capability: it answers, and says what it bills for that.
type work func(r *http.Request) (answer, Units)

// serve puts around a capability what all have in common: the token, the
// counting, the latency, the faults and the memory of idempotency keys.
func (s *Server) serve(can engine.Capability, do work) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.admits(r) {
			write(w, fail(http.StatusUnauthorized, "unauthorized", "the token is missing or wrong"))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			write(w, fail(http.StatusRequestEntityTooLarge, "invalid_request", "the body was cut off, or is too large"))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))

		key, id := r.Header.Get("Idempotency-Key"), identity(r, body)
		call, repeat, known := s.begin(can, key, id)
		defer s.finish(can)
		if err := s.journal(Entry{Capability: can, Key: key, Asked: id}); err != nil {
			write(w, fail(http.StatusInternalServerError, "internal", "cannot write the journal"))
			return
		}
		if known != nil {
			write(w, *known)
			return
		}
		if !s.pause(r, s.opts.Latency[can]) {
			return
		}
		fault, faulty := s.fault(can, call, repeat, id, body)
		if faulty {
			s.count(func(c *Counts) { c.Faults[can]++ })
			if fault.Mode == Hang {
				select {
				case <-r.Context().Done():
				case <-s.done:
				}
				return
			}
			if a, whole := fault.refusal(); whole {
				write(w, a)
				return
			}
		}
		a, units := do(r)
		if a.status == http.StatusOK {
			s.bill(can, units)
			if s.opts.Remember && key != "" && !faulty {
				s.remember(key, a)
			}
			if faulty {
				a = fault.spoil(a)
			}
		}
		write(w, a)
	}
}

// identity is equal for requests that ask the same: a hash of the body without
// the boundary of a form, which is drawn by chance.
func identity(r *http.Request, body []byte) string {
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && params["boundary"] != "" {
		body = bytes.ReplaceAll(body, []byte(params["boundary"]), nil)
	}
	sum := sha256.Sum256(body)
	return r.URL.Path + " " + hex.EncodeToString(sum[:])
}

// pause waits for d, and reports whether the caller is still there.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}

func (s *Server) admits(r *http.Request) bool {
	return s.opts.Token == "" || r.Header.Get("Authorization") == "Bearer "+s.opts.Token
}

func (s *Server) listModels(w http.ResponseWriter, r *http.Request) {
	if !s.admits(r) {
		write(w, fail(http.StatusUnauthorized, "unauthorized", "the token is missing or wrong"))
		return
	}
	write(w, jsonAnswer(map[string]any{"object": "list", "data": s.models}))
}

// refused reports whether any of the texts is one to refuse.
func (s *Server) refused(texts ...string) bool {
	if s.opts.Refuse == nil {
		return false
	}
	return slices.ContainsFunc(texts, s.opts.Refuse.MatchString)
}

func write(w http.ResponseWriter, a answer) {
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func jsonAnswer(v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		return fail(http.StatusInternalServerError, "internal", err.Error())
	}
	return answer{http.StatusOK, map[string]string{"Content-Type": "application/json"}, body}
}

// fail is an error in the form of the wire.
func fail(status int, code, message string) answer {
	a := jsonAnswer(map[string]any{"error": map[string]any{"message": message, "type": "simulated", "code": code}})
	a.status = status
	return a
}
