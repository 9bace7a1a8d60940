package dub

import (
	"cmp"
	"slices"
	"strings"

	"github.com/babelreel/babelreel/domain/fault"
)

// Character is somebody who speaks.
type Character struct {
	Name   string `json:"name"`
	Gender string `json:"gender,omitempty"` // "f", "m" or "" where unknown
	Lines  int    `json:"lines,omitempty"`  // how much they say; the busiest choose first
}

// Voice is a voice that can be used.
type Voice struct {
	ID       string `json:"id"`
	Language string `json:"language"` // BCP 47, "" for every language
	Gender   string `json:"gender"`   // "f", "m" or "" where unknown
}

// Assignment is the voice of one character.
type Assignment struct {
	Character  string   `json:"character"`
	Voice      string   `json:"voice"`
	Pinned     bool     `json:"pinned,omitempty"`     // a person chose it
	SharedWith []string `json:"sharedWith,omitempty"` // other characters with the same voice, in order
	Note       string   `json:"note,omitempty"`       // what a person should know
}

const castOp = "dub: cast"

// Cast gives every character a voice of the language, in the order of
// characters. pinned holds what people chose, voice by character name; an entry
// for a character who does not speak is ignored.
//
// Voices of the exact tag go before those of the same primary subtag, which are
// used only where there are none. A character gets a voice of their gender, and
// one of their own while there are enough; then the least used is shared, and
// SharedWith says so. The same input always gives the same cast.
//
// Without a voice for the language, or with a pinned voice that is not there or
// speaks another language, Cast fails with fault.Missing; with a character named
// twice, with fault.Invalid.
func Cast(characters []Character, voices []Voice, language string, pinned map[string]string) ([]Assignment, error) {
	usable := speaking(voices, language)
	if len(usable) == 0 && len(characters) > 0 {
		return nil, fault.New(fault.Missing, castOp, "no voice speaks %s; add one, or leave the dub out", language)
	}

	cast := make([]Assignment, len(characters))
	uses := map[string]int{} // by voice
	seen := map[string]bool{}
	for i, c := range characters {
		if seen[c.Name] {
			return nil, fault.New(fault.Invalid, castOp, "the character %q is listed twice", c.Name)
		}
		seen[c.Name] = true
		id, ok := pinned[c.Name]
		if !ok {
			continue
		}
		if err := pinnable(voices, id, language); err != nil {
			return nil, err
		}
		cast[i] = Assignment{Character: c.Name, Voice: id, Pinned: true}
		uses[id]++
	}

	order := make([]int, 0, len(characters))
	for i := range characters {
		if cast[i].Voice == "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(characters[b].Lines, characters[a].Lines) })
	for _, i := range order {
		voice := choose(usable, characters[i].Gender, uses)
		uses[voice.ID]++
		cast[i] = Assignment{Character: characters[i].Name, Voice: voice.ID}
		if g := characters[i].Gender; g != "" && voice.Gender != "" && voice.Gender != g {
			cast[i].Note = "no voice of the gender of the character"
		}
	}
	share(cast)
	return cast, nil
}

// speaking are the voices of a language, each once, in the order given.
func speaking(voices []Voice, language string) []Voice {
	var exact, related []Voice
	seen := map[string]bool{}
	for _, v := range voices {
		switch {
		case v.ID == "" || seen[v.ID]:
			continue
		case v.Language == "" || strings.EqualFold(v.Language, language):
			exact = append(exact, v)
		case strings.EqualFold(primary(v.Language), primary(language)):
			related = append(related, v)
		default:
			continue
		}
		seen[v.ID] = true
	}
	if len(exact) > 0 {
		return exact
	}
	return related
}

func primary(tag string) string {
	subtag, _, _ := strings.Cut(tag, "-")
	return subtag
}

// pinnable reports why a pinned voice cannot be used, if it cannot.
func pinnable(voices []Voice, id, language string) error {
	i := slices.IndexFunc(voices, func(v Voice) bool { return v.ID == id })
	if i < 0 {
		return fault.New(fault.Missing, castOp, "the pinned voice %q is not there", id)
	}
	if tag := voices[i].Language; tag != "" && !strings.EqualFold(primary(tag), primary(language)) {
		return fault.New(fault.Missing, castOp, "the pinned voice %q speaks %s, not %s", id, tag, language)
	}
	return nil
}

// choose is the least used of the voices that suit a gender best, the first of
// them where several are used as little.
func choose(voices []Voice, gender string, uses map[string]int) Voice {
	return slices.MinFunc(voices, func(a, b Voice) int {
		return cmp.Or(cmp.Compare(misfit(a, gender), misfit(b, gender)), cmp.Compare(uses[a.ID], uses[b.ID]))
	})
}

// misfit ranks how badly a voice suits a gender. A voice of unknown gender is
// worse than a shared one of the right gender: nobody has heard it.
func misfit(v Voice, gender string) int {
	switch {
	case gender == "" || v.Gender == gender:
		return 0
	case v.Gender == "":
		return 1
	default:
		return 2
	}
}

// share fills in who shares a voice with whom.
func share(cast []Assignment) {
	users := map[string][]string{}
	for _, a := range cast {
		users[a.Voice] = append(users[a.Voice], a.Character)
	}
	for i, a := range cast {
		for _, other := range users[a.Voice] {
			if other != a.Character {
				cast[i].SharedWith = append(cast[i].SharedWith, other)
			}
		}
	}
}
