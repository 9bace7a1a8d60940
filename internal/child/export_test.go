package child

// Delay lets tests step through the delays without living through them.
type Delay = delay

// The two things that happen to a delay.
var (
	Lived = (*delay).lived
	Next  = (*delay).next
)
