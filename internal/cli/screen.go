package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/sys/unix"
)

// screen is the size of the terminal that w is, if it is one.
func screen(w io.Writer) (columns, lines int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile {
		return 0, 0, false
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Row == 0 {
		return 0, 0, false
	}
	return int(size.Col), int(size.Row), true
}

// painter redraws a text in place on a terminal.
type painter struct {
	w              io.Writer
	columns, lines int
	drawn          int // lines on the screen, above the cursor
	last           string
}

// paint draws text over what it drew before. Lines that are too long are cut,
// and where there are too many only the last are shown: a line that wraps or
// scrolls away could not be drawn over.
func (p *painter) paint(text string) error {
	if text == p.last {
		return nil
	}
	p.last = text
	rows := strings.Split(strings.TrimRight(text, "\n"), "\n")
	rows = rows[max(0, len(rows)-(p.lines-1)):]
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", p.drawn)
	}
	for _, row := range rows {
		b.WriteString(cut(row, p.columns) + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	p.drawn = len(rows)
	_, err := io.WriteString(p.w, b.String())
	return err
}

// cut is the part of s that is at most columns wide.
func cut(s string, columns int) string {
	var b strings.Builder
	width := 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if width += g.Width(); width > columns {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String()
}
