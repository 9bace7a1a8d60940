package simengine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

// encode makes a 16-bit mono WAV of samples in -1..1.
func encode(samples []float64, rate int) []byte {
	data := make([]byte, 0, 2*len(samples))
	for _, x := range samples {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(math.Round(32767*max(-1, min(1, x))))))
	}
	le := binary.LittleEndian
	out := append([]byte("RIFF"), le.AppendUint32(nil, uint32(36+len(data)))...)
	out = append(out, "WAVEfmt "...)
	out = le.AppendUint32(out, 16)
	out = le.AppendUint16(out, 1) // PCM
	out = le.AppendUint16(out, 1) // mono
	out = le.AppendUint32(out, uint32(rate))
	out = le.AppendUint32(out, uint32(2*rate))
	out = le.AppendUint16(out, 2)
	out = le.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = le.AppendUint32(out, uint32(len(data)))
	return append(out, data...)
}

// decode reads a 16-bit PCM WAV, mixed down to one channel.
func decode(b []byte) (samples []float64, rate int, err error) {
	le := binary.LittleEndian
	if len(b) < 12 || !bytes.HasPrefix(b, []byte("RIFF")) || string(b[8:12]) != "WAVE" {
		return nil, 0, errors.New("the file is not a WAV")
	}
	channels := 0
	for at := 12; at+8 <= len(b); {
		id, size := string(b[at:at+4]), int(le.Uint32(b[at+4:]))
		at += 8
		if size < 0 || size > len(b)-at {
			return nil, 0, errors.New("the file is cut off")
		}
		switch {
		case id == "fmt " && size >= 16:
			channels, rate = int(le.Uint16(b[at+2:])), int(le.Uint32(b[at+4:]))
			if channels == 0 || rate == 0 || le.Uint16(b[at+14:]) != 16 {
				return nil, 0, errors.New("the file is not 16-bit PCM")
			}
		case id == "data" && channels > 0:
			frames := size / (2 * channels)
			samples = make([]float64, frames)
			for i := range samples {
				for c := range channels {
					samples[i] += float64(int16(le.Uint16(b[at+2*(i*channels+c):]))) / 32768 / float64(channels)
				}
			}
			return samples, rate, nil
		}
		at += size + size&1
	}
	return nil, 0, errors.New("the file has no samples")
}

// resample gives samples another rate by straight lines, which is good enough
// below a quarter of the lower rate.
func resample(samples []float64, from, to int) []float64 {
	if from == to || len(samples) == 0 {
		return samples
	}
	out := make([]float64, int(int64(len(samples))*int64(to)/int64(from)))
	for i := range out {
		at := float64(i) * float64(from) / float64(to)
		n := min(int(at), len(samples)-1)
		next := min(n+1, len(samples)-1)
		out[i] = samples[n] + (samples[next]-samples[n])*(at-float64(n))
	}
	return out
}
