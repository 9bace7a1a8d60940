package contract

import (
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/domain/script"
)

// The activities that make the documents of LocalizeTitle.
var (
	Admit      = Activity[Order, Admission]{Name: "Admit"}
	Ingest     = Activity[IngestIn, Made]{Name: "Ingest"}
	FindShots  = Activity[Work, Made]{Name: "FindShots"}
	FindSpeech = Activity[Work, Made]{Name: "FindSpeech"}
	Transcribe = Activity[Work, Made]{Name: "Transcribe"}
)

// The activities that make the documents of LocalizeLanguage.
var (
	PlanLanguage        = Activity[Work, Planned]{Name: "PlanLanguage"}
	Translate           = Activity[Work, Batch]{Name: "Translate"}
	AssembleTranslation = Activity[Work, Made]{Name: "AssembleTranslation"}
	AuthorSubtitles     = Activity[Work, Made]{Name: "AuthorSubtitles"}
	PrepareDub          = Activity[Work, Made]{Name: "PrepareDub"}
	Synthesize          = Activity[Work, Batch]{Name: "Synthesize"}
	AssembleTakes       = Activity[Work, Made]{Name: "AssembleTakes"}
	BuildPremix         = Activity[Work, Made]{Name: "BuildPremix"}
	MixDub              = Activity[Work, Made]{Name: "MixDub"}
	HearDub             = Activity[Work, Made]{Name: "HearDub"}
	SyncLips            = Activity[Work, Batch]{Name: "SyncLips"}
	AssemblePicture     = Activity[Work, Made]{Name: "AssemblePicture"}
	AssembleMaster      = Activity[Work, Made]{Name: "AssembleMaster"}
	Package             = Activity[PackageIn, Made]{Name: "Package"}
)

// The activities around the gates and the records.
var (
	BuildBrief     = Activity[BriefIn, gate.Subject]{Name: "BuildBrief"}
	RecordDecision = Activity[DecisionIn, DecisionOut]{Name: "RecordDecision"}
)

// ActivityNames lists every activity, for tests that check completeness.
func ActivityNames() []string {
	return []string{
		Admit.Name, Ingest.Name, FindShots.Name, FindSpeech.Name, Transcribe.Name,
		PlanLanguage.Name, Translate.Name, AssembleTranslation.Name, AuthorSubtitles.Name, PrepareDub.Name,
		Synthesize.Name, AssembleTakes.Name, BuildPremix.Name, MixDub.Name, HearDub.Name, SyncLips.Name,
		AssemblePicture.Name, AssembleMaster.Name, Package.Name, BuildBrief.Name, RecordDecision.Name,
	}
}

// Admission is what Admit found fit to start: the models that listen to the
// programme. It fails with the cause and the remedy before anything is spent.
type Admission struct {
	FindSpeech Model `json:"findSpeech"`
	Transcribe Model `json:"transcribe"`
}

// IngestIn names the client's files.
type IngestIn struct {
	Job          string `json:"job"`
	Source       string `json:"source"`
	MusicEffects string `json:"musicEffects"`
	// ConstantRate refuses a picture of variable frame rate, which cannot be lip-synced.
	ConstantRate bool `json:"constantRate,omitempty"`
}

// Planned is a LanguagePlan in the store and at hand.
type Planned struct {
	Made Made         `json:"made"`
	Plan LanguagePlan `json:"plan"`
}

// PackageIn asks for the delivery of one language.
type PackageIn struct {
	Work       Work         `json:"work"`
	WorkflowID string       `json:"workflowId"` // whose recorded decisions go into the manifest
	TitleID    string       `json:"titleId"`
	Plan       LanguagePlan `json:"plan"`
	Labels     []string     `json:"labels"`
	Approved   []string     `json:"approved"` // ids of the decisions that approved what is packaged
}

// BriefIn asks for what a gate shows of one document.
type BriefIn struct {
	Job     string      `json:"job"`
	Gate    gate.Name   `json:"gate"`
	Doc     script.Blob `json:"doc"`
	Report  script.Blob `json:"report"`
	Context []StageDoc  `json:"context"` // documents to show beside it, such as the source of a translation
	Labels  []string    `json:"labels"`
	From    string      `json:"from"`
	To      string      `json:"to"`
}

// DecisionIn is one decision for the records.
type DecisionIn struct {
	Job        string        `json:"job"`
	WorkflowID string        `json:"workflowId"`
	Language   string        `json:"language"`
	Rules      string        `json:"rules"`
	Decision   gate.Decision `json:"decision"`
}

// DecisionOut says where the edits of a decision were put; a zero Blob if it
// had none.
type DecisionOut struct {
	EditSet script.Blob `json:"editSet"`
}
