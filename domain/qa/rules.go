package qa

import (
	"slices"
	"strings"
)

// Rule is one entry of the catalogue. Its ID is stored in reports and waivers
// and is never renamed or reused.
type Rule struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Severity Severity `json:"severity"` // the usual one; a finding may be milder
	Source   string   `json:"source"`   // used where the limits of a profile name none
}

// Rules lists every rule that this package applies, by ID.
func Rules() []Rule { return slices.Clone(rules) }

const (
	dubQC     = "Netflix dub quality control; see the catalogue of rules"
	dubLevels = "Netflix Sound Mix Specifications (partnerhelp 360050414014): -27 LKFS +/-2 LU dialogue-gated, true peak at most -2 dBTP"
	shotGuide = "Netflix Subtitle Timing Guidelines (partnerhelp 360051554394), shot changes"
)

var rules = []Rule{
	{"DLG001", "recogniser-doubt", Major, "what a machine cannot settle goes to a person"},
	{"DUB001", "isochrony", Major, "the longest slot that slot fitting gives a line; " + dubQC},
	{"DUB002", "overrun", Critical, "one voice cannot say two lines at once"},
	{"DUB003", "missing-dub-line", Critical, dubQC},
	{"DUB004", "loudness", Major, dubLevels},
	{"DUB005", "true-peak", Major, dubLevels},
	{"DUB008", "asr-back-check", Major, "word error rate of the recognised dub against its script: 0.15 minor, 0.5 major"},
	{"DUB009", "speech-rate", Minor, "natural time-stretch range 0.9 to 1.15; slot fitting refuses more than 1.3"},
	{"DUB012", "lip-sync-score", Major, "lips meet on p, b and m within one frame for most of them"},
	{"EDT001", "edit-conflict", Major, "no edit of a person is dropped in silence"},
	{"FMT003", "empty-file", Critical, "a programme with dialogue has subtitles"},
	{"FMT009", "non-monotonic-order", Major, "W3C WebVTT: cues in order of their in times"},
	{"FMT010", "cue-outside-programme", Critical, "0 <= in < out <= duration"},
	{"PIC001", "shot-not-synced", Critical, "what was ordered is made, or the job says so"},
	{"PIC002", "picture-changed", Critical, "lip-sync changes the mouth region alone"},
	{"SHT003", "out-near-cut", Major, shotGuide},
	{"SHT004", "out-on-or-1f-before-cut", Major, shotGuide},
	{"SYN005", "missing-dialogue", Critical, "47 CFR 79.1(j)(2): complete; every event of the dialogue list is shown"},
	{"TIM001", "end-before-start", Critical, "W3C: the end of a cue lies after its start"},
	{"TIM002", "min-duration", Major, ""},
	{"TIM003", "max-duration", Major, ""},
	{"TIM004", "overlap", Critical, "two cues in one region hide each other"},
	{"TIM005", "min-gap", Major, ""},
	{"TIM008", "reading-speed", Major, ""},
	{"TRN001", "missing-translation", Critical, "every localized line has a text in the target language"},
	{"TRN002", "untranslated", Major, "more than 80 % of the words copied from the source"},
	{"TRN004", "number-mismatch", Critical, "NER model: numbers, dates and units are kept"},
	{"TRN011", "hallucination/repetition-loop", Major, "recognition and translation models loop, drop or invent text; a likeness, so never critical"},
	{"TRN012", "prompt-residue", Critical, "text of the engine's instructions in the translation"},
	{"TXT001", "max-line-length", Major, ""},
	{"TXT002", "max-lines", Major, ""},
	{"TXT003", "should-be-one-line", Minor, "Netflix General Requirements (partnerhelp 215758617): text that fits on one line stays on one"},
	{"TXT021", "empty-cue", Major, "a cue has visible text"},
}

// ruleOf is the entry with the given id. An unknown id is a defect that the
// tests of the table find.
func ruleOf(id string) Rule {
	i, _ := slices.BinarySearchFunc(rules, id, func(r Rule, id string) int { return strings.Compare(r.ID, id) })
	return rules[i]
}
