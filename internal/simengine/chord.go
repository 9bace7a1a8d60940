package simengine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"strings"
	"time"
)

// A line sounds as a chord that carries its 32-bit number: eight tones, each one
// of sixteen in a band of its own. A chord keeps its tones through resampling,
// another gain, a mix, lossy coding and a stretch that keeps the pitch.
//
// The tones lie on the bins of the window in which they are looked for: 1024
// samples at 16 kHz, 15.625 Hz apart.
const (
	hearRate  = 16_000
	window    = 1024 // 64 ms
	hop       = 256  // 16 ms
	bands     = 8
	tones     = 16
	firstBin  = 26 // 406 Hz
	toneStep  = 2  // bins from tone to tone: a Hann window keeps them apart
	bandStep  = 18 // tones from band to band: two of a gap
	loudness  = 0.05
	quiet     = 1e-3                  // RMS below which there is no sound: -60 dBFS
	margin    = 4                     // how much stronger a tone is than the others of its band: 6 dB
	breath    = 5                     // windows without a chord that do not end a line: 80 ms
	shortest  = 3                     // windows that make a line
	stillness = 60 * time.Millisecond // before and after the chord of a line
	fade      = 10 * time.Millisecond
)

// line is what the simulator knows of a chord.
type line struct {
	Text     string `json:"text"`
	Language string `json:"language"`
	Voice    string `json:"voice"`
}

// number is what the chord of a line carries.
func (l line) number() uint32 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", l.Language, l.Voice, strings.TrimSpace(l.Text)))
	return binary.BigEndian.Uint32(sum[:])
}

// bin is where a band has a tone.
func bin(band, tone int) int { return firstBin + toneStep*(band*bandStep+tone) }

// chord is the sound of a number. It swells four times a second, as syllables
// do, and is still at both ends.
func chord(number uint32, length time.Duration, rate int) []float64 {
	out := make([]float64, int(math.Round(length.Seconds()*float64(rate))))
	still := min(stillness.Seconds(), length.Seconds()/6)
	for i := range out {
		t := float64(i) / float64(rate)
		edge := min(t-still, length.Seconds()-still-t)
		if edge <= 0 {
			continue
		}
		gain := loudness * min(edge/fade.Seconds(), 1) * (1 - 0.35*(0.5+0.5*math.Cos(2*math.Pi*4*t)))
		for band := range bands {
			tone := int(number >> (4 * band) & 0xf)
			hz := float64(bin(band, tone)) * hearRate / window
			out[i] += gain * math.Sin(2*math.Pi*(hz*t+float64(band*band)/13)) // phases apart keep the peak low
		}
	}
	return out
}

// utterance is a line that was heard.
type utterance struct {
	line
	start, end time.Duration
}

// sound is a window of a file.
type sound struct {
	number uint32
	power  float64
	known  bool
}

// hear finds the lines in samples at 16 kHz, in order. loud says whether there
// was any sound at all.
func hear(samples []float64, known func(uint32) (line, bool)) (heard []utterance, loud bool) {
	var run []sound
	var first int
	var gap int
	var current line
	end := func() {
		run = run[:len(run)-gap]
		if u, ok := span(run, first); ok {
			u.line = current
			heard = append(heard, u)
		}
		run, gap = nil, 0
	}
	buffer := make([]complex128, window)
	for n := 0; n*hop+window <= len(samples); n++ {
		s, sounds := listen(samples[n*hop:n*hop+window], buffer)
		loud = loud || sounds
		var l line
		if s.known {
			l, s.known = known(s.number)
		}
		if len(run) > 0 && (s.known && s.number != run[0].number || gap >= breath) {
			end()
		}
		switch {
		case s.known && len(run) == 0:
			run, first, current = []sound{s}, n, l
		case s.known:
			run, gap = append(run, s), 0
		case len(run) > 0:
			run, gap = append(run, s), gap+1
		}
	}
	if len(run) > 0 {
		end()
	}
	return heard, loud
}

// span is from when to when a run sounds: it begins and ends where half of a
// window is filled, that is at a quarter of the power.
func span(run []sound, first int) (utterance, bool) {
	powers := make([]float64, len(run))
	for i, s := range run {
		powers[i] = s.power
	}
	slices.Sort(powers)
	if len(powers) < shortest {
		return utterance{}, false
	}
	low := powers[len(powers)/2] / 4
	a, b := 0, len(run)-1
	for a < b && run[a].power < low {
		a++
	}
	for b > a && run[b].power < low {
		b--
	}
	at := func(n int) time.Duration {
		return time.Duration((first+n)*hop+window/2) * time.Second / hearRate
	}
	return utterance{start: at(a), end: at(b)}, b > a
}

// listen looks for a chord in one window.
func listen(samples []float64, buffer []complex128) (s sound, loud bool) {
	energy := 0.0
	for i, x := range samples {
		energy += x * x
		buffer[i] = complex(x*(0.5-0.5*math.Cos(2*math.Pi*float64(i)/window)), 0)
	}
	if math.Sqrt(energy/window) < quiet {
		return sound{}, false
	}
	fft(buffer)
	for band := range bands {
		var power [tones]float64
		best := 0
		for tone := range tones {
			a := cmplx.Abs(buffer[bin(band, tone)])
			if power[tone] = a * a; power[tone] > power[best] {
				best = tone
			}
		}
		for tone, p := range power {
			if (tone < best-1 || tone > best+1) && p*margin > power[best] {
				return sound{}, true
			}
		}
		s.number |= uint32(best) << (4 * band)
		s.power += power[best]
	}
	s.known = true
	return s, true
}

// fft transforms a, whose length is a power of two, in place.
func fft(a []complex128) {
	n := len(a)
	for i, j := 1, 0; i < n; i++ {
		bit := n >> 1
		for ; j&bit != 0; bit >>= 1 {
			j ^= bit
		}
		if j ^= bit; i < j {
			a[i], a[j] = a[j], a[i]
		}
	}
	for size := 2; size <= n; size <<= 1 {
		step := cmplx.Rect(1, -2*math.Pi/float64(size))
		for at := 0; at < n; at += size {
			w := complex(1, 0)
			for k := range size / 2 {
				even, odd := a[at+k], w*a[at+k+size/2]
				a[at+k], a[at+k+size/2] = even+odd, even-odd
				w *= step
			}
		}
	}
}
