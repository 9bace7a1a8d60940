package formats_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/timedtext"
	"github.com/babelreel/babelreel/domain/timedtext/formats"
)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func cue(id string, start, end int, lines ...string) timedtext.Cue {
	return timedtext.Cue{ID: id, Start: ms(start), End: ms(end), Lines: lines}
}

func italic(c timedtext.Cue) timedtext.Cue {
	c.Italic = true
	return c
}

func spoken(c timedtext.Cue, by string) timedtext.Cue {
	c.Speaker = by
	return c
}

func TestRead(t *testing.T) {
	tests := map[string]struct {
		name, data string
		want       []timedtext.Cue
		warns      []int // lines of the warnings
	}{
		"srt":                       {"a.srt", "1\n00:00:01,000 --> 00:00:02,500\nOlá!\n\n2\n00:00:03,000 --> 00:00:04,000\nUm\nDois\n", []timedtext.Cue{cue("1", 1000, 2500, "Olá!"), cue("2", 3000, 4000, "Um", "Dois")}, nil},
		"srt with CR alone":         {"a.srt", "1\r00:00:01,000 --> 00:00:02,000\rA\r", []timedtext.Cue{cue("1", 1000, 2000, "A")}, nil},
		"srt without numbers":       {"a.srt", "00:01.5 --> 00:02.25\nA\n", []timedtext.Cue{cue("1", 1500, 2250, "A")}, nil},
		"srt blank line in a cue":   {"a.srt", "1\n00:00:01,000 --> 00:00:02,000\nA\n\nB\n\n2\n00:00:03,000 --> 00:00:04,000\nC\n", []timedtext.Cue{cue("1", 1000, 2000, "A", "B"), cue("2", 3000, 4000, "C")}, []int{4}},
		"srt number as text":        {"a.srt", "1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\nC\n", []timedtext.Cue{cue("1", 1000, 2000, "42"), cue("2", 3000, 4000, "C")}, nil},
		"srt cue without text":      {"a.srt", "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\nC\n", []timedtext.Cue{cue("1", 1000, 2000), cue("2", 3000, 4000, "C")}, nil},
		"srt ends before it starts": {"a.srt", "1\n00:00:02,000 --> 00:00:01,000\nA\n", []timedtext.Cue{cue("1", 2000, 1000, "A")}, []int{2}},
		"srt negative time":         {"a.srt", "1\n-00:00:02,000 --> 00:00:01,000\nA\n", []timedtext.Cue{cue("1", -2000, 1000, "A")}, []int{2}},
		"srt unreadable times":      {"a.srt", "1\n00:00:61,000 --> 00:00:62,000\nA\n\n2\n00:00:03,000 --> 00:00:04,000\nC\n", []timedtext.Cue{cue("2", 3000, 4000, "C")}, []int{2}},
		"srt italics":               {"a.srt", "1\n00:00:01,000 --> 00:00:02,000\n<i>A\nB</i>\n", []timedtext.Cue{italic(cue("1", 1000, 2000, "A", "B"))}, nil},
		"srt partly italic":         {"a.srt", "1\n00:00:01,000 --> 00:00:02,000\n<i>He</i> <b>said</b>\n", []timedtext.Cue{cue("1", 1000, 2000, "He said")}, []int{3, 3}},
		"srt position":              {"a.srt", "1\n00:00:01,000 --> 00:00:02,000 X1:1 X2:2\n{\\an8}A < B & C\n", []timedtext.Cue{cue("1", 1000, 2000, "A < B & C")}, []int{2, 3}},
		"srt of one long line":      {"a.srt", "1\n00:00:01,000 --> 00:00:02,000\n" + strings.Repeat("a", 70_000) + "\n\n2\n00:00:03,000 --> 00:00:04,000\nC\n", []timedtext.Cue{cue("1", 1000, 2000, strings.Repeat("a", 70_000)), cue("2", 3000, 4000, "C")}, nil},
		"empty":                     {"a.srt", " \n\n", nil, []int{0}},
		"vtt":                       {"a.vtt", "WEBVTT\n\ne1\n00:01.000 --> 00:02.500 line:0\n<v Bob Smith>A &lt;b&gt; &amp; c\n", []timedtext.Cue{spoken(cue("e1", 1000, 2500, "A <b> & c"), "Bob Smith")}, []int{4}},
		"vtt header and asides":     {"a.vtt", "WEBVTT - title\nx: y\n\nNOTE a\nb\n\nSTYLE\n::cue{}\n\n01:00:01.000 --> 01:00:02.000\nA\n", []timedtext.Cue{cue("1", 3601000, 3602000, "A")}, []int{7}},
		"vtt no blank line between": {"a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nA\n00:03.000 --> 00:04.000\nB", []timedtext.Cue{cue("1", 1000, 2000, "A"), cue("2", 3000, 4000, "B")}, nil},
		"vtt italics and ruby":      {"a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<i.x><ruby>漢<rt>kan</rt></ruby>\n", []timedtext.Cue{italic(cue("1", 1000, 2000, "漢(kan)"))}, []int{4}},
		"vtt karaoke":               {"a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nKa<00:01.500>ra\n", []timedtext.Cue{cue("1", 1000, 2000, "Kara")}, []int{4}},
		"vtt without signature":     {"a.vtt", "00:01,000 --> 00:02,000\nA\n", []timedtext.Cue{cue("1", 1000, 2000, "A")}, []int{1, 1}},
		"vtt text without times":    {"a.vtt", "WEBVTT\n\nlost\n\n00:01.000 --> 00:02.000\nA\n", []timedtext.Cue{cue("1", 1000, 2000, "A")}, []int{3}},
		"vtt without cues":          {"a.vtt", "WEBVTT\n", nil, nil},
		"vtt of a stream":           {"a.vtt", "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n00:01.000 --> 00:02.000\nA\n", []timedtext.Cue{cue("1", 1000, 2000, "A")}, []int{2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, warnings, err := formats.Read(tt.name, []byte(tt.data))

			require.NoError(t, err)
			require.Equal(t, tt.want, doc.Cues)
			var lines []int
			for _, w := range warnings {
				lines = append(lines, w.Line)
			}
			require.Equal(t, tt.warns, lines, "%v", warnings)
		})
	}
}

