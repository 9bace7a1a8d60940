package timedtext

import (
	"strings"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
)

// Audience is whom subtitles are for; it sets how fast they may be read.
type Audience string

// The audiences.
const (
	Adult       Audience = "adult"
	Children    Audience = "children"
	SDHAdult    Audience = "sdh-adult" // deaf and hard of hearing
	SDHChildren Audience = "sdh-children"
)

// Netflix is the profile of the Netflix timed text style guides.
const Netflix = "netflix"

// Bound is one number of a profile and the clause that sets it.
type Bound[T int | float64 | time.Duration] struct {
	Value  T      `json:"value"`
	Source string `json:"source"`
}

// Limits are the numbers that subtitles are held to. A Value of zero switches
// its rule off.
type Limits struct {
	Profile      string               `json:"profile"`
	Language     string               `json:"language"` // the entry used: "pt-BR", or "generic"
	Audience     Audience             `json:"audience"`
	MaxSpeed     Bound[float64]       `json:"maxSpeed"`     // characters per second
	MaxLineChars Bound[float64]       `json:"maxLineChars"` // characters in a line
	MaxLines     Bound[int]           `json:"maxLines"`
	MinDuration  Bound[time.Duration] `json:"minDuration"`
	MaxDuration  Bound[time.Duration] `json:"maxDuration"`
	MinGap       Bound[int]           `json:"minGap"`   // frames between two cues
	ChainGap     Bound[time.Duration] `json:"chainGap"` // a smaller gap is closed to MinGap
	ShotZone     Bound[time.Duration] `json:"shotZone"` // a time this close to a cut belongs to it
	Linger       Bound[time.Duration] `json:"linger"`   // how long a cue may outlast its speech
	MaxLag       Bound[time.Duration] `json:"maxLag"`   // the same, where reading needs the time
}

// Where the numbers come from.
const (
	general     = "Netflix General Requirements (partnerhelp 215758617)"
	timing      = "Netflix Subtitle Timing Guidelines (partnerhelp 360051554394)"
	gapSource   = "Netflix General Requirements, older revision, section 3; Timing Guidelines, introduction"
	checker     = "Subtitle Edit NetflixQualityController.cs at 5c98fbdf, values compared there with the live guides"
	lagSource   = "BBC Subtitle Guidelines: not more than 1.5 s after the speech when the speaker is in shot"
	amazon      = "Amazon Prime preset, Subtitle Edit SeGeneral.cs: 17 cps, 42 characters"
	englishText = "Netflix English guide (partnerhelp 217350977): adult 20, children 17, 42 characters"
	spanishText = "Netflix Spanish guide (partnerhelp 217349997); " + checker
	brazilText  = "Netflix Brazilian Portuguese guide (partnerhelp 215600497); " + checker
	iberiaText  = "Netflix European Portuguese guide (partnerhelp 216787938); " + checker
	japanText   = "Netflix Japanese guide (partnerhelp 360034199033); " + checker
	koreaText   = "Netflix Korean guide (partnerhelp 216001127); " + checker
)

// language is one row of the style guide: reading speed for each audience, in
// characters per second, and the length of a line.
type language struct {
	adult, children, sdh, sdhChildren float64
	line                              float64
	source                            string
}

var latin = language{17, 13, 20, 17, 42, checker}

// languages are the rows of the Netflix profile; "" is for every other language.
var languages = map[string]language{
	"":   {17, 13, 20, 17, 42, amazon},
	"en": {20, 17, 20, 17, 42, englishText},
	"es": {17, 13, 20, 17, 42, spanishText}, "pt-br": {17, 13, 20, 17, 42, brazilText},
	"pt": {17, 13, 20, 17, 42, iberiaText},
	"fr": latin, "de": latin, "it": latin, "nl": latin, "ru": latin, "pl": latin, "tr": latin, "sv": latin, "da": latin, "nb": latin,
	"fi": latin, "cs": latin, "hu": latin, "ro": latin, "el": latin, "uk": latin, "hr": latin, "sk": latin, "bg": latin, "sr": latin,
	"id": latin, "ms": latin, "vi": latin, "he": latin,
	"th": {17, 13, 20, 17, 35, checker},
	"ar": {20, 17, 23, 20, 42, checker},
	"hi": {22, 18, 25, 20, 42, checker},
	"ja": {4, 4, 7, 7, 13, japanText},
	"ko": {12, 9, 14, 11, 16, koreaText},
	"zh": {9, 7, 11, 9, 16, checker},
}

// LimitsFor returns the limits of a profile for a language and an audience. A
// language without an entry of its own uses that of its primary subtag, then the
// generic one, and Limits.Language says which. An unknown profile or audience is
// fault.Invalid.
func LimitsFor(profile, tag string, audience Audience) (Limits, error) {
	const op = "subtitle limits"
	if profile != Netflix {
		return Limits{}, fault.New(fault.Invalid, op, "no profile %q; the known one is %q", profile, Netflix)
	}
	name, row := lookup(tag)

	var speed float64
	switch audience {
	case Adult:
		speed = row.adult
	case Children:
		speed = row.children
	case SDHAdult:
		speed = row.sdh
	case SDHChildren:
		speed = row.sdhChildren
	default:
		return Limits{}, fault.New(fault.Invalid, op, "no audience %q; want adult, children, sdh-adult or sdh-children", audience)
	}

	l := Limits{
		Profile: profile, Language: name, Audience: audience,
		MaxSpeed:     Bound[float64]{speed, row.source},
		MaxLineChars: Bound[float64]{row.line, row.source},
		MaxLines:     Bound[int]{2, general},
		MinDuration:  Bound[time.Duration]{time.Second * 5 / 6, general},
		MaxDuration:  Bound[time.Duration]{7 * time.Second, general},
		MinGap:       Bound[int]{2, gapSource},
		ChainGap:     Bound[time.Duration]{time.Second / 2, timing},
		ShotZone:     Bound[time.Duration]{time.Second / 2, timing},
		Linger:       Bound[time.Duration]{time.Second / 2, timing},
		MaxLag:       Bound[time.Duration]{1500 * time.Millisecond, lagSource},
	}
	if name == "ja" {
		l.MinDuration = Bound[time.Duration]{time.Second / 2, japanText}
	}
	return l, nil
}

func lookup(tag string) (name string, row language) {
	if row, ok := languages[strings.ToLower(tag)]; ok && tag != "" {
		return tag, row
	}
	if row, ok := languages[Base(tag)]; ok && tag != "" {
		return Base(tag), row
	}
	return "generic", languages[""]
}
