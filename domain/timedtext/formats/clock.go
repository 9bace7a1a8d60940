package formats

import (
	"fmt"
	"strings"
	"time"
)

// parseTimes reads a line such as "00:01:02,500 --> 00:01:04,000 X1:40". The
// hours may be absent and the fraction may follow a comma or a dot. What follows
// the times comes back as rest.
func parseTimes(line string) (start, end time.Duration, rest string, ok bool) {
	left, right, found := strings.Cut(line, "-->")
	if !found {
		return 0, 0, "", false
	}
	right = strings.TrimLeft(right, " \t")
	if i := strings.IndexAny(right, " \t"); i >= 0 {
		right, rest = right[:i], strings.TrimSpace(right[i:])
	}
	start, startOK := parseTime(strings.TrimSpace(left))
	end, endOK := parseTime(right)
	return start, end, rest, startOK && endOK
}

// maxHours keeps times far below what a Duration can hold.
const maxHours = 9999

// parseTime reads [-][h:]mm:ss[,.]fff, with one to three digits of fraction.
func parseTime(s string) (time.Duration, bool) {
	sign := time.Duration(1)
	if strings.HasPrefix(s, "-") {
		sign, s = -1, s[1:]
	}
	clock, fraction, found := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if !found || len(fraction) > 3 {
		return 0, false
	}
	ms, ok := number(fraction, 999)
	if !ok {
		return 0, false
	}
	for range 3 - len(fraction) {
		ms *= 10
	}
	parts := strings.Split(clock, ":")
	if len(parts) == 2 {
		parts = append([]string{"0"}, parts...)
	}
	if len(parts) != 3 {
		return 0, false
	}
	limits := [3]int{maxHours, 59, 59}
	total := time.Duration(0)
	for i, part := range parts {
		n, ok := number(part, limits[i])
		if !ok {
			return 0, false
		}
		total = total*60 + time.Duration(n)
	}
	return sign * (total*time.Second + time.Duration(ms)*time.Millisecond), true
}

// number reads one or more decimal digits of at most limit.
func number(s string, limit int) (n int, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		if n = n*10 + int(s[i]-'0'); n > limit {
			return 0, false
		}
	}
	return n, true
}

// formatTime writes t as hh:mm:ss, the separator and milliseconds, rounded to
// the nearest. A negative t is written as zero.
func formatTime(t time.Duration, separator byte) string {
	ms := max(0, t.Round(time.Millisecond).Milliseconds())
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, separator, ms%1000)
}

// checkOrder warns of a cue whose times make no sense; it is kept as it is.
func checkOrder(line int, start, end time.Duration, w *warnings) {
	switch {
	case start < 0 || end < 0:
		w.add(line, "the cue has a negative time")
	case end <= start:
		w.add(line, "the cue does not end after it starts")
	}
}
