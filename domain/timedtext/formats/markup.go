package formats

import (
	"html"
	"regexp"
	"strings"
)

// markup turns marked-up lines into plain ones and watches how much of a cue is
// in italics. One markup serves one cue.
type markup struct {
	warnings *warnings
	depth    int // open italic tags
	slanted  bool
	upright  bool
	speaker  string
}

// italic reports whether all text of the cue was in italics. A cue that is only
// partly so becomes upright, with a warning.
func (m *markup) italic(line int) bool {
	if m.slanted && m.upright {
		m.warnings.once(line, "italics of a part of a cue are not kept")
	}
	return m.slanted && !m.upright
}

func (m *markup) text(b *strings.Builder, s string) {
	b.WriteString(s)
	if strings.TrimSpace(s) == "" {
		return
	}
	if m.depth > 0 {
		m.slanted = true
	} else {
		m.upright = true
	}
}

// srtTag is the markup that players understand in SubRip: a few HTML tags and
// the overrides of SubStation. Everything else is text.
var srtTag = regexp.MustCompile(`(?i)</?(?:i|b|u|s|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}`)

// srt takes the markup off one line of SubRip.
func (m *markup) srt(line string, number int) string {
	var b strings.Builder
	from := 0
	for _, at := range srtTag.FindAllStringIndex(line, -1) {
		m.text(&b, line[from:at[0]])
		m.srtTag(strings.ToLower(line[at[0]:at[1]]), number)
		from = at[1]
	}
	m.text(&b, line[from:])
	return b.String()
}

func (m *markup) srtTag(tag string, line int) {
	switch {
	case tag == "<i>", tag == `{\i1}`:
		m.depth++
	case tag == "</i>", tag == `{\i0}`:
		m.depth = max(0, m.depth-1)
	case strings.HasPrefix(tag, "{"):
		m.warnings.once(line, "positions and effects in braces are not kept")
	default:
		m.warnings.once(line, "bold, underline and colours are not kept")
	}
}

// vtt takes the markup off the text of one WebVTT cue, as the cue text parsing
// rules of the W3C Recommendation do: every <...> is a tag, every known
// character reference one character. The text of a ruby annotation is kept in
// parentheses.
func (m *markup) vtt(text string, line int) string {
	var b strings.Builder
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			open = len(text)
		}
		m.text(&b, html.UnescapeString(text[:open]))
		if text = text[open:]; text == "" {
			break
		}
		tag, rest, _ := strings.Cut(text[1:], ">")
		m.vttTag(&b, tag, line)
		text = rest
	}
	return b.String()
}

func (m *markup) vttTag(b *strings.Builder, tag string, line int) {
	name, annotation := tag, ""
	if i := strings.IndexAny(tag, " \t\n"); i >= 0 {
		name, annotation = tag[:i], strings.Join(strings.Fields(tag[i:]), " ")
	}
	name, _, _ = strings.Cut(name, ".")
	switch name {
	case "i":
		m.depth++
	case "/i":
		m.depth = max(0, m.depth-1)
	case "v":
		m.voice(html.UnescapeString(annotation), line)
	case "/v", "/c", "/b", "/u", "/lang", "ruby", "/ruby", "":
	case "rt":
		b.WriteString("(")
		m.warnings.once(line, "ruby annotations became text in parentheses")
	case "/rt":
		b.WriteString(")")
	case "c", "b", "u", "lang":
		m.warnings.once(line, "bold, underline, classes and language spans are not kept")
	default:
		if name[0] >= '0' && name[0] <= '9' {
			m.warnings.once(line, "times within a cue are not kept")
			return
		}
		if !strings.HasPrefix(name, "/") {
			m.warnings.add(line, "an unknown tag was left out")
		}
	}
}

func (m *markup) voice(name string, line int) {
	if m.speaker != "" && m.speaker != name {
		m.warnings.once(line, "a cue has several speakers; the first was kept")
		return
	}
	m.speaker = name
}
