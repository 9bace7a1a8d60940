// Package wav reads and writes PCM sound files as streams of float32 samples.
//
// It knows RIFF/WAVE and its 64-bit form RF64 (EBU Tech 3306), so a feature in
// 5.1 float does not end at 4 GiB. Samples are interleaved; full scale is ±1.
package wav

import (
	"errors"
	"fmt"
)

// ErrFormat is in the chain of every error about the content of a file, apart
// from errors of reading it.
var ErrFormat = errors.New("not a PCM WAV file")

// Encoding is how one sample is stored.
type Encoding int

// The encodings, little-endian.
const (
	S16 Encoding = iota + 1 // 16-bit integer
	S24                     // 24-bit integer
	S32                     // 32-bit integer
	F32                     // 32-bit float; may exceed full scale without loss
)

// Bytes is the size of one sample.
func (e Encoding) Bytes() int {
	switch e {
	case S16:
		return 2
	case S24:
		return 3
	default:
		return 4
	}
}

// Format is what the samples of a file mean.
type Format struct {
	Rate     int    // frames per second; a frame is one sample of each channel
	Channels int    // 1 to MaxChannels
	Mask     uint32 // speaker positions (WAVEFORMATEXTENSIBLE); 0 means the usual ones for Channels
	Encoding Encoding
}

// Bounds on what a header may claim. They are far beyond any production sound
// and keep a hostile header from asking for memory.
const (
	MaxChannels = 64
	MaxRate     = 768000
)

// Validate reports what a file cannot hold.
func (f Format) Validate() error {
	switch {
	case f.Channels < 1 || f.Channels > MaxChannels:
		return fmt.Errorf("%w: %d channels, want 1 to %d", ErrFormat, f.Channels, MaxChannels)
	case f.Rate < 1 || f.Rate > MaxRate:
		return fmt.Errorf("%w: %d Hz, want 1 to %d", ErrFormat, f.Rate, MaxRate)
	case f.Encoding < S16 || f.Encoding > F32:
		return fmt.Errorf("%w: unknown sample encoding", ErrFormat)
	}
	return nil
}

// frameBytes is the size of one frame.
func (f Format) frameBytes() int { return f.Channels * f.Encoding.Bytes() }

// Layout is the speaker positions: Mask, or else the usual ones for so many
// channels, or 0 where there are none.
func (f Format) Layout() uint32 {
	if f.Mask != 0 {
		return f.Mask
	}
	return usualMasks[f.Channels]
}

// usualMasks are the speaker positions meant where a file names none: mono,
// stereo, 3.0, quad, 5.0, 5.1, 6.1 and 7.1 (Microsoft, "Multiple Channel Audio
// Data and WAVE Files").
var usualMasks = map[int]uint32{1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3f, 7: 0x13f, 8: 0x63f}

// The tags of the fmt chunk.
const (
	tagPCM        = 1
	tagFloat      = 3
	tagExtensible = 0xfffe
)

// guidTail follows the 16-bit tag in the sub-format of an extensible header.
var guidTail = [14]byte{0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71}
