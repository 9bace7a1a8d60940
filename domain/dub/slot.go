// Package dub decides who speaks a dub and how its lines fit the picture:
// casting, slots and slot fitting.
//
// It is pure: no clock, file, network, randomness or Temporal, and no order of
// a map ever shows, so workflows may call it. Times are offsets from the first
// frame of the cut.
package dub

import (
	"cmp"
	"slices"
	"time"
)

// Line is one line of dialogue as the original has it.
type Line struct {
	EventID   string        `json:"eventId"`
	Speaker   string        `json:"speaker"` // "" where unknown: then nobody else's
	Start     time.Duration `json:"start"`
	End       time.Duration `json:"end"`
	OffScreen bool          `json:"offScreen"` // no mouth is seen
}

// Policy says how far a line may outlast its original.
type Policy struct {
	Gap       time.Duration `json:"gap"`       // silence left before the next line
	OnScreen  time.Duration `json:"onScreen"`  // overhang while the mouth is seen
	OffScreen time.Duration `json:"offScreen"` // overhang of a voice off screen
	Programme time.Duration `json:"programme"` // length of the cut, 0 where unknown
}

// DefaultPolicy allows on screen what passes isochrony (rule DUB001: 0.2 s), off
// screen a second, and leaves two frames at 24 fps between lines.
func DefaultPolicy() Policy {
	return Policy{Gap: 84 * time.Millisecond, OnScreen: 200 * time.Millisecond, OffScreen: time.Second}
}

// Slot is the room of one line.
type Slot struct {
	EventID string        `json:"eventId"`
	Start   time.Duration `json:"start"`
	Source  time.Duration `json:"source"` // length of the original line
	Length  time.Duration `json:"length"` // the longest the dub may be; 0 where there is no room at all
}

// Slots gives each line its room, in the order of lines. A slot ends with its
// original, plus the overhang of the policy where nobody speaks: a gap before
// the next line of any speaker, and always before the next of the same one. A
// line that another speaker interrupts in the original keeps its length.
func Slots(lines []Line, p Policy) []Slot {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lines[a].Start, lines[b].Start) })

	slots := make([]Slot, len(lines))
	for at, i := range order {
		l := lines[i]
		limit := l.End + p.OnScreen
		if l.OffScreen {
			limit = l.End + p.OffScreen
		}
		for _, j := range order[at+1:] {
			next := lines[j]
			if next.Start-p.Gap >= limit {
				break
			}
			room := next.Start - p.Gap
			if l.Speaker == "" || l.Speaker != next.Speaker {
				room = max(room, l.End)
			}
			limit = min(limit, room)
		}
		if p.Programme > 0 {
			limit = min(limit, p.Programme)
		}
		slots[i] = Slot{EventID: l.EventID, Start: l.Start, Source: max(0, l.End-l.Start), Length: max(0, limit-l.Start)}
	}
	return slots
}
