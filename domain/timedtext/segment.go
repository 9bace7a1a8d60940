package timedtext

import (
	"math"
	"slices"
	"time"
)

// What the shape of a cue costs, on the scale of the costs of a break.
const (
	costCue    = 8   // each cue: fewer are calmer
	costBroken = 10  // a cue that ends within a sentence, besides its break
	costPause  = 25  // a silence of a second or more inside a cue
	costHasty  = 15  // shorter than the shortest cue
	costLong   = 300 // longer than the longest cue
	costTooBig = 500 // a single word wider than a line
)

const (
	longPause  = time.Second            // two thoughts, best in two cues
	shortPause = 300 * time.Millisecond // as good a place to cut as a clause
	pauseReach = 700 * time.Millisecond // how far an estimated cut moves to meet a real pause
)

// piece is the part of a line that becomes one cue.
type piece struct {
	lines []string
	span  span
	fits  bool
}

// segment cuts the text of a line into pieces that fit the limits, at the ends
// of sentences, clauses and breaths. It keeps every word, in order.
func segment(line Line, o Options) []piece {
	if spoken := dialogue(line.Text); spoken != nil {
		if lines, ok := Break(line.Text, o.Language, o.maxChars(), o.maxLines()); ok && len(lines) == len(spoken) {
			return []piece{{lines, span{line.Start, line.End}, true}}
		}
	}
	tokens := tokenize(line.Text, o.Language)
	if len(tokens) == 0 {
		return nil
	}
	spoken := speech(tokens, line, Base(o.Language) == Base(o.SourceLanguage))
	ends := cut(tokens, spoken.spans, o)

	pieces := make([]piece, 0, len(ends))
	from := 0
	for _, end := range ends {
		p := piece{span: span{spoken.spans[from].start, spoken.spans[end-1].end}, fits: true}
		rows, _ := layout(tokens[from:end], o.maxChars(), o.maxLines())
		if rows == nil {
			rows, p.fits = []int{end - from}, false
		}
		at := from
		for _, row := range rows {
			p.lines = append(p.lines, join(tokens[at:from+row]))
			at = from + row
		}
		pieces = append(pieces, p)
		from = end
	}
	pieces[0].span.start = line.Start
	pieces[len(pieces)-1].span.end = max(line.End, pieces[len(pieces)-1].span.start)
	if !spoken.aligned {
		meetPauses(pieces, line.Words)
	}
	return pieces
}

// cut finds where the cues of a line end: the index after the last token of
// each, at the least cost over the whole line.
func cut(tokens []token, spans []span, o Options) []int {
	n := len(tokens)
	cost := make([]float64, n+1) // of the best way to set tokens[:i]
	prev := make([]int, n+1)
	room := o.maxChars() * float64(o.maxLines())
	for end := 1; end <= n; end++ {
		cost[end] = math.Inf(1)
		for from := end - 1; from >= 0; from-- {
			if end-from > 1 && width(tokens[from:end]) > room+float64(o.maxLines()) {
				break
			}
			if c := cost[from] + o.cueCost(tokens, spans, from, end); c < cost[end] {
				cost[end], prev[end] = c, from
			}
		}
	}
	var ends []int
	for end := n; end > 0; end = prev[end] {
		ends = append(ends, end)
	}
	slices.Reverse(ends)
	return ends
}

// cueCost is the cost of making tokens[from:end] one cue.
func (o Options) cueCost(tokens []token, spans []span, from, end int) float64 {
	cost := float64(costCue)
	rows, shape := layout(tokens[from:end], o.maxChars(), o.maxLines())
	switch {
	case rows != nil:
		cost += shape
	case end-from == 1:
		cost += costTooBig
	default:
		return math.Inf(1)
	}
	stands := spans[end-1].end - spans[from].start
	if limit := o.Limits.MaxDuration.Value; limit > 0 && stands > limit {
		cost += costLong
	}
	if stands < o.Limits.MinDuration.Value && end-from < len(tokens) {
		cost += costHasty
	}
	for i := from + 1; i < end; i++ {
		if spans[i].start-spans[i-1].end >= longPause {
			cost += costPause
		}
	}
	if end == len(tokens) {
		return cost
	}
	leave := tokens[end].cost
	if leave > costSentence {
		leave += costBroken
	}
	if spans[end].start-spans[end-1].end >= shortPause {
		leave = min(leave, costClause)
	}
	return cost + leave
}

// meetPauses moves cuts whose times are estimated to the nearest pause of the
// original speech, where one is near.
func meetPauses(pieces []piece, words []Word) {
	for i := 1; i < len(pieces); i++ {
		at := pieces[i].span.start
		nearest := pauseReach
		before, after := pieces[i-1].span, pieces[i].span
		for w := 1; w < len(words); w++ {
			from, to := words[w-1].End, words[w].Start
			if to-from < shortPause || from <= before.start || to >= after.end {
				continue
			}
			if off := (at - (from+to)/2).Abs(); off < nearest {
				nearest = off
				pieces[i-1].span.end, pieces[i].span.start = from, to
			}
		}
	}
}
