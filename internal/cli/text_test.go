package cli_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/internal/cli"
)

func TestTable(t *testing.T) {
	tab := cli.NewTable("ID", "EMPTY", "TEXT", "NOTE")
	tab.Add("e1", "", "日本", "wide letters count two")
	tab.Add("e2", "", "two\nlines\x1b[31m", "")
	tab.Add("e3", "", "one two three four five six seven eight nine ten", "x")
	tab.Trim()
	var b bytes.Buffer
	tab.Write(&b)
	cli.NewTable("NOTHING").Write(&b)

	require.Equal(t, strings.TrimPrefix(`
ID  TEXT                                          NOTE
e1  日本                                          wide letters count two
e2  two lines[31m
e3  one two three four five six seven eight nine  x
    ten
`, "\n"), b.String())
}

// Whatever a programme says, it must not steer the terminal of who reads it.
func FuzzVisible(f *testing.F) {
	f.Add("\x1b]0;title\x07\u202e\u009b2J\r")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range cli.Visible(s) {
			require.False(t, unicode.IsControl(r) && r != '\n' && r != '\t', "%q", r)
		}
	})
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{"film-1.x": "film-1.x", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(rm)": "'$(rm)'"} {
		require.Equal(t, want, cli.ShellWord(word))
	}
}

func TestPainterDrawsOverWhatItDrew(t *testing.T) {
	var b bytes.Buffer
	p := cli.NewPainter(&b, 8, 4)

	require.NoError(t, p.Paint("one\ntwo\n"))
	require.NoError(t, p.Paint("one\ntwo\n"))
	require.Equal(t, "one\x1b[K\ntwo\x1b[K\n\x1b[J", b.String(), "nothing is drawn twice")

	b.Reset()
	require.NoError(t, p.Paint("a\nb\nc\n日本日本日本\n"))
	require.Equal(t, "\x1b[2Ab\x1b[K\nc\x1b[K\n日本日本\x1b[K\n\x1b[J", b.String(), "too long and too many are cut")
}
