package formats

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/babelreel/babelreel/domain/fault"
)

// decode returns data as UTF-8 without a byte order mark. What is neither UTF-8
// nor UTF-16 is taken for Windows-1252, with a warning. Characters that no text
// has (U+0000) become U+FFFD.
func decode(data []byte, w *warnings) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(data, []byte{0, 0, 0xFE, 0xFF}):
		return "", fault.New(fault.Invalid, op, "the file is UTF-32: save it as UTF-8")
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), wide(data, 1):
		return transcode(data, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16", w)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}), wide(data, 0):
		return transcode(data, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16", w)
	}
	if !utf8.Valid(data) {
		return transcode(data, charmap.Windows1252, "not UTF-8 and was read as Windows-1252; look at its accents", w)
	}
	return clean(string(data), w), nil
}

func transcode(data []byte, e encoding.Encoding, name string, w *warnings) (string, error) {
	text, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return "", fault.New(fault.Invalid, op, "the file looks like %s but is damaged: %w; save it as UTF-8", name, err)
	}
	w.add(0, "the file is "+name)
	return clean(string(text), w), nil
}

func clean(text string, w *warnings) string {
	if !strings.ContainsRune(text, 0) {
		return text
	}
	w.add(0, "the file holds NUL characters; each became U+FFFD")
	return strings.ReplaceAll(text, "\x00", "\uFFFD")
}

// wide reports whether data looks like UTF-16 without a mark: at least four in five
// of the bytes at the parity of the high halves of Latin letters are zero.
func wide(data []byte, parity int) bool {
	head := data[:min(len(data), 200)&^1]
	zeros := 0
	for i := parity; i < len(head); i += 2 {
		if head[i] == 0 {
			zeros++
		}
	}
	return len(head) >= 8 && zeros*10 > len(head)*4
}
