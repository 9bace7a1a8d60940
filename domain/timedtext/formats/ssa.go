package formats

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asticode/go-astisub"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/timedtext"
)

// astisubDeadline is how long go-astisub may take for one file. It was measured
// at 7.4 s for 100,000 cues.
const astisubDeadline = 30 * time.Second

// astisubLine is the longest line that go-astisub reads; it ends in silence at
// a longer one.
const astisubLine = 64 << 10

// readSSA reads SubStation Alpha, of which go-astisub keeps times, names and
// text. Effects are not kept.
func readSSA(text string, w *warnings) ([]timedtext.Cue, error) {
	lines := split(text)
	events := 0
	for i, line := range lines {
		if len(line) >= astisubLine {
			return nil, fault.New(fault.Invalid, op, "line %d has %d bytes, the limit is %d", i+1, len(line), astisubLine)
		}
		if strings.HasPrefix(strings.TrimSpace(line), "Dialogue:") {
			events++
		}
	}
	subs, err := guarded(func() (*astisub.Subtitles, error) {
		return astisub.ReadFromSSA(strings.NewReader(strings.Join(lines, "\n")))
	})
	if err != nil {
		return nil, err
	}
	if len(subs.Items) == 0 {
		return nil, fault.New(fault.Invalid, op, "no Dialogue line in an [Events] section: this is no SubStation file")
	}
	if len(subs.Items) < events {
		w.add(0, fmt.Sprintf("%d of %d Dialogue lines could not be read and are left out", events-len(subs.Items), events))
	}

	var cues []timedtext.Cue
	for i, item := range subs.Items {
		cue := timedtext.Cue{ID: strconv.Itoa(i + 1), Start: item.StartAt, End: item.EndAt}
		checkOrder(0, cue.Start, cue.End, w)
		m := markup{warnings: w}
		for _, line := range item.Lines {
			var row strings.Builder
			for _, part := range line.Items {
				if s := part.InlineStyle; s != nil && s.SSAEffect != "" {
					m.srt(s.SSAEffect, 0) // opens and closes italics
				}
				row.WriteString(m.srt(part.Text, 0))
			}
			for sub := range strings.SplitSeq(strings.NewReplacer(`\n`, "\n", `\h`, "\u00a0").Replace(row.String()), "\n") {
				if sub = strings.TrimSpace(sub); sub != "" {
					cue.Lines = append(cue.Lines, sub)
				}
			}
			cue.Speaker = line.VoiceName
		}
		cue.Italic = m.italic(0)
		cues = append(cues, cue)
	}
	return cues, nil
}

// guarded runs go-astisub, which can panic and has no bound of its own. What it
// leaves running past the deadline ends by itself.
func guarded(read func() (*astisub.Subtitles, error)) (*astisub.Subtitles, error) {
	type result struct {
		subs *astisub.Subtitles
		err  error
	}
	ctx, cancel := context.WithTimeout(context.Background(), astisubDeadline)
	defer cancel()
	done := make(chan result, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- result{err: fmt.Errorf("the reader failed: %v", p)}
			}
		}()
		subs, err := read()
		done <- result{subs, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fault.New(fault.Invalid, op, "%w", r.err)
		}
		return r.subs, nil
	case <-ctx.Done():
		return nil, fault.New(fault.Invalid, op, "the file takes more than %s to read: divide it", astisubDeadline)
	}
}
