package simengine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/babelreel/babelreel/engine"
)

// languages are those that the simulator translates between English and, and
// speaks.
var languages = []string{"en", "pt-BR", "es", "fr", "de", "it", "pl", "ru", "tr", "ja", "ko", "zh", "ar", "hi", "id"}

// Models are the models of a simulator: one of each capability, with two voices
// of each gender for every language, "pt-BR-f1" to "pt-BR-m2".
func Models() []engine.Model {
	var pairs []string
	var voices []engine.Voice
	for _, language := range languages {
		if language != "en" {
			pairs = append(pairs, "en>"+language, language+">en")
		}
		for _, voice := range []string{"f1", "f2", "m1", "m2"} {
			voices = append(voices, engine.Voice{ID: language + "-" + voice, Language: language, Gender: voice[:1]})
		}
	}
	model := func(id string, can engine.Capability) engine.Model {
		sum := sha256.Sum256([]byte(id))
		return engine.Model{
			ID: id, Capability: can, Version: "1", Weights: hex.EncodeToString(sum[:]), License: "Apache-2.0", CommercialUse: true,
			Grade: engine.Production, Languages: languages, Voices: []engine.Voice{},
		}
	}
	regions, asr, mt := model("sim-regions", engine.CanFindSpeech), model("sim-asr", engine.CanTranscribe), model("sim-mt", engine.CanTranslate)
	tts, lips := model("sim-tts", engine.CanSpeak), model("sim-lips", engine.CanLipSync)
	mt.Languages = pairs
	tts.Voices, tts.DurationControl = voices, "exact"
	lips.Languages = []string{}
	return []engine.Model{regions, asr, mt, tts, lips}
}

// model is the model with an id and a capability, among those listed.
func (s *Server) model(id string, can engine.Capability) (engine.Model, bool) {
	i := slices.IndexFunc(s.models, func(m engine.Model) bool { return m.ID == id && m.Capability == can })
	if i < 0 {
		return engine.Model{}, false
	}
	return s.models[i], true
}

// base is a language without its region: "pt-BR" is "pt".
func base(language string) string {
	head, _, _ := strings.Cut(language, "-")
	return head
}

// pairs reports whether a model translates from one language to another, with
// the region of either left out where that helps.
func pairs(m engine.Model, from, to string) bool {
	return slices.ContainsFunc([]string{from + ">" + to, base(from) + ">" + to, from + ">" + base(to), base(from) + ">" + base(to)}, func(pair string) bool {
		return slices.Contains(m.Languages, pair)
	})
}
