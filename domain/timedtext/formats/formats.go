// Package formats reads and writes subtitle files.
//
// It is the only user of go-astisub, and only where that library is right. A
// reader never panics, never takes more than MaxSize and never drops text in
// silence: what it changes or cannot keep it reports as a Warning.
package formats

import (
	"path"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// MaxSize is the largest file that Read takes, in bytes: a hundred times the
// subtitles of a long film.
const MaxSize = 16 << 20

// Warning is something in a file that was corrected or could not be kept.
type Warning struct {
	Line    int    `json:"line"` // from 1; 0 where it concerns the whole file
	Message string `json:"message"`
}

const op = "read subtitles"

// Read reads the subtitle file data, whose format the extension of name tells:
// .srt, .vtt, .ass or .ssa. Cues come in the order of the file, with the times
// that the file gives, also where these make no sense: rules report such cues.
//
// The text may be in UTF-8, UTF-16 with or without a byte order mark, or
// Windows-1252. A file without content gives no cues and a warning. A file of
// another format, or in which nothing can be read, is fault.Invalid.
func Read(name string, data []byte) (timedtext.Document, []Warning, error) {
	if len(data) > MaxSize {
		return timedtext.Document{}, nil, fault.New(fault.Invalid, op, "the file has %d bytes, the limit is %d: divide it", len(data), MaxSize)
	}
	var read func(string, *warnings) ([]timedtext.Cue, error)
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".srt":
		read = readSRT
	case ".vtt":
		read = readVTT
	case ".ass", ".ssa":
		read = readSSA
	default:
		return timedtext.Document{}, nil, fault.New(fault.Invalid, op, "cannot read files of type %q: convert it to .srt, .vtt, .ass or .ssa", ext)
	}

	w := &warnings{}
	text, err := decode(data, w)
	if err != nil {
		return timedtext.Document{}, nil, err
	}
	if strings.TrimSpace(text) == "" {
		w.add(0, "the file is empty")
		return timedtext.Document{}, w.list, nil
	}
	cues, err := read(text, w)
	if err != nil {
		return timedtext.Document{}, nil, err
	}
	return timedtext.Document{Cues: cues}, w.list, nil
}

// maxWarnings bounds the report of a file in which every line is at fault.
const maxWarnings = 1000

type warnings struct {
	list []Warning
	seen map[string]bool
}

func (w *warnings) add(line int, message string) {
	switch {
	case len(w.list) < maxWarnings:
		w.list = append(w.list, Warning{line, message})
	case len(w.list) == maxWarnings:
		w.list = append(w.list, Warning{0, "more warnings are not listed"})
	}
}

// once adds a warning that is the same for every cue at its first line only.
func (w *warnings) once(line int, message string) {
	if w.seen[message] {
		return
	}
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	w.seen[message] = true
	w.add(line, message)
}

// split cuts text into lines at LF, CR LF or CR.
func split(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n")
}