func TestReadRefuses(t *testing.T) {
	tests := map[string]struct {
		name string
		data string
	}{
		"an unknown type":                {"a.xyz", "x"},
		"a file too large":               {"a.srt", strings.Repeat("x", formats.MaxSize+1)},
		"srt without times":              {"a.srt", "hello"},
		"srt without readable times":     {"a.srt", "1\nsoon --> later\nA"},
		"vtt that is something else":     {"a.vtt", "hello"},
		"vtt without readable times":     {"a.vtt", "WEBVTT\n\nsoon --> later\nA"},
		"ass that is something else":     {"a.ass", "hello: x"},
		"ass with a line out of reach":   {"a.ass", "[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.00," + strings.Repeat("a", 70_000)},
		"ass in which a style is broken": {"a.ass", "[V4+ Styles]\nFormat: Name, Bold\nStyle: A,x,y\n"},
		"utf-32":                         {"a.srt", "\xFF\xFE\x00\x00a\x00\x00\x00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := formats.Read(tt.name, []byte(tt.data))

			require.Equal(t, fault.Invalid, fault.Of(err), "%v", err)
		})
	}
}

func TestReadCorpus(t *testing.T) {
	tests := map[string][]timedtext.Cue{
		"features.srt": {
			cue("1", 1000, 3500, "Hello & world"), cue("2", 4000, 6000, "Top line", "red under"),
			cue("3", 6083, 8000, "- One.", "- Two 1 < 2 &amp; 3 > 2"), cue("4", 8083, 9500, "Éà ñ — “quotes” … ♪ 日本語"),
		},
		"features.vtt": {
			spoken(cue("cue-one", 1000, 3500, "Hello there friend"), "Bob Smith"), cue("2", 4000, 6000, "Hola & adiós <x>", "漢(kan)"),
			cue("3", 6083, 8000, "Karaoke"), cue("4", 8083, 9500, "- One.", "- Two.\u00a0Three\u200f"),
		},
		"features.ass": {
			spoken(cue("1", 1000, 3500, "Hello, world", "second"), "Bob"), cue("2", 4000, 6000, "Top, with commas, here\u00a0hard"),
		},
		"utf16le-bom.srt":   {cue("1", 1000, 3500, "Hello & world"), cue("2", 4000, 6000, "Top line", "red under"), cue("3", 6083, 8000, "- One.", "- Two 1 < 2 &amp; 3 > 2"), cue("4", 8083, 9500, "Éà ñ — “quotes” … ♪ 日本語")},
		"utf8-bom-crlf.srt": {cue("1", 1000, 3500, "Hello & world"), cue("2", 4000, 6000, "Top line", "red under"), cue("3", 6083, 8000, "- One.", "- Two 1 < 2 &amp; 3 > 2"), cue("4", 8083, 9500, "Éà ñ — “quotes” … ♪ 日本語")},
		"win1252.srt":       {cue("1", 1000, 3500, "Hello & world"), cue("2", 4000, 6000, "Top line", "red under"), cue("3", 6083, 8000, "- One.", "- Two 1 < 2 &amp; 3 > 2"), cue("4", 8083, 9500, "Éà ñ — “quotes” …")},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", name))
			require.NoError(t, err)

			doc, _, err := formats.Read(name, data)

			require.NoError(t, err)
			require.Equal(t, want, doc.Cues)
		})
	}
}

