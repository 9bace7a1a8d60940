package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"math"
	"os"
)

// Writer writes one file. It is not safe for concurrent use. The file is valid
// only after Close has returned without an error.
type Writer struct {
	format Format
	file   *os.File
	w      *bufio.Writer
	frames int64
	buf    []byte
	header int64 // bytes before the samples
}

// Create creates or truncates the file at path.
func Create(path string, f Format) (*Writer, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &Writer{format: f, file: file, w: bufio.NewWriterSize(file, 1<<16)}
	head := w.head()
	w.header = int64(len(head))
	if _, err := w.w.Write(head); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

// Write appends frames, interleaved. Samples beyond full scale are clipped,
// except in F32.
func (w *Writer) Write(samples []float32) error {
	n := len(samples) * w.format.Encoding.Bytes()
	if len(w.buf) < n {
		w.buf = make([]byte, n)
	}
	encode(w.buf[:n], samples, w.format.Encoding)
	w.frames += int64(len(samples) / w.format.Channels)
	_, err := w.w.Write(w.buf[:n])
	return err
}

// Close writes the final sizes, brings the file to the disk and closes it.
func (w *Writer) Close() error {
	if w.dataBytes()%2 == 1 {
		if err := w.w.WriteByte(0); err != nil {
			return errors.Join(err, w.file.Close())
		}
	}
	err := w.w.Flush()
	if err == nil {
		_, err = w.file.WriteAt(w.head(), 0)
	}
	if err == nil {
		err = w.file.Sync()
	}
	return errors.Join(err, w.file.Close())
}

func (w *Writer) dataBytes() int64 { return w.frames * int64(w.format.frameBytes()) }

// head is the header for what has been written so far. Its length never
// changes: a JUNK chunk keeps the room that RF64 needs for its sizes.
func (w *Writer) head() []byte {
	le, f, data := binary.LittleEndian, w.format, w.dataBytes()
	tag := uint16(tagPCM)
	if f.Encoding == F32 {
		tag = tagFloat
	}
	size := f.Encoding.Bytes()
	extensible := f.Channels > 2
	fmtTag, fmtLen := tag, uint32(16)
	if extensible {
		fmtTag, fmtLen = tagExtensible, 40
	}
	total := 4 + 8 + 28 + 8 + int64(fmtLen) + 8 + 4 + 8 + data + data%2 // all after the first 8 bytes
	long := total > math.MaxUint32

	var b []byte
	if long {
		b = append(b, "RF64\xff\xff\xff\xffWAVEds64"...)
		b = le.AppendUint32(b, 28)
		b = le.AppendUint64(b, uint64(total))
		b = le.AppendUint64(b, uint64(data))
		b = le.AppendUint64(b, uint64(w.frames))
		b = le.AppendUint32(b, 0)
	} else {
		b = le.AppendUint32(append(b, "RIFF"...), uint32(total))
		b = le.AppendUint32(append(b, "WAVEJUNK"...), 28)
		b = append(b, make([]byte, 28)...)
	}
	b = le.AppendUint32(append(b, "fmt "...), fmtLen)
	b = le.AppendUint16(b, fmtTag)
	b = le.AppendUint16(b, uint16(f.Channels))
	b = le.AppendUint32(b, uint32(f.Rate))
	b = le.AppendUint32(b, uint32(f.Rate*f.frameBytes()))
	b = le.AppendUint16(b, uint16(f.frameBytes()))
	b = le.AppendUint16(b, uint16(8*size))
	if extensible {
		b = le.AppendUint16(b, 22)
		b = le.AppendUint16(b, uint16(8*size))
		b = le.AppendUint32(b, f.Layout())
		b = append(le.AppendUint16(b, tag), guidTail[:]...)
	}
	b = le.AppendUint32(append(b, "fact"...), 4)
	b = le.AppendUint32(b, uint32(min(w.frames, math.MaxUint32)))
	b = append(b, "data"...)
	if long {
		return le.AppendUint32(b, math.MaxUint32)
	}
	return le.AppendUint32(b, uint32(data))
}

func encode(dst []byte, src []float32, e Encoding) {
	le := binary.LittleEndian
	for i, v := range src {
		switch e {
		case S16:
			le.PutUint16(dst[2*i:], uint16(int16(scale(v, 1<<15))))
		case S24:
			n := uint32(int32(scale(v, 1<<23)))
			dst[3*i], dst[3*i+1], dst[3*i+2] = byte(n), byte(n>>8), byte(n>>16)
		case S32:
			le.PutUint32(dst[4*i:], uint32(int32(scale(v, 1<<31))))
		default:
			le.PutUint32(dst[4*i:], math.Float32bits(v))
		}
	}
}

// scale is v in units of 1/full, rounded and clipped to what an integer sample holds.
func scale(v float32, full float64) float64 {
	return max(-full, min(full-1, math.Round(float64(v)*full)))
}
