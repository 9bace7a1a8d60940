package simengine

import (
	"maps"

	"github.com/babelreel/babelreel/engine"
)

// Units are what a call is billed for. Seconds are of audio or video.
type Units struct {
	Lines   int     `json:"lines"`
	Chars   int     `json:"chars"`
	Seconds float64 `json:"seconds"`

	texts []string // "capability language text" of each line
}

// Counts are what a Server was asked and what it did, by capability.
type Counts struct {
	// Calls counts every request with a valid token, Served those that work was
	// done for, whatever became of the answer, and Faults those that failed by
	// order.
	Calls  map[engine.Capability]int `json:"calls"`
	Served map[engine.Capability]int `json:"served"`
	Faults map[engine.Capability]int `json:"faults"`
	// Repeated counts requests answered from memory by their idempotency key.
	Repeated map[engine.Capability]int `json:"repeated"`
	// Units is what was billed.
	Units map[engine.Capability]Units `json:"units"`
	// Most is how many calls ran at the same time.
	Most map[engine.Capability]int `json:"most"`
	// Keys counts how often each idempotency key was asked.
	Keys map[string]int `json:"keys"`
	// Texts counts how often work was done for a line: "translation pt-BR Hello".
	Texts map[string]int `json:"texts"`
}

func newCounts() Counts {
	by := func() map[engine.Capability]int { return map[engine.Capability]int{} }
	return Counts{
		Calls: by(), Served: by(), Faults: by(), Repeated: by(), Most: by(),
		Units: map[engine.Capability]Units{}, Keys: map[string]int{}, Texts: map[string]int{},
	}
}

// Calls is what was counted until now.
func (s *Server) Calls() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	return Counts{
		Calls: maps.Clone(c.Calls), Served: maps.Clone(c.Served), Faults: maps.Clone(c.Faults), Repeated: maps.Clone(c.Repeated),
		Units: maps.Clone(c.Units), Most: maps.Clone(c.Most), Keys: maps.Clone(c.Keys), Texts: maps.Clone(c.Texts),
	}
}

// Reset starts counting anew, also the calls that faults are scripted for. It
// forgets neither lines nor answers.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts, s.asked = newCounts(), map[string]int{}
}

func (s *Server) count(change func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}

// begin counts a call. It returns its number among those of its capability and
// among equal requests, both from 1, and the answer where it is known.
func (s *Server) begin(can engine.Capability, key, id string) (call, repeat int, known *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Calls[can]++
	s.busy[can]++
	s.counts.Most[can] = max(s.counts.Most[can], s.busy[can])
	s.asked[id]++
	if key != "" {
		s.counts.Keys[key]++
		if a, ok := s.answers[key]; ok {
			s.counts.Repeated[can]++
			known = &a
		}
	}
	return s.counts.Calls[can], s.asked[id], known
}

func (s *Server) finish(can engine.Capability) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[can]--
}

func (s *Server) bill(can engine.Capability, u Units) {
	s.count(func(c *Counts) {
		sum := c.Units[can]
		c.Units[can] = Units{Lines: sum.Lines + u.Lines, Chars: sum.Chars + u.Chars, Seconds: sum.Seconds + u.Seconds}
		c.Served[can]++
		for _, text := range u.texts {
			c.Texts[string(can)+" "+text]++
		}
	})
}

func (s *Server) remember(key string, a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[key] = a
}
