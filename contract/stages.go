package contract

import (
	"github.com/babelreel/babelreel/domain/script"
)

// StageName names one step of a job whose outcome is one document.
type StageName string

// The stages of LocalizeTitle, then those of LocalizeLanguage, in their order.
const (
	StageIngest    StageName = "ingest"     // document: Ingested
	StageShots     StageName = "shots"      // document: Shots
	StageSpeech    StageName = "speech"     // document: SpeechRegions
	StageDialogue  StageName = "dialogue"   // document: script.DialogueList
	StagePlan      StageName = "plan"       // document: LanguagePlan
	StageTranslate StageName = "translate"  // document: script.Translation
	StageSubtitles StageName = "subtitles"  // document: timedtext.Document
	StageDubScript StageName = "dub-script" // document: script.DubScript
	StageTakes     StageName = "takes"      // document: script.Takes
	StagePremix    StageName = "premix"     // document: Premix
	StageMix       StageName = "mix"        // document: Mix
	StageHear      StageName = "hear"       // document: qa.Report
	StagePicture   StageName = "picture"    // document: Picture
	StageMaster    StageName = "master"     // document: Master
	StagePackage   StageName = "package"    // document: Manifest
)

// StageDoc is the document of one stage.
type StageDoc struct {
	Items int         `json:"items,omitempty"` // as Made.Items
	Stage StageName   `json:"stage"`
	Doc   script.Blob `json:"doc"`
}

// Work is the input of every activity that makes a stage's document: the
// documents it is made from, and nothing that it does not depend on.
type Work struct {
	Job      string            `json:"job"`
	Inputs   []StageDoc        `json:"inputs,omitempty"`
	Edits    []script.Blob     `json:"edits,omitempty"` // script.EditSets to put over the machine's document, oldest first
	From     string            `json:"from,omitempty"`  // BCP 47
	To       string            `json:"to,omitempty"`    // BCP 47
	Profile  string            `json:"profile,omitempty"`
	Model    Model             `json:"model,omitzero"`
	Casting  map[string]string `json:"casting,omitempty"`
	First    int               `json:"first,omitempty"`    // for batches: index of the first item
	Count    int               `json:"count,omitempty"`    // for batches: how many items
	Failures []script.Failure  `json:"failures,omitempty"` // what the batches could not make
	Services []Service         `json:"services,omitempty"`
	Title    string            `json:"title,omitempty"`
}

// Doc is the document of a stage among the inputs; a zero Blob if it is not.
func (w Work) Doc(s StageName) script.Blob {
	for _, in := range w.Inputs {
		if in.Stage == s {
			return in.Doc
		}
	}
	return script.Blob{}
}

// Made is the outcome of a stage.
type Made struct {
	Doc      script.Blob `json:"doc"`
	Report   script.Blob `json:"report,omitzero"`    // qa.Report, where the stage checks something
	Items    int         `json:"items,omitempty"`    // how many lines, cues or shots the document holds
	Language string      `json:"language,omitempty"` // BCP 47, where the stage found it out
	Labels   []string    `json:"labels,omitempty"`   // what must be said of everything made from it
}

// Batch is the outcome of one batch of lines or shots.
type Batch struct {
	Made     int              `json:"made"`   // paid for now
	Reused   int              `json:"reused"` // found in the store
	Failures []script.Failure `json:"failures,omitempty"`
}

// Model is one model that the plan of a job names, by what result keys hold of
// it. The zero Model is none.
type Model struct {
	ID          string `json:"id"`
	Fingerprint string `json:"fingerprint"`
	Grade       string `json:"grade"` // engine.Grade
}
