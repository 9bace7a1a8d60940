package qa_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/qa"
)

func TestRulesAreInOrderAndComplete(t *testing.T) {
	rules := qa.Rules()

	require.True(t, slices.IsSortedFunc(rules, func(a, b qa.Rule) int { return strings.Compare(a.ID, b.ID) }))
	for _, r := range rules {
		require.NotEmpty(t, r.Name)
		require.Contains(t, []qa.Severity{qa.Critical, qa.Major, qa.Minor}, r.Severity)
	}
}

// An approval names the version of the rules it was given under. Whoever changes
// the table raises RulesVersion and pins both anew.
func TestRulesVersionNamesTheTable(t *testing.T) {
	sum := sha256.Sum256(fmt.Append(nil, qa.Rules()))

	require.Equal(t, "2026-11-22.1 29d198c6", qa.RulesVersion+" "+hex.EncodeToString(sum[:4]))
}
