package timedtext_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/timedtext"
)

func TestLimitsFor(t *testing.T) {
	tests := map[string]struct {
		tag      string
		audience timedtext.Audience
		speed    float64
		line     float64
		entry    string
	}{
		"english adults":             {"en", timedtext.Adult, 20, 42, "en"},
		"a regional english":         {"en-GB", timedtext.Children, 17, 42, "en"},
		"brazilian portuguese":       {"pt-BR", timedtext.Adult, 17, 42, "pt-BR"},
		"portuguese of portugal":     {"pt-PT", timedtext.SDHAdult, 20, 42, "pt"},
		"latin american spanish":     {"es-419", timedtext.Children, 13, 42, "es"},
		"french":                     {"fr", timedtext.Adult, 17, 42, "fr"},
		"german":                     {"de", timedtext.SDHChildren, 17, 42, "de"},
		"italian":                    {"it", timedtext.Adult, 17, 42, "it"},
		"japanese":                   {"ja", timedtext.Adult, 4, 13, "ja"},
		"a language without a guide": {"cy", timedtext.Adult, 17, 42, "generic"},
		"no language":                {"", timedtext.Adult, 17, 42, "generic"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, err := timedtext.LimitsFor(timedtext.Netflix, tt.tag, tt.audience)
			require.NoError(t, err)
			require.Equal(t, tt.entry, l.Language)
			require.InDelta(t, tt.speed, l.MaxSpeed.Value, 0)
			require.InDelta(t, tt.line, l.MaxLineChars.Value, 0)
			for _, source := range []string{
				l.MaxSpeed.Source, l.MaxLineChars.Source, l.MaxLines.Source, l.MinDuration.Source, l.MaxDuration.Source,
				l.MinGap.Source, l.ChainGap.Source, l.ShotZone.Source, l.Linger.Source, l.MaxLag.Source,
			} {
				require.NotEmpty(t, source, "every number names its clause")
			}
		})
	}
}

func TestLimitsForJapaneseIsShorter(t *testing.T) {
	l, err := timedtext.LimitsFor(timedtext.Netflix, "ja", timedtext.Adult)

	require.NoError(t, err)
	require.Equal(t, 500*time.Millisecond, l.MinDuration.Value)
}

func TestLimitsForRefusesWhatItDoesNotKnow(t *testing.T) {
	_, profile := timedtext.LimitsFor("acme", "en", timedtext.Adult)
	_, audience := timedtext.LimitsFor(timedtext.Netflix, "en", "dogs")

	require.Equal(t, fault.Invalid, fault.Of(profile))
	require.Equal(t, fault.Invalid, fault.Of(audience))
}
