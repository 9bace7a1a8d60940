package wav_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/media/wav"
)

func TestRoundTrip(t *testing.T) {
	tests := map[string]struct {
		format wav.Format
		step   float64 // the largest rounding error
	}{
		"16 bit mono":           {wav.Format{Rate: 16000, Channels: 1, Encoding: wav.S16}, 1.0 / (1 << 16)},
		"24 bit stereo":         {wav.Format{Rate: 48000, Channels: 2, Encoding: wav.S24}, 1.0 / (1 << 24)},
		"32 bit mono":           {wav.Format{Rate: 44100, Channels: 1, Encoding: wav.S32}, 1e-7},
		"float 5.1":             {wav.Format{Rate: 48000, Channels: 6, Encoding: wav.F32}, 0},
		"24 bit mono, odd size": {wav.Format{Rate: 48000, Channels: 1, Encoding: wav.S24}, 1.0 / (1 << 24)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.wav")
			want := make([]float32, 333*tt.format.Channels)
			for i := range want {
				want[i] = float32(0.9 * math.Sin(float64(i)/7))
			}
			write(t, path, tt.format, want)

			r, err := wav.Open(path)
			require.NoError(t, err)
			got := make([]float32, len(want)+tt.format.Channels)
			n, err := r.Read(got)
			_, end := r.Read(got[n*tt.format.Channels:])

			require.NoError(t, err)
			require.NoError(t, r.Close())
			require.Equal(t, int64(333), r.Frames)
			require.ErrorIs(t, end, io.EOF)
			require.InDeltaSlice(t, want, got[:len(want)], tt.step)
		})
	}
}

func TestIntegersClipAndFloatsDoNot(t *testing.T) {
	tests := map[string]struct {
		encoding wav.Encoding
		want     []float32
	}{
		"16 bit": {wav.S16, []float32{1 - 1.0/(1<<15), -1}},
		"float":  {wav.F32, []float32{1.5, -1.5}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.wav")
			write(t, path, wav.Format{Rate: 48000, Channels: 1, Encoding: tt.encoding}, []float32{1.5, -1.5})

			r, err := wav.Open(path)
			require.NoError(t, err)
			got := make([]float32, 2)
			_, err = r.Read(got)

			require.NoError(t, err)
			require.NoError(t, r.Close())
			require.Equal(t, tt.want, got)
		})
	}
}

func TestReaderTakesWhatOthersWrite(t *testing.T) {
	tests := map[string]struct {
		data   uint32 // size claimed by the data chunk
		ds64   uint64 // size claimed by ds64, 0 for none
		bytes  int    // bytes of sound in the file
		frames int64
		err    string
	}{
		"sizes agree":                {8, 0, 8, 4, ""},
		"no size, as a pipe writes":  {math.MaxUint32, 0, 8, 4, ""},
		"size left at zero":          {0, 0, 8, 4, ""},
		"64-bit size":                {math.MaxUint32, 8, 8, 4, ""},
		"no sound":                   {0, 0, 0, 0, ""},
		"truncated":                  {100, 0, 8, 0, "8 of 100 bytes"},
		"truncated with 64-bit size": {math.MaxUint32, 1 << 40, 8, 0, "truncated"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := handmade(tt.data, tt.ds64, tt.bytes)

			r, err := wav.NewReader(bytes.NewReader(file), int64(len(file)))

			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				require.ErrorIs(t, err, wav.ErrFormat)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.frames, r.Frames)
		})
	}
}

func TestWriterSwitchesToRF64(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.wav")
	format := wav.Format{Rate: 48000, Channels: 1, Encoding: wav.F32}
	w, err := wav.Create(path, format)
	require.NoError(t, err)
	w.Skip(1 << 30) // 4 GiB of sound, as a hole in the file
	require.NoError(t, w.Write([]float32{0.25}))
	require.NoError(t, w.Close())

	r, err := wav.Open(path)

	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, int64(1<<30+1), r.Frames)
}

// Whatever a header claims, the reader gives an error or exactly Frames frames.
func FuzzReader(f *testing.F) {
	f.Add(handmade(8, 0, 8))
	f.Add(handmade(math.MaxUint32, 8, 8))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := wav.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		buf, total := make([]float32, 64*r.Channels), int64(0)
		for {
			n, err := r.Read(buf)
			if err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
			total += int64(n)
		}
		require.Equal(t, r.Frames, total)
	})
}

func TestFloatsSurviveExactly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(rapid.Float32Range(-4, 4), 1, 99).Draw(rt, "samples")
		write(t, path, wav.Format{Rate: 48000, Channels: 1, Encoding: wav.F32}, want)

		r, err := wav.Open(path)
		require.NoError(rt, err)
		got := make([]float32, len(want))
		_, err = r.Read(got)

		require.NoError(rt, err)
		require.NoError(rt, r.Close())
		require.Equal(rt, want, got)
	})
}

func write(t *testing.T, path string, f wav.Format, samples []float32) {
	t.Helper()
	w, err := wav.Create(path, f)
	require.NoError(t, err)
	require.NoError(t, w.Write(samples))
	require.NoError(t, w.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Size()%2, "RIFF files have an even size")
}

// handmade is a 16-bit mono file with the sizes it is told to claim.
func handmade(data uint32, ds64 uint64, sound int) []byte {
	le := binary.LittleEndian
	b := []byte("RIFF\xff\xff\xff\xffWAVE")
	if ds64 > 0 {
		b = []byte("RF64\xff\xff\xff\xffWAVEds64")
		b = le.AppendUint32(b, 28)
		b = le.AppendUint64(b, 0)
		b = le.AppendUint64(b, ds64)
		b = append(b, make([]byte, 12)...)
	}
	b = append(b, "LIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	b = le.AppendUint32(b, 48000)
	b = le.AppendUint32(b, 96000)
	b = append(b, 2, 0, 16, 0)
	b = le.AppendUint32(append(b, "data"...), data)
	return append(b, make([]byte, sound)...)
}
