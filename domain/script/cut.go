// Package script is the spine of a job: the cut of the picture, the dialogue
// list, its translations, the takes that fill its lines, the edits people make
// and the keys under which results are stored.
//
// It is pure: no clock, file, network, randomness or Temporal. Times are
// offsets from the first frame of a cut.
package script

import (
	"fmt"
	"math/big"
	"time"
)

// Rate is a frame rate in frames per second as an exact fraction, such as
// 24000/1001. The zero value is not valid.
type Rate struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"`
}

// Valid reports whether r is a positive rate.
func (r Rate) Valid() bool { return r.Num > 0 && r.Den > 0 }

// String is the rate as ffmpeg writes it: "25/1".
func (r Rate) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

// Float is the rate as a number, for display and for engines that take one.
func (r Rate) Float() float64 { return float64(r.Num) / float64(r.Den) }

// TimeOf is when frame n starts, rounded to the nanosecond. The rate must be valid.
func (r Rate) TimeOf(n int64) time.Duration {
	t := new(big.Int).Mul(big.NewInt(n), big.NewInt(r.Den*int64(time.Second)))
	return time.Duration(divRound(t, r.Num))
}

// FrameAt is the frame whose start is nearest to t; it is negative for a
// negative t. The rate must be valid.
func (r Rate) FrameAt(t time.Duration) int64 {
	n := new(big.Int).Mul(big.NewInt(int64(t)), big.NewInt(r.Num))
	return divRound(n, r.Den*int64(time.Second))
}

// Snap is the start of the frame nearest to t.
func (r Rate) Snap(t time.Duration) time.Duration { return r.TimeOf(r.FrameAt(t)) }

// Frame is the length of one frame, rounded to the nanosecond.
func (r Rate) Frame() time.Duration { return r.TimeOf(1) }

// divRound is n/d rounded to the nearest integer, halves up.
func divRound(n *big.Int, d int64) int64 {
	two := new(big.Int).Add(new(big.Int).Mul(n, big.NewInt(2)), big.NewInt(d))
	q, _ := new(big.Int).DivMod(two, big.NewInt(2*d), new(big.Int)) // Euclidean: floors, as d > 0
	return q.Int64()
}

// Cut is one version of the picture; every time in a document belongs to one.
type Cut struct {
	ID       string `json:"id"` // sha256 of the master
	Rate     Rate   `json:"rate"`
	StartTC  string `json:"startTc"` // timecode of the first frame, "00:00:00:00" where the file has none
	Frames   int64  `json:"frames"`
	Reels    []Reel `json:"reels,omitempty"` // none: the cut is one reel
	Channels int    `json:"channels"`        // of the original audio
}

// Duration is how long the cut runs.
func (c Cut) Duration() time.Duration { return c.Rate.TimeOf(c.Frames) }

// Reel is a part of a cut that travels as a file of its own.
type Reel struct {
	Name  string `json:"name"`
	First int64  `json:"first"` // frame of the cut at which the reel starts
}
