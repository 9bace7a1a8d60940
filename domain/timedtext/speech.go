package timedtext

import "time"

// span is a stretch of time.
type span struct{ start, end time.Duration }

// spoken says when each token of a line is heard.
type spoken struct {
	spans   []span
	aligned bool // from the times of the words themselves, not estimated
}

// alignLimit bounds the work of matching a text with its words, in pairs
// compared; a longer line is timed by the length of its text.
const alignLimit = 1 << 20

// speech times the tokens of a line. Where the line is in the language of its
// words (same), their times are used, and tokens without a word share the time
// between their neighbours; else the whole line is shared out by length.
func speech(tokens []token, line Line, same bool) spoken {
	s := spoken{spans: make([]span, len(tokens))}
	known := make([]bool, len(tokens))
	if same && len(line.Words) > 0 && len(tokens)*len(line.Words) <= alignLimit {
		for t, w := range match(tokens, line.Words) {
			if w >= 0 {
				s.spans[t], known[t], s.aligned = span{line.Words[w].Start, line.Words[w].End}, true, true
			}
		}
	}
	at := line.Start
	for t := range tokens { // times never run backwards nor out of the line
		if known[t] {
			s.spans[t].start = min(max(s.spans[t].start, at), max(line.End, at))
			s.spans[t].end = min(max(s.spans[t].end, s.spans[t].start), max(line.End, at))
			at = s.spans[t].end
		}
	}
	share(s.spans, known, tokens, line)
	return s
}

// share spreads each run of unknown tokens over the time between its known
// neighbours, by length.
func share(spans []span, known []bool, tokens []token, line Line) {
	for from := 0; from < len(tokens); {
		if known[from] {
			from++
			continue
		}
		to, total := from, 0.0
		for ; to < len(tokens) && !known[to]; to++ {
			total += tokens[to].width + 1
		}
		start, end := line.Start, max(line.Start, line.End)
		if from > 0 {
			start = spans[from-1].end
		}
		if to < len(tokens) {
			end = max(start, spans[to].start)
		}
		at, done := start, 0.0
		for t := from; t < to; t++ {
			done += tokens[t].width + 1
			next := start + time.Duration(float64(end-start)*done/total)
			spans[t] = span{at, next}
			at = next
		}
		from = to
	}
}

// match pairs tokens with words by their longest common subsequence; -1 where a
// token has none.
func match(tokens []token, words []Word) []int {
	n, m := len(tokens), len(words)
	left, right := make([]string, n), make([]string, m)
	for i, t := range tokens {
		left[i] = t.bare
	}
	for j, w := range words {
		right[j] = bare(w.Text)
	}
	length := make([][]int32, n+1) // of the longest match of left[i:] and right[j:]
	for i := range length {
		length[i] = make([]int32, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if left[i] == right[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	pairs := make([]int, n)
	for i, j := 0, 0; i < n; i++ {
		pairs[i] = -1
		for j < m && left[i] != right[j] && length[i][j+1] >= length[i+1][j] {
			j++
		}
		if j < m && left[i] == right[j] {
			pairs[i] = j
			j++
		}
	}
	return pairs
}
