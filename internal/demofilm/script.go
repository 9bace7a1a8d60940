package demofilm

import (
	"time"

	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/engine"
)

// rate is the frame rate of the film.
var rate = script.Rate{Num: 25, Den: 1}

// canvas is the size of the picture in pixels, 16 to 9.
type canvas struct{ width, height int }

var hd = canvas{1280, 720}

// The characters. The speaker is seen, the narrator is only heard.
const (
	speaker  = "Speaker"
	narrator = "Narrator"
)

// voices are the voices asked for first; where an engine lacks one, another
// English voice of the same gender speaks.
var voices = map[string]engine.Voice{
	speaker:  {ID: "af_heart", Gender: "f"},
	narrator: {ID: "am_michael", Gender: "m"},
}

// scene is one shot and what is said in it.
type scene struct {
	framing   framing
	character string
	lines     []string
}

// The film: a small talk in three shots. The words are plain, so that a small
// translator has a fair chance, and every line stands alone.
var scenes = []scene{
	{wide, speaker, []string{
		"Hello, and welcome to our little film.",
		"Every day, people tell stories in many languages.",
		"But most of us understand only one or two.",
	}},
	{dawn, narrator, []string{
		"The sun rises, and a new day begins.",
		"Somewhere, a child opens a book for the first time.",
	}},
	{near, speaker, []string{
		"A good story should not stop at a border.",
		"The voice can change, but the meaning stays.",
		"Thank you for watching.",
	}},
}

// The pauses, in frames. Portuguese runs about a fifth longer than English, so
// after a line of 3 s there is room for most of it.
const (
	lead  = 20 // before the first line of a shot
	pause = 21 // after each line
	trail = 6  // more after the last line of a shot
)

// Line is one spoken line as it truly is in the film.
type Line struct {
	ID        string        `json:"id"`
	Character string        `json:"character"`
	OnScreen  bool          `json:"onScreen"` // the mouth is seen
	Text      string        `json:"text"`
	Start     time.Duration `json:"start"` // ns from the first frame: of the first sound where the engine tells, else of the take
	End       time.Duration `json:"end"`
}

// Shot is one shot as it truly is in the film.
type Shot struct {
	First  int64 `json:"first"` // frame
	Frames int64 `json:"frames"`
	Face   bool  `json:"face"`
}

// Truth is what is in the film: what tests compare results with.
type Truth struct {
	Language string      `json:"language"` // BCP 47
	Rate     script.Rate `json:"rate"`
	Frames   int64       `json:"frames"`
	Shots    []Shot      `json:"shots"`
	Lines    []Line      `json:"lines"`
}

// framesOf is how many frames it takes to hold d, rounded up.
func framesOf(d time.Duration) int64 {
	n := rate.FrameAt(d)
	if rate.TimeOf(n) < d {
		n++
	}
	return n
}
