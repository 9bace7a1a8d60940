package dub

import (
	"fmt"
	"math"
	"time"

	"github.com/rivo/uniseg"
)

// Method is how a line is made to fit its slot.
type Method string

// The methods.
const (
	Natural Method = "natural" // it fits as it is spoken
	Engine  Method = "engine"  // the engine speaks it in the time wished
	Stretch Method = "stretch" // the engine speaks fast and a time stretch does the rest
	Refused Method = "refused" // it cannot fit; the text must be shorter
)

// The speeds at which the methods end, as natural length over fitted length.
// Measured with exact durations in the engine to 1.2 and rubberband beyond;
// past 1.3 a line is no longer worth hearing.
const (
	EngineRatio  = 1.2
	StretchRatio = 1.3
	// NaturalRatio is the end of the range in which a stretch is not heard. A
	// line that must be shortened is shortened to it.
	NaturalRatio = 1.15
)

// ResidualTolerance is how far a fitted line may be from its target: one frame
// of a speech engine.
const ResidualTolerance = 25 * time.Millisecond

// Plan says how to make a line fit.
type Plan struct {
	Method Method        `json:"method"`
	Target time.Duration `json:"target"` // length the line is to have; 0 for Refused
	Ask    time.Duration `json:"ask"`    // length to ask of the engine; 0 means natural
	Ratio  float64       `json:"ratio"`  // natural length over Target, or over the slot where refused; 0 where a length is missing
	Reason string        `json:"reason,omitempty"`
}

// Fit plans how speech of a natural length fits a slot. Speech that fits is left
// as it is: it is never slowed down. Speech of no length, or a slot of none, is
// refused.
func Fit(natural, slot time.Duration) Plan {
	if natural <= 0 || slot <= 0 {
		return Plan{Method: Refused, Reason: fmt.Sprintf("speech of %s cannot fit a slot of %s", natural, slot)}
	}
	if natural <= slot {
		return Plan{Method: Natural, Target: natural, Ratio: 1}
	}
	ratio := natural.Seconds() / slot.Seconds()
	plan := Plan{Target: slot, Ask: slot, Ratio: ratio, Reason: fmt.Sprintf("speaks at %.2f times its natural speed", ratio)}
	switch {
	case ratio <= EngineRatio:
		plan.Method = Engine
	case ratio <= StretchRatio:
		plan.Method = Stretch
		plan.Ask = time.Duration(float64(natural) / EngineRatio)
	default:
		return Plan{Method: Refused, Ratio: ratio, Reason: fmt.Sprintf("would have to be spoken at %.2f times its natural speed, the most is %.2f", ratio, StretchRatio)}
	}
	return plan
}

// FitLine is Fit for speech of a known text: the reason of a refusal says by how
// much to shorten it.
func FitLine(text string, natural, slot time.Duration) Plan {
	plan := Fit(natural, slot)
	if n := Excess(text, natural, slot); plan.Method == Refused && n > 0 {
		plan.Reason += fmt.Sprintf("; shorten the line by about %d characters", n)
	}
	return plan
}

// Excess is about how many characters text has too many to be spoken in slot
// within the natural range; 0 where it has none, or where a length is not positive.
func Excess(text string, natural, slot time.Duration) int {
	if natural <= 0 || slot <= 0 {
		return 0
	}
	fits := min(1, slot.Seconds()*NaturalRatio/natural.Seconds())
	return int(math.Ceil(float64(uniseg.GraphemeClusterCount(text))*(1-fits) - 1e-9))
}

// Residual is how much longer a made line is than planned, and whether that is
// within ResidualTolerance.
func (p Plan) Residual(made time.Duration) (off time.Duration, ok bool) {
	off = made - p.Target
	return off, off.Abs() <= ResidualTolerance
}
