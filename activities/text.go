package activities

import (
	"context"
	"unicode"

	"github.com/babelreel/babelreel/domain/script"
)

// field is a word of a text and where it stands, in letters.
type field struct {
	text     string
	from, to int
}

// fieldsWithSpans is strings.Fields with the place of each field.
func fieldsWithSpans(s string) []field {
	var fields []field
	letters := []rune(s)
	start := -1
	for i := 0; i <= len(letters); i++ {
		space := i == len(letters) || unicode.IsSpace(letters[i])
		switch {
		case !space && start < 0:
			start = i
		case space && start >= 0:
			fields = append(fields, field{string(letters[start:i]), start, i})
			start = -1
		}
	}
	return fields
}

// editSets reads the edit sets of a stage, oldest first.
func (p *Parts) editSets(ctx context.Context, blobs []script.Blob) ([]script.EditSet, error) {
	var sets []script.EditSet
	for _, b := range blobs {
		set, err := load[script.EditSet](ctx, p, b)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}
