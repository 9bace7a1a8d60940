package activities

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/qa"
)

// What a brief shows: it travels in a URL of the Temporal UI and stands in
// histories, so it stays short. The command line and the store have all of it.
const (
	briefLines    = 20
	briefFindings = 10
	briefText     = 90    // letters of a cell
	briefSentence = 200   // letters of a finding or a label
	briefBytes    = 5_000 // of the table; three gates and how to decide on them fit in the 20,000 of a workflow's details
)

// table is what a gate shows line by line. Cells are markdown.
type table struct {
	heads []string
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// brief is the markdown of a gate, the worst findings first: tables, no images,
// which the UI blocks.
func brief(in contract.BriefIn, what string, lines table, report qa.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s. Revision `%.12s`, %s\n", what, in.Doc.SHA256, found(report))
	for _, label := range in.Labels {
		fmt.Fprintf(&b, "\n- %s", plain(label, briefSentence))
	}
	worst := slices.Clone(report.Findings)
	slices.SortStableFunc(worst, func(a, b qa.Finding) int { return b.Severity.Weight() - a.Severity.Weight() })
	for i, f := range worst {
		if i == briefFindings {
			fmt.Fprintf(&b, "\n- and %d more: `%s`", len(worst)-i, showing(in))
			break
		}
		fmt.Fprintf(&b, "\n- %s `%s`: %s", f.Severity, cell(f.ID()), plain(f.Message, briefSentence)) // people name the edits of conflicts
	}
	b.WriteString("\n")
	lines.write(&b, showing(in))
	if in.Gate == gate.Premix || in.Gate == gate.Final {
		fmt.Fprintf(&b, "\nTo hear it, for the Temporal UI plays nothing: `%s --media DIR`\n", showing(in))
	}
	return b.String()
}

// found says what the rules found.
func found(r qa.Report) string {
	switch {
	case r.RulesVersion == "":
		return "not checked by rules."
	case len(r.Findings) == 0:
		return "checked by rules " + r.RulesVersion + ": nothing found."
	default:
		return fmt.Sprintf("checked by rules %s: **%d critical, %d major, %d minor**.", r.RulesVersion, r.Counts.Critical, r.Counts.Major, r.Counts.Minor)
	}
}

// write appends t as a markdown table, as far as it stays short; showing is the
// command that shows the rest.
func (t table) write(b *strings.Builder, showing string) {
	if len(t.rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s |\n|%s\n", strings.Join(t.heads, " | "), strings.Repeat("---|", len(t.heads)))
	room := b.Len() + briefBytes
	for i, cells := range t.rows {
		line := "| " + strings.Join(cells, " | ") + " |\n"
		if i == briefLines || b.Len()+len(line) > room {
			fmt.Fprintf(b, "\nThe other %d: `%s`\n", len(t.rows)-i, showing)
			return
		}
		b.WriteString(line)
	}
}

// markup escapes what would end a cell of a table or be read as markdown.
var markup = strings.NewReplacer("\n", " ", "\r", " ", "\\", "\\\\", "|", "\\|", "*", "\\*", "_", "\\_", "[", "\\[", "~", "\\~", "<", "&lt;", "&", "&amp;", "`", "'")

// plain is s as text within markdown, cut to n letters.
func plain(s string, n int) string { return markup.Replace(clipLetters(s, n)) }

// cell is s as a cell of a table.
func cell(s string) string { return plain(s, briefText) }

// counted is n of what, in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func clipLetters(s string, n int) string {
	letters := []rune(s)
	if len(letters) <= n {
		return s
	}
	return string(letters[:n-1]) + "…"
}

// clock is a time as people find it in a player: minutes, seconds and tenths,
// with hours only where there are any.
func clock(t time.Duration) string {
	tenths := t.Round(100 * time.Millisecond)
	short := fmt.Sprintf("%02d:%04.1f", int(tenths.Minutes())%60, (tenths % time.Minute).Seconds())
	if tenths < time.Hour {
		return short
	}
	return fmt.Sprintf("%d:%s", int(tenths.Hours()), short)
}
