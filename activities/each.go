package activities

import (
	"context"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
)

// maxReason keeps the reason of a failed line short: it travels through histories.
const maxReason = 200

// each works through items one by one and counts what became of them. A fault
// that cannot pass and lies in the item is the item's outcome. A busy or broken
// engine does not stop the others from being tried, but fails the batch in the
// end, so that it is tried again; a denied one, or one that is broken for three
// items in a row, stops it at once.
func each[T any](ctx context.Context, items []T, step func(int), do func(context.Context, T) (id string, reused bool, err error)) (contract.Batch, error) {
	var out contract.Batch
	var again error
	broken := 0 // in a row
	for i, item := range items {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		id, reused, err := do(ctx, item)
		switch kind := fault.Of(err); {
		case err == nil && reused:
			out.Reused++
		case err == nil:
			out.Made++
			broken = 0
		case kind == fault.Denied:
			return out, err
		case kind.Retryable():
			again = err
			if kind == fault.Broken {
				broken++
			}
		default:
			broken = 0 // it has answered
			reason := err.Error()
			out.Failures = append(out.Failures, script.Failure{Event: id, Kind: string(kind), Reason: string([]rune(reason)[:min(maxReason, len([]rune(reason)))])})
		}
		if broken >= 3 { // the engine is down: no use in asking for the rest now
			break
		}
		step(i + 1)
	}
	return out, again
}

// slice is the part of items that a batch works on; it is shorter where items end.
func slice[T any](items []T, first, count int) []T {
	first = min(max(first, 0), len(items))
	return items[first:min(first+max(count, 0), len(items))]
}
