package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"
)

// visible is s without what could steer a terminal: text of a programme, or of
// an engine, is other people's.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == unicode.ReplacementChar, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		default:
			return r
		}
	}, s)
}

// oneLine is visible text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// cellWidth is how wide a cell of running text may be before it is broken: two
// of them and the short cells beside them fit the 120 columns of a terminal.
const cellWidth = 44

// table is rows under a header, in columns that are aligned by what is seen:
// wide letters count two. Cells wider than cellWidth are broken at spaces.
type table struct {
	header []string
	rows   [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// trim drops the columns in which no row has anything.
func (t *table) trim() {
	for i := range slices.Backward(t.header) {
		if slices.ContainsFunc(t.rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		t.header = slices.Delete(t.header, i, i+1)
		for n := range t.rows {
			t.rows[n] = slices.Delete(t.rows[n], i, i+1)
		}
	}
}

// write draws the table. Without rows it draws nothing.
func (t *table) write(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	cells := make([][][]string, 0, len(t.rows)+1)
	for _, row := range append([][]string{t.header}, t.rows...) {
		broken := make([][]string, len(row))
		for i, cell := range row {
			broken[i] = breakLines(oneLine(cell), cellWidth)
		}
		cells = append(cells, broken)
	}
	widths := make([]int, len(t.header))
	for _, row := range cells {
		for i, cell := range row {
			for _, line := range cell {
				widths[i] = max(widths[i], uniseg.StringWidth(line))
			}
		}
	}
	for _, row := range cells {
		height := 0
		for _, cell := range row {
			height = max(height, len(cell))
		}
		for n := range height {
			var b strings.Builder
			for i, cell := range row {
				text := ""
				if n < len(cell) {
					text = cell[n]
				}
				b.WriteString(text + strings.Repeat(" ", widths[i]-uniseg.StringWidth(text)+2))
			}
			fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
		}
	}
}

// breakLines breaks s at spaces into lines at most width wide; a longer word
// stands alone. It gives at least one line.
func breakLines(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case uniseg.StringWidth(line)+1+uniseg.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// clock is an offset in the programme: 1:02:03.4, or 2:03.4 within the first hour.
func clock(d time.Duration) string {
	d = d.Round(100 * time.Millisecond)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, (d % time.Minute).Seconds()
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%04.1f", h, m, s)
	}
	return fmt.Sprintf("%d:%04.1f", m, s)
}

// short is a hash as people read it.
func short(hash string) string { return hash[:min(12, len(hash))] }

// plural is a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// shellWord is s as a shell takes it for one word.
func shellWord(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@=+,"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
