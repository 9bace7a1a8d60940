package timedtext

import "strings"

// grammar is what line breaking knows of a language.
type grammar struct {
	hold map[string]bool // words that must not end a line: they belong to what follows
	lead map[string]bool // conjunctions and prepositions that start a phrase: good words to start a line with
}

var grammars = map[string]grammar{
	"en": newGrammar(
		"and but or nor so because if when while although that in on at to for from with without by about into onto over under between through after before since until than as what where how why which",
		"of the a an my your his her its our their this these those some any no every each i you he she we they it who whose is are was were am be been have has had do does did will would shall should can could may might must not don't didn't won't can't",
	),
	"pt": newGrammar(
		"e ou mas nem que se porque quando enquanto embora como em no na nos nas num numa naquele naquela neste nesta nesse nessa por pelo pela pelos pelas para pra com sem sob sobre entre até desde ao à aos às após contra",
		"de do da dos das o a os as um uma uns umas meu minha meus minhas seu sua seus suas teu tua nosso nossa nossos nossas este esta esse essa aquele aquela estes estas esses essas cada todo toda não nunca já eu tu você ele ela nós vocês eles elas me te lhe é são era foi está estão sou estou tem ter vai vou vamos muito mais tão",
	),
	"es": newGrammar(
		"y e o u pero ni que si porque cuando mientras aunque como en a al por para con sin sobre entre hasta desde tras contra según",
		"de del el la los las un una unos unas mi mis tu tus su sus nuestro nuestra este esta ese esa aquel aquella estos estas cada todo toda no nunca ya yo tú él ella nosotros ustedes ellos ellas me te se lo le les nos es son era fue está están soy estoy ha he va voy muy más tan",
	),
	"fr": newGrammar(
		"et ou mais ni que qui si car quand lorsque comme en à au aux dans par pour avec sans sous sur entre vers chez depuis avant après contre",
		"de du des le la les un une mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces chaque je tu il elle on nous vous ils elles me te se ne pas est sont était ai as a ont très plus",
	),
	"de": newGrammar(
		"und oder aber denn dass weil wenn als ob damit obwohl in im an am auf aus bei beim mit nach vor zu zum zur für durch gegen ohne um über unter zwischen seit bis",
		"von vom der die das den dem des ein eine einen einem einer eines mein meine dein deine sein seine ihr ihre unser unsere euer dieser diese dieses jeder jede kein keine ich du er sie es wir man nicht ist sind war bin bist hat haben habe wird werden kann muss sehr",
	),
	"it": newGrammar(
		"e ed o ma né che se perché quando mentre come a al allo alla ai agli alle da dal dalla in nel nella nei con su sul sulla per tra fra senza contro",
		"di del dello della dei degli delle il lo la i gli le un uno una mio mia tuo tua suo sua nostro nostra questo questa quello quella ogni io tu lui lei noi voi loro mi ti si ci vi ne non è sono era ho hai ha molto più",
	),
}

// newGrammar takes the leading words, which also hold, and further words that
// only hold.
func newGrammar(lead, hold string) grammar {
	g := grammar{hold: map[string]bool{}, lead: map[string]bool{}}
	for word := range strings.FieldsSeq(lead) {
		g.lead[word], g.hold[word] = true, true
	}
	for word := range strings.FieldsSeq(hold) {
		g.hold[word] = true
	}
	return g
}

func grammarOf(language string) grammar { return grammars[Base(language)] }
