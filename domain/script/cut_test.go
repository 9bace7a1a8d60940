package script_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/script"
)

// Frames survive the way through nanoseconds at every rate of the field, for
// longer than any programme.
func TestFramesSurviveTime(t *testing.T) {
	rates := []script.Rate{{24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}, {50, 1}, {60000, 1001}, {60, 1}}
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom(rates).Draw(t, "rate")
		frame := rapid.Int64Range(-1000, 60*60*60*24).Draw(t, "frame")

		require.Equal(t, frame, rate.FrameAt(rate.TimeOf(frame)))
	})
}

func TestFrameAtRoundsToNearest(t *testing.T) {
	rate := script.Rate{Num: 25, Den: 1}

	require.Equal(t, int64(0), rate.FrameAt(19*time.Millisecond))
	require.Equal(t, int64(1), rate.FrameAt(20*time.Millisecond))
	require.Equal(t, int64(-1), rate.FrameAt(-21*time.Millisecond))
	require.Equal(t, 40*time.Millisecond, rate.Snap(55*time.Millisecond))
}
