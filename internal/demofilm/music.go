package demofilm

import (
	"math"

	"github.com/babelreel/babelreel/media"
	"github.com/babelreel/babelreel/media/wav"
)

// chords are the harmony, four seconds each, again and again: C, A minor, F and
// G as MIDI notes, the bass first.
var chords = [][]int{{36, 60, 64, 67}, {33, 57, 60, 64}, {29, 57, 60, 65}, {31, 59, 62, 67}}

const (
	chordLength = 4 * media.Rate
	swell       = 1.4 // seconds in which a chord comes and goes, over the next
)

// music writes stereo sound of so many samples: soft chords and a few plucked
// notes, with every sample multiplied by gain.
func music(w *wav.Writer, samples int64, gain float64) error {
	const block = 4096
	buf := make([]float32, 0, 2*block)
	for n := range samples {
		l, r := pad(n)
		p := pluck(n)
		edge := min(1, float64(n)/media.Rate, float64(samples-1-n)/(2*media.Rate)) // in over 1 s, out over 2
		buf = append(buf, float32((l+0.8*p)*edge*gain), float32((r+p)*edge*gain))
		if len(buf) == cap(buf) || n == samples-1 {
			if err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	return nil
}

// pad is the chord of sample n and the end of the one before it.
func pad(n int64) (left, right float64) {
	at := float64(n%chordLength) / media.Rate
	now := n / chordLength
	add := func(chord int64, level float64) {
		if chord < 0 || level <= 0 {
			return
		}
		for i, note := range chords[chord%int64(len(chords))] {
			phase := 2 * math.Pi * hertz(note) * float64(n) / media.Rate
			weight := level
			if i == 0 {
				weight *= 1.3
			}
			// A little apart on the two sides, which is what makes it wide.
			left += weight * tone(phase*0.9985)
			right += weight * tone(phase*1.0015)
		}
	}
	add(now, ease(min(1, at/swell)))
	add(now-1, ease(max(0, 1-at/swell)))
	return left, right
}

// tone is a soft wave: a sine with some of its first harmonics.
func tone(phase float64) float64 {
	return math.Sin(phase) + 0.22*math.Sin(2*phase) + 0.07*math.Sin(3*phase)
}

// pluck is a note of the chord, an octave up, every second.
func pluck(n int64) float64 {
	chord := chords[(n/chordLength)%int64(len(chords))]
	beat := n % chordLength / media.Rate
	at := float64(n%media.Rate) / media.Rate
	note := chord[1+[]int64{0, 2, 1, 2}[beat]%3] + 12
	return 0.9 * min(1, at/0.006) * math.Exp(-4*at) * min(1, (1-at)/0.02) * math.Sin(2*math.Pi*hertz(note)*at)
}

// hertz is the pitch of a MIDI note in equal temperament, A4 at 440.
func hertz(note int) float64 { return 440 * math.Pow(2, float64(note-69)/12) }
