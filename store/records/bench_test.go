package records_test

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/store"
)

func BenchmarkResult(b *testing.B) {
	db, _ := fresh(b)
	for i := range 1000 {
		put(b, db, strconv.Itoa(i), `{"text":"a line of some length, as results are"}`)
	}
	for i := 0; b.Loop(); i++ {
		_, ok, err := db.Result(context.Background(), strconv.Itoa(i%1000))
		require.NoError(b, err)
		require.True(b, ok)
	}
}

func BenchmarkResults25(b *testing.B) {
	db, _ := fresh(b)
	var keys []string
	for i := range 25 {
		keys = append(keys, strconv.Itoa(i))
		put(b, db, keys[i], `{"text":"a line of some length, as results are"}`)
	}
	for b.Loop() {
		got, err := db.Results(context.Background(), keys)
		require.NoError(b, err)
		require.Len(b, got, 25)
	}
}

func BenchmarkPutResult(b *testing.B) {
	db, _ := fresh(b)
	for i := 0; b.Loop(); i++ {
		put(b, db, strconv.Itoa(i), `{"text":"a line of some length, as results are"}`)
	}
}

func BenchmarkOnce(b *testing.B) {
	db, _ := fresh(b)
	for i := 0; b.Loop(); i++ {
		_, _, err := store.Once(context.Background(), db, strconv.Itoa(i), "w", time.Minute, func(context.Context) (store.Result, error) {
			return store.Result{Doc: json.RawMessage(`{"text":"a line of some length, as results are"}`)}, nil
		})
		require.NoError(b, err)
	}
}
