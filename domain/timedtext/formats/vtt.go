package formats

import (
	"bytes"
	"html"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// readVTT reads WebVTT by the parsing rules of the W3C Recommendation, with two
// leniences, both reported: a file without the signature, and a comma for the
// dot in a time.
func readVTT(text string, w *warnings) ([]timedtext.Cue, error) {
	lines := split(text)
	at := 0
	if signed(lines[0]) {
		at = 1
		for at < len(lines) && lines[at] != "" && !strings.Contains(lines[at], "-->") {
			if strings.HasPrefix(lines[at], "X-TIMESTAMP-MAP") {
				w.add(at+1, "the X-TIMESTAMP-MAP of a stream segment is not applied")
			}
			at++
		}
	} else {
		w.add(1, "the file does not start with WEBVTT")
	}

	var cues []timedtext.Cue
	heads := 0
	for at < len(lines) {
		if lines[at] == "" {
			at++
			continue
		}
		block := vttBlock{first: at, head: -1}
		for ; at < len(lines) && lines[at] != ""; at++ {
			if strings.Contains(lines[at], "-->") {
				if block.head >= 0 || at > block.first+1 {
					break // times without a blank line before them start a cue of their own
				}
				block.head = at
			}
		}
		if block.head < 0 {
			block.aside(lines[block.first], w)
			continue
		}
		heads++
		if cue, ok := block.cue(lines[:at], len(cues)+1, w); ok {
			cues = append(cues, cue)
		}
	}
	switch {
	case heads == 0 && !signed(lines[0]):
		return nil, fault.New(fault.Invalid, op, "neither WEBVTT at its start nor a line with times: this is no WebVTT file")
	case heads > 0 && len(cues) == 0:
		return nil, fault.New(fault.Invalid, op, "none of its %d lines with --> holds readable times", heads)
	}
	return cues, nil
}

func signed(line string) bool {
	rest, ok := strings.CutPrefix(line, "WEBVTT")
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

// vttBlock is a run of lines without a blank one: a cue, or something aside.
type vttBlock struct {
	first int
	head  int // the line with times, -1 where there is none
}

// aside reports a block that holds no cue.
func (b vttBlock) aside(line string, w *warnings) {
	word, _, _ := strings.Cut(strings.TrimRight(line, " \t"), " ")
	switch word {
	case "NOTE":
	case "STYLE", "REGION":
		w.once(b.first+1, "styles and regions are not kept")
	default:
		w.add(b.first+1, "text without times was left out")
	}
}

// cue reads the cue of a block that ends with the last of lines.
func (b vttBlock) cue(lines []string, number int, w *warnings) (cue timedtext.Cue, ok bool) {
	start, end, settings, ok := parseTimes(lines[b.head])
	if !ok {
		w.add(b.head+1, "cannot read the times of this cue; it and its text are left out")
		return timedtext.Cue{}, false
	}
	if times, _, _ := strings.Cut(lines[b.head], "."); strings.Contains(times, ",") {
		w.once(b.head+1, "times are written with a comma; WebVTT wants a dot")
	}
	checkOrder(b.head+1, start, end, w)
	if settings != "" {
		w.once(b.head+1, "positions are not kept")
	}
	cue = timedtext.Cue{ID: strconv.Itoa(number), Start: start, End: end}
	if b.head > b.first {
		cue.ID = lines[b.first]
	}
	m := markup{warnings: w}
	for line := range strings.SplitSeq(m.vtt(strings.Join(lines[b.head+1:], "\n"), b.head+2), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			cue.Lines = append(cue.Lines, line)
		}
	}
	cue.Italic, cue.Speaker = m.italic(b.head+2), m.speaker
	return cue, true
}

// vttEscape hides what WebVTT would read as markup, so that no text can end a
// cue or start a tag.
var vttEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\u200e", "&lrm;", "\u200f", "&rlm;", "\u00a0", "&nbsp;")

// WriteVTT writes WebVTT: UTF-8, LF, ids as cue identifiers, speakers as voice
// tags, times in milliseconds. The format cannot tell forced cues apart; a
// negative time is written as zero.
func WriteVTT(doc timedtext.Document) []byte {
	var b bytes.Buffer
	b.WriteString("WEBVTT\n")
	for _, c := range doc.Cues {
		b.WriteByte('\n')
		if id := oneLine(c.ID); id != "" {
			b.WriteString(id + "\n")
		}
		b.WriteString(formatTime(c.Start, '.') + " --> " + formatTime(c.End, '.') + "\n")
		if speaker := oneLine(c.Speaker); speaker != "" && len(c.Lines) > 0 {
			b.WriteString("<v " + html.EscapeString(speaker) + ">")
		}
		writeLines(&b, c, vttEscape.Replace)
	}
	return b.Bytes()
}

// oneLine makes s fit where WebVTT takes one line without an arrow.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "-->", "->")
}
