package script

import "time"

// DubLine is one line to be voiced.
type DubLine struct {
	Event     string        `json:"event"`
	Character string        `json:"character"`
	Presence  Presence      `json:"presence,omitempty"`
	Voice     string        `json:"voice"`
	Source    string        `json:"source"` // the text in the programme's language
	Text      string        `json:"text"`
	Start     time.Duration `json:"start"`
	End       time.Duration `json:"end"`  // of the source event
	Slot      time.Duration `json:"slot"` // the longest the line may be without running into the next one
}

// DubScript is the adapted script of one language with its casting.
type DubScript struct {
	Language  string     `json:"language"`
	Lines     []DubLine  `json:"lines"`
	Notes     []string   `json:"notes,omitempty"` // such as voices that two characters share
	Conflicts []Conflict `json:"conflicts,omitempty"`
}

// TakeKind says who made a take.
type TakeKind string

// The kinds of take.
const (
	EngineTake   TakeKind = "engine"
	HumanTake    TakeKind = "human"
	OriginalTake TakeKind = "original"
)

// Phoneme is one IPA symbol and when it is heard, from the start of its take.
type Phoneme struct {
	Symbol string        `json:"p"`
	Start  time.Duration `json:"start"`
	End    time.Duration `json:"end"`
}

// Take is what fills a line.
type Take struct {
	Event    string        `json:"event"`
	Kind     TakeKind      `json:"kind"`
	Key      string        `json:"key"` // result key under which it is stored
	Audio    Blob          `json:"audio"`
	Start    time.Duration `json:"start"`
	Slot     time.Duration `json:"slot"`
	Natural  time.Duration `json:"natural"`  // the length the engine would have chosen
	Duration time.Duration `json:"duration"` // the length it has
	Method   string        `json:"method"`   // how it was fitted: natural, engine or stretch
	Ratio    float64       `json:"ratio"`    // Natural / Duration
	Residual time.Duration `json:"residual"` // how far Duration is from what was planned
	Phonemes []Phoneme     `json:"phonemes,omitempty"`
}

// Takes is everything that was voiced for a DubScript: one Take or one Failure
// for each of its lines.
type Takes struct {
	Language string    `json:"language"`
	Takes    []Take    `json:"takes"`
	Failures []Failure `json:"failures,omitempty"`
}
