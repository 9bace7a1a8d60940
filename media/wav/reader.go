package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Reader is the samples of one file. It is not safe for concurrent use.
type Reader struct {
	Format
	Frames int64 // how many frames the file holds

	r      *bufio.Reader
	closer io.Closer
	left   int64 // frames not yet read
	buf    []byte
}

// Open opens the file at path. Close the Reader when done.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var r *Reader
		if r, err = NewReader(f, info.Size()); err == nil {
			r.closer = f
			return r, nil
		}
	}
	return nil, errors.Join(err, f.Close())
}

// NewReader reads the header of a stream of size bytes. A data chunk without a
// size (as programs write that cannot seek) runs to the end of the stream; one
// that claims more than the stream holds is an error: the file is truncated.
func NewReader(r io.Reader, size int64) (*Reader, error) {
	d := &Reader{r: bufio.NewReaderSize(r, 1<<16)}
	if err := d.header(size); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it ends within its header", ErrFormat)
		}
		return nil, err
	}
	d.left = d.Frames
	return d, nil
}

func (d *Reader) header(size int64) error {
	var head [12]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil {
		return err
	}
	form := string(head[:4])
	if (form != "RIFF" && form != "RF64") || string(head[8:]) != "WAVE" {
		return fmt.Errorf("%w: it does not start with RIFF or RF64 and WAVE", ErrFormat)
	}

	at, long, known := int64(len(head)), int64(-1), false
	for {
		var c [8]byte
		if _, err := io.ReadFull(d.r, c[:]); err != nil {
			return err
		}
		at += int64(len(c))
		id, n := string(c[:4]), int64(binary.LittleEndian.Uint32(c[4:]))

		if id == "data" {
			if !known {
				return fmt.Errorf("%w: its samples come before their format", ErrFormat)
			}
			return d.data(n, long, size-at)
		}
		body := make([]byte, min(n, 64)) // no chunk that matters is longer
		if _, err := io.ReadFull(d.r, body); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, d.r, n-int64(len(body))+n&1); err != nil {
			return err
		}
		at += n + n&1

		switch id {
		case "fmt ":
			if err := d.format(body); err != nil {
				return err
			}
			known = true
		case "ds64":
			if len(body) < 24 {
				return fmt.Errorf("%w: short ds64 chunk", ErrFormat)
			}
			long = int64(binary.LittleEndian.Uint64(body[8:]) & math.MaxInt64)
		}
	}
}

// data settles how many frames there are: n bytes by the chunk, long by ds64
// (negative: there is none), have in the stream.
func (d *Reader) data(n, long, have int64) error {
	switch {
	case n == math.MaxUint32 && long >= 0:
		n = long
	case n == math.MaxUint32, n == 0 && have > 0 && long < 0:
		n = have
	}
	if n > have {
		return fmt.Errorf("%w: it is truncated, %d of %d bytes of sound are there", ErrFormat, have, n)
	}
	d.Frames = n / int64(d.frameBytes())
	return nil
}

func (d *Reader) format(b []byte) error {
	if len(b) < 16 {
		return fmt.Errorf("%w: short fmt chunk", ErrFormat)
	}
	le := binary.LittleEndian
	tag, bits := le.Uint16(b), le.Uint16(b[14:])
	d.Channels, d.Rate = int(le.Uint16(b[2:])), int(min(le.Uint32(b[4:]), math.MaxInt32))
	if tag == tagExtensible {
		if len(b) < 40 {
			return fmt.Errorf("%w: short extensible header", ErrFormat)
		}
		d.Mask, tag = le.Uint32(b[20:]), le.Uint16(b[24:])
	}
	encodings := map[[2]uint16]Encoding{{tagPCM, 16}: S16, {tagPCM, 24}: S24, {tagPCM, 32}: S32, {tagFloat, 32}: F32}
	d.Encoding = encodings[[2]uint16{tag, bits}]
	if d.Encoding == 0 {
		return fmt.Errorf("%w: format %#x with %d bits, want 16, 24 or 32 bit PCM or 32 bit float", ErrFormat, tag, bits)
	}
	return d.Validate()
}

// Read fills dst with whole frames, interleaved, and says how many frames those
// are. The length of dst must be a multiple of Channels. At the end it returns
// 0 and io.EOF; a file that ends too early gives io.ErrUnexpectedEOF.
func (d *Reader) Read(dst []float32) (frames int, err error) {
	want := min(int64(len(dst)/d.Channels), d.left)
	if want == 0 {
		return 0, io.EOF
	}
	n := int(want) * d.frameBytes()
	if len(d.buf) < n {
		d.buf = make([]byte, n)
	}
	if _, err := io.ReadFull(d.r, d.buf[:n]); err != nil {
		return 0, io.ErrUnexpectedEOF
	}
	decode(dst[:int(want)*d.Channels], d.buf[:n], d.Encoding)
	d.left -= want
	return int(want), nil
}

// Close closes the file, if Open opened one.
func (d *Reader) Close() error {
	if d.closer == nil {
		return nil
	}
	return d.closer.Close()
}

func decode(dst []float32, src []byte, e Encoding) {
	le := binary.LittleEndian
	for i := range dst {
		switch e {
		case S16:
			dst[i] = float32(int16(le.Uint16(src[2*i:]))) / (1 << 15)
		case S24:
			b := src[3*i : 3*i+3]
			dst[i] = float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)>>8) / (1 << 23)
		case S32:
			dst[i] = float32(int32(le.Uint32(src[4*i:]))) / (1 << 31)
		default:
			dst[i] = finite(math.Float32frombits(le.Uint32(src[4*i:])))
		}
	}
}

// finite is v, or silence where v is no number: one NaN would spoil every sum
// and filter after it.
func finite(v float32) float32 {
	if v != v || v > math.MaxFloat32 || v < -math.MaxFloat32 {
		return 0
	}
	return v
}
