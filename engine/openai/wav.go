package openai

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Format tags of a WAV file (mmreg.h).
const (
	formatPCM        = 0x0001
	formatExtensible = 0xFFFE
)

// unsized is the length that servers write when they begin to stream before
// they know it.
const unsized = 0xFFFFFFFF

// wavLength is how long the RIFF PCM file b runs. A file that is cut off, holds
// no sample or is not PCM is an error.
func wavLength(b []byte) (time.Duration, error) {
	if len(b) < 12 || !bytes.Equal(b[:4], []byte("RIFF")) || !bytes.Equal(b[8:12], []byte("WAVE")) {
		return 0, errors.New("it has no RIFF WAVE header")
	}
	if said := int64(binary.LittleEndian.Uint32(b[4:])) + 8; said > int64(len(b)) {
		return 0, fmt.Errorf("it is cut off: %d of %d bytes", len(b), said)
	}
	var rate, align int64
	for at := int64(12); at+8 <= int64(len(b)); {
		id, size := string(b[at:at+4]), int64(binary.LittleEndian.Uint32(b[at+4:]))
		at += 8
		if size > int64(len(b))-at {
			return 0, fmt.Errorf("its chunk %q is cut off", id)
		}
		switch id {
		case "fmt ":
			var err error
			if rate, align, err = pcm(b[at : at+size]); err != nil {
				return 0, err
			}
		case "data":
			switch {
			case rate == 0:
				return 0, errors.New("its samples come before their format")
			case size == 0 || size%align != 0:
				return 0, fmt.Errorf("%d bytes are not a whole number of samples", size)
			}
			return time.Duration(float64(size/align) / float64(rate) * float64(time.Second)), nil
		}
		at += size + size&1
	}
	return 0, errors.New("it holds no samples")
}

// pcm reads a format chunk: samples a second and bytes a sample of all channels.
func pcm(b []byte) (rate, align int64, err error) {
	if len(b) < 16 {
		return 0, 0, errors.New("its format chunk is cut off")
	}
	tag, channels := binary.LittleEndian.Uint16(b), int64(binary.LittleEndian.Uint16(b[2:]))
	rate, align = int64(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint16(b[12:]))
	if tag == formatExtensible && len(b) >= 26 {
		tag = binary.LittleEndian.Uint16(b[24:]) // first field of the sub-format
	}
	bits := int64(binary.LittleEndian.Uint16(b[14:]))
	if tag != formatPCM || channels == 0 || rate == 0 || bits == 0 || align != channels*((bits+7)/8) {
		return 0, 0, fmt.Errorf("it is not PCM (format %#x, %d channels, %d bit, %d Hz)", tag, channels, bits, rate)
	}
	return rate, align, nil
}

// sized writes the true lengths into a WAV that was streamed without them. HTTP
// has told by then whether it came whole.
func sized(b []byte) {
	if len(b) < 12 || binary.LittleEndian.Uint32(b[4:]) != unsized {
		return
	}
	open := []byte{'d', 'a', 't', 'a', 0xFF, 0xFF, 0xFF, 0xFF}
	at := bytes.Index(b, open)
	if at < 0 {
		return
	}
	at += len(open)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	binary.LittleEndian.PutUint32(b[at-4:], uint32(len(b)-at))
}
