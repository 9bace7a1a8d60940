package media

import (
	"golang.org/x/text/language"

	"github.com/babelreel/babelreel/domain/fault"
)

// threeLetters is a BCP 47 tag as the ISO 639-2 code that containers hold; ""
// is "und".
func threeLetters(tag string) (string, error) {
	if tag == "" {
		return "und", nil
	}
	t, err := language.Parse(tag)
	if err != nil {
		return "", fault.New(fault.Invalid, opMux, "%q is no language tag: want BCP 47, such as pt-BR", tag)
	}
	base, _ := t.Base()
	return base.ISO3(), nil
}
