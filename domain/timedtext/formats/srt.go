package formats

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// readSRT reads SubRip. The format has no standard; a cue is a line of times
// and all text up to the next one, whatever blank lines and numbers do.
func readSRT(text string, w *warnings) ([]timedtext.Cue, error) {
	lines := split(text)
	var heads []int // lines with times
	for i, line := range lines {
		if strings.Contains(line, "-->") {
			heads = append(heads, i)
		}
	}
	if len(heads) == 0 {
		return nil, fault.New(fault.Invalid, op, "no line with times such as 00:00:01,000 --> 00:00:02,500: this is no SubRip file")
	}

	var cues []timedtext.Cue
	readable := false
	for n, head := range heads {
		stop := len(lines)
		if n+1 < len(heads) {
			stop = srtHead(lines, heads[n+1], head)
		}
		start, end, rest, ok := parseTimes(lines[head])
		if !ok {
			w.add(head+1, "cannot read the times of this cue; it and its text are left out")
			continue
		}
		readable = true
		checkOrder(head+1, start, end, w)
		if rest != "" {
			w.once(head+1, "positions are not kept")
		}
		cue := timedtext.Cue{ID: strconv.Itoa(len(cues) + 1), Start: start, End: end}
		if id := srtHead(lines, head, -1); id < head {
			cue.ID = strings.TrimSpace(lines[id])
		}
		cue.Lines, cue.Italic = srtText(lines[head+1:stop], head+2, w)
		cues = append(cues, cue)
	}
	if !readable {
		return nil, fault.New(fault.Invalid, op, "line %d and all others with --> hold no readable times", heads[0]+1)
	}
	return cues, nil
}

// srtHead is the first line of the cue whose times are at line head: the line
// before, if it is a number and lies after line floor.
func srtHead(lines []string, head, floor int) int {
	if head-1 <= floor {
		return head
	}
	if _, ok := number(strings.TrimSpace(lines[head-1]), 1e9); ok {
		return head - 1
	}
	return head
}

func srtText(rows []string, first int, w *warnings) (lines []string, italic bool) {
	end := len(rows)
	for end > 0 && strings.TrimSpace(rows[end-1]) == "" {
		end--
	}
	m := markup{warnings: w}
	for i, row := range rows[:end] {
		if strings.TrimSpace(row) == "" {
			w.add(first+i, "a blank line within a cue; the text after it was kept")
			continue
		}
		if line := strings.TrimSpace(m.srt(row, first+i)); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, m.italic(first)
}

// WriteSRT writes SubRip: UTF-8, LF, cues numbered from 1 in the order given,
// times in milliseconds. The format can show neither ids nor speakers, nor tell
// forced cues apart; a negative time is written as zero, and the arrow --> in
// text as ->.
func WriteSRT(doc timedtext.Document) []byte {
	var b bytes.Buffer
	for i, c := range doc.Cues {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strconv.Itoa(i + 1))
		b.WriteString("\n" + formatTime(c.Start, ',') + " --> " + formatTime(c.End, ',') + "\n")
		writeLines(&b, c, func(s string) string { return strings.ReplaceAll(s, "-->", "->") })
	}
	return b.Bytes()
}

// writeLines writes the text of a cue; a blank line would end the cue, so lines
// without text are left out.
func writeLines(b *bytes.Buffer, c timedtext.Cue, escape func(string) string) {
	var lines []string
	for _, line := range c.Lines {
		for _, part := range split(line) {
			if strings.TrimSpace(part) != "" {
				lines = append(lines, escape(part))
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	text := strings.Join(lines, "\n")
	if c.Italic {
		text = "<i>" + text + "</i>"
	}
	b.WriteString(text + "\n")
}