func TestWrite(t *testing.T) {
	doc := timedtext.Document{Cues: []timedtext.Cue{
		spoken(italic(cue("e1", 1000, 2500, "A < B", "& C --> D")), "Ana"),
		{ID: "e2", Start: ms(3_723_004), End: ms(3_724_000) + 600*time.Microsecond, Lines: []string{"x", "", "y"}},
	}}

	require.Equal(t, "1\n00:00:01,000 --> 00:00:02,500\n<i>A < B\n& C -> D</i>\n\n2\n01:02:03,004 --> 01:02:04,001\nx\ny\n", string(formats.WriteSRT(doc)))
	require.Equal(t, "WEBVTT\n\ne1\n00:00:01.000 --> 00:00:02.500\n<v Ana><i>A &lt; B\n&amp; C --&gt; D</i>\n\ne2\n01:02:03.004 --> 01:02:04.001\nx\ny\n", string(formats.WriteVTT(doc)))
	require.Equal(t, "WEBVTT\n", string(formats.WriteVTT(timedtext.Document{})))
}

// What is written is read back as it was, to the millisecond.
func TestRoundTrip(t *testing.T) {
	line := rapid.StringMatching(`[a-zé漢<>&{}0-9.♪"-]{1,12}( [a-zé&;<0-9]{1,8}){0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		var doc timedtext.Document
		for i := range rapid.IntRange(1, 6).Draw(t, "cues") {
			start := rapid.IntRange(0, 10_000_000).Draw(t, "start")
			c := cue(string(rune('1'+i)), start, start+rapid.IntRange(1, 9000).Draw(t, "length"))
			c.Lines = rapid.SliceOfN(line.Filter(plain), 1, 3).Draw(t, "lines")
			c.Italic = rapid.Bool().Draw(t, "italic")
			doc.Cues = append(doc.Cues, c)
		}

		vtt, warnings, err := formats.Read("a.vtt", formats.WriteVTT(doc))
		require.NoError(t, err)
		require.Empty(t, warnings)
		srt, warnings, err := formats.Read("a.srt", formats.WriteSRT(doc))
		require.NoError(t, err)
		require.Empty(t, warnings)

		require.Equal(t, doc, vtt)
		require.Equal(t, doc, srt)
	})
}

// plain reports whether SubRip, which has no way to escape, can hold a line.
func plain(line string) bool {
	return !strings.Contains(line, "-->") && !strings.ContainsAny(line, "<{")
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(filepath.Ext(file), data)
	}
	f.Add(".vtt", []byte("WEBVTT\n\n00:00.000 --> 00:01.000\n<v\nx>&#0;<rt><<<.>"))
	f.Add(".srt", []byte("1\n9999:59:59,999 --> 00:00:00,0\n{\\i1}<i a>\n"))
	f.Add(".ass", []byte("[Events]\nFormat: Start\nDialogue: -1:0:0.0"))
	f.Fuzz(func(t *testing.T, ext string, data []byte) {
		doc, warnings, err := formats.Read("a"+ext, data)
		if err != nil {
			require.Equal(t, fault.Invalid, fault.Of(err))
			return
		}
		for _, w := range warnings {
			require.NotEmpty(t, w.Message)
		}
		if len(doc.Cues) == 0 {
			return
		}
		for name, written := range map[string][]byte{"a.srt": formats.WriteSRT(doc), "a.vtt": formats.WriteVTT(doc)} {
			again, _, err := formats.Read(name, written)
			require.NoError(t, err, name)
			require.Len(t, again.Cues, len(doc.Cues), name)
		}
	})
}

func BenchmarkReadSRT(b *testing.B) {
	var doc timedtext.Document
	for i := range 100_000 {
		doc.Cues = append(doc.Cues, cue("1", i*1000, i*1000+900, "Quem mandou a carta", "foi Ana da Silva."))
	}
	data := formats.WriteSRT(doc)
	require.Less(b, len(data), formats.MaxSize)
	require.True(b, bytes.HasPrefix(data, []byte("1\n")))
	for b.Loop() {
		_, _, err := formats.Read("a.srt", data)
		require.NoError(b, err)
	}
}
