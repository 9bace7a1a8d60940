package activities

import (
	"context"
	"encoding/json"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store"
)

// result is a store.Result whose document is a blob that holds v.
func (p *Parts) result(ctx context.Context, v any, units float64, unit string) (store.Result, error) {
	b, err := p.save(ctx, v)
	if err != nil {
		return store.Result{}, err
	}
	return resultOf(b, []string{b.SHA256}, units, unit)
}

// resultOf is a store.Result whose document is v itself, for small ones.
func resultOf(v any, blobs []string, units float64, unit string) (store.Result, error) {
	doc, err := json.Marshal(v)
	if err != nil {
		return store.Result{}, fault.New(fault.Broken, "result", "encode: %w", err)
	}
	return store.Result{Doc: doc, Blobs: blobs, Units: units, Unit: unit}, nil
}

// made reads what result put into a blob.
func made[T any](ctx context.Context, p *Parts, r store.Result) (T, error) {
	b, err := madeOf[script.Blob](r)
	if err != nil {
		var none T
		return none, err
	}
	return load[T](ctx, p, b)
}

// madeOf reads what resultOf stored.
func madeOf[T any](r store.Result) (T, error) {
	var v T
	if err := json.Unmarshal(r.Doc, &v); err != nil {
		return v, fault.New(fault.Broken, "result", "parse %s: %w", r.Key, err)
	}
	return v, nil
}
