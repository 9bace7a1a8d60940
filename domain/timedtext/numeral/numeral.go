// Package numeral reads numbers that are written out in words.
//
// It knows English, Portuguese and Spanish; in every other language no word is
// a number. It is pure and holds no state.
package numeral

import "strings"

// Value reads the number at the front of words, which must be in lower case and
// without punctuation; a hyphenated number is two words. It returns the value
// and how many words it took, 0 where the first word is no number. It reads as
// far as the words make one number: "two three" is 2 and then 3.
func Value(words []string, language string) (value int64, used int) {
	lexicon, ok := lexicons[base(language)]
	if !ok {
		return 0, 0
	}
	r := reading{limit: 1000, scale: 1_000_000_000}
	for i := range words {
		if words[i] == lexicon.and && used > 0 && i+1 < len(words) {
			if v, ok := lexicon.small[words[i+1]]; !ok || !r.joins(v) {
				break
			}
			continue
		}
		if !r.take(words[i], lexicon) {
			break
		}
		used = i + 1
	}
	return r.total + r.current, used
}

// Is reports whether word, in any case, can be part of a written-out number.
func Is(word, language string) bool {
	lexicon := lexicons[base(language)]
	word = strings.ToLower(word)
	_, small := lexicon.small[word]
	_, scale := lexicon.scale[word]
	return small || scale
}

// Knows reports whether the package reads numbers of the language.
func Knows(language string) bool {
	_, ok := lexicons[base(language)]
	return ok
}

func base(language string) string {
	b, _, _ := strings.Cut(strings.ToLower(language), "-")
	return b
}

// reading is a number so far: whole groups of thousands in total, the group
// being read in current.
type reading struct {
	total, current int64
	limit          int64 // the next small number must be below this
	scale          int64 // the next scale word must be below this
}

func (r *reading) joins(v int64) bool { return v < r.limit && v > 0 }

func (r *reading) take(word string, lexicon lexicon) bool {
	if v, ok := lexicon.small[word]; ok {
		if v >= r.limit || (v == 0 && r.total+r.current > 0) {
			return false
		}
		r.current += v
		r.limit = below(v)
		return true
	}
	v, ok := lexicon.scale[word]
	switch {
	case !ok:
		return false
	case v == 100:
		if r.current >= 10 {
			return false
		}
		r.current = max(r.current, 1) * 100
		r.limit = 100
	default:
		if v >= r.scale {
			return false
		}
		r.total += max(r.current, 1) * v
		r.current, r.limit, r.scale = 0, 1000, v
	}
	return true
}

// below is how large a number may be that follows v and adds to it: units after
// tens, tens and units after hundreds, nothing after units and teens.
func below(v int64) int64 {
	switch {
	case v >= 100:
		return 100
	case v >= 20 && v%10 == 0:
		return 10
	default:
		return 0
	}
}
