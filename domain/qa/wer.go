package qa

// WER is the word error rate of a recognised text against what should have been
// said: words inserted, left out and exchanged, per word of the reference. Both
// are compared as Words. It is 0 for equal texts and may exceed 1. Against an
// empty reference it is 0 for an empty hypothesis and 1 for any other.
func WER(reference, hypothesis, language string) float64 {
	want, got := Words(reference, language), Words(hypothesis, language)
	if len(want) == 0 {
		return float64(min(1, len(got)))
	}
	return float64(distance(want, got)) / float64(len(want))
}

// distance is the least number of words to insert, delete or exchange to make a
// into b.
func distance(a, b []string) int {
	row := make([]int, len(b)+1) // distances of a[:i] to every b[:j]
	for j := range row {
		row[j] = j
	}
	for i, word := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range b {
			cost := diagonal
			if word != other {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
