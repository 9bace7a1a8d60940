package contract

import (
	"slices"
	"time"

	"github.com/babelreel/babelreel/domain/gate"
)

// Service is one thing that can be ordered.
type Service string

// The services.
const (
	Subtitles Service = "subs"
	Dub       Service = "dub"
	LipSync   Service = "lipsync" // needs Dub
)

// Services lists every service.
func Services() []Service { return []Service{Subtitles, Dub, LipSync} }

// Order is one job: a programme, and what is wanted of it. The same JSON starts
// a job from the command line and from the Temporal UI.
type Order struct {
	Job            string                    `json:"job"`            // id of the job, "" takes the workflow id
	Customer       string                    `json:"customer"`       // code name
	Series         string                    `json:"series"`         // code name
	Title          string                    `json:"title"`          // code name
	Source         string                    `json:"source"`         // path of the master, as the media worker sees it
	SourceLanguage string                    `json:"sourceLanguage"` // BCP 47, "" means detect
	MusicEffects   string                    `json:"musicEffects"`   // path of the client's M&E, "" for none
	Languages      []string                  `json:"languages"`      // BCP 47
	Services       []Service                 `json:"services"`
	Profile        string                    `json:"profile"` // of subtitle limits, "" means netflix
	Gates          map[gate.Name]gate.Policy `json:"gates"`   // a gate not named is required
	Casting        map[string]string         `json:"casting"` // voice by character, as far as decided
	Due            time.Time                 `json:"due"`     // zero: no date
}

// Wants reports whether s was ordered.
func (o Order) Wants(s Service) bool { return slices.Contains(o.Services, s) }
