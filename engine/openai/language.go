package openai

import (
	"strings"
	"sync"

	bcp47 "golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// recognised are the languages of Whisper's tokenizer, which OpenAI's service
// and some servers report by English name instead of by code.
const recognised = "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur " +
	"hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af " +
	"oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue"

// named maps English names in lower case to tags.
var named = sync.OnceValue(func() map[string]string {
	names := map[string]string{"castilian": "es", "flemish": "nl", "mandarin": "zh"}
	english := display.English.Languages()
	for code := range strings.FieldsSeq(recognised) {
		if tag, err := bcp47.Parse(code); err == nil {
			names[strings.ToLower(english.Name(tag))] = code
		}
	}
	return names
})

// tagged is s where it is a BCP 47 tag, in its canonical spelling, else "".
func tagged(s string) string {
	tag, err := bcp47.Parse(s)
	if err != nil || tag == bcp47.Und {
		return ""
	}
	return tag.String()
}
