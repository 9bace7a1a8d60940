package contract_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
)

func TestToFailure(t *testing.T) {
	busy := fault.New(fault.Busy, "mt/acme: translate", "429")
	busy.After = 7 * time.Second

	tests := map[string]struct {
		err          error
		kind         fault.Kind
		nonRetryable bool
		delay        time.Duration
	}{
		"invalid stops the retries":           {fault.New(fault.Invalid, "probe", "no audio stream"), fault.Invalid, true, 0},
		"busy keeps the engine's back-off":    {busy, fault.Busy, false, 7 * time.Second},
		"the kind survives fmt.Errorf":        {fmt.Errorf("job 7: %w", fault.New(fault.Denied, "s3", "403")), fault.Denied, true, 0},
		"an unclassified error counts broken": {errors.New("EOF"), fault.Broken, false, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			failure := contract.ToFailure(tt.err)

			var app *temporal.ApplicationError
			require.ErrorAs(t, failure, &app)
			require.Equal(t, tt.nonRetryable, app.NonRetryable())
			require.Equal(t, tt.delay, app.NextRetryDelay())
			require.Equal(t, tt.kind, contract.KindOf(failure), "the kind survives the round trip")
			require.Equal(t, tt.kind, contract.KindOf(contract.Stage("review", failure)), "and a stage name")
		})
	}
	require.NoError(t, contract.ToFailure(nil))
}
