package simengine

import "strings"

// vocabulary is what made-up words of a language are put together from.
type vocabulary struct {
	short     []string // real words of one to three letters
	syllables []string
	density   float64 // letters written for one of English
}

func vocab(density float64, short, syllables string) vocabulary {
	return vocabulary{strings.Fields(short), strings.Fields(syllables), density}
}

// vocabularies are by language without region.
var vocabularies = map[string]vocabulary{
	"en": vocab(1, "the a of to in it is on at and", "ran ter ing lo mis ven der sta cor pel un wor"),
	"pt": vocab(1, "de que não a o um com eu ele é", "ção ma ré lho pa tá vi nha se co dú ber"),
	"es": vocab(1, "de que no la el un con yo él y", "ción ma ñe lla pa tó vi ra se cú do ber"),
	"fr": vocab(1, "de que ne la le un et je il à", "tion mé ré oi pa çon vi ra sè cou du ber"),
	"de": vocab(1, "der die und in zu den das ist ein wir", "ung mä ßen lich pa tö ver ra se kü der ber"),
	"it": vocab(1, "di che non la il un con io è e", "zione ma rè gli pa tò vi ra se cù do ber"),
	"pl": vocab(1, "i w na nie to że się z do co", "ność mę rze łó pa ty wi ra szcz ku do ber"),
	"tr": vocab(1, "ve bir bu da ne o ben sen var ki", "lık mü rş ğı pa tö vi ra se çü dı ber"),
	"id": vocab(1, "di ke dan itu ini ada aku dia apa ya", "kan me ran nya pa ti be ra se ku da ber"),
	"ru": vocab(1, "и в не на я он что с это мы", "ние ма ре ло па ты ви ра се ку до бер"),
	"ar": vocab(0.8, "في من على لا أن هو ما هل قد كل", "تي مر ال لو بي تا وي را سي كو دا بر"),
	"hi": vocab(0.9, "है का की और में यह वह हम से को", "ना मे रा लो पा ति वि री से कु दो बा"),
	"ja": vocab(0.5, "は が を に で も の と へ や", "かな めた れて ろう ぱい とき びん らい せつ こう だい ばん"),
	"ko": vocab(0.5, "이 그 저 나 너 왜 또 더 안 잘", "사람 마음 시간 오늘 바다 하루 친구 나라 세상 거리 다음 빛"),
	"zh": vocab(0.35, "的 了 我 你 他 在 是 不 有 也", "时 间 朋 友 世 界 今 天 大 海 城 市"),
}
