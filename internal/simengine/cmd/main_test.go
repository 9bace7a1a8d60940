package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
)

func TestServesUntilStdinEnds(t *testing.T) {
	stdin, hold := io.Pipe()
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	env := func(key string) string { return map[string]string{"BABELREEL_ENGINE_TOKEN": "secret"}[key] }
	go func() {
		ended <- run(context.Background(), []string{"-faults", `[{"mode":"error","capability":"speech","calls":[1]}]`, "-refuse", "no+"}, env, stdin, stdout)
	}()
	row, err := bufio.NewReader(out).ReadBytes('\n')
	require.NoError(t, err)
	var ready struct {
		Ready bool
		Port  int
		PID   int
	}
	require.NoError(t, json.Unmarshal(row, &ready))
	client := openai.New(fmt.Sprintf("http://127.0.0.1:%d", ready.Port), "secret")

	models, err := client.Models(t.Context())
	require.NoError(t, err)
	_, first := client.Speak(t.Context(), engine.SpeakRequest{Model: "sim-tts", Voice: "es-f1", Text: "sí"})
	_, second := client.Speak(t.Context(), engine.SpeakRequest{Model: "sim-tts", Voice: "es-f1", Text: "sí"})
	require.NoError(t, hold.Close())

	require.True(t, ready.Ready)
	require.Positive(t, ready.PID)
	require.Len(t, models, 5)
	require.Error(t, first)
	require.NoError(t, second)
	require.NoError(t, <-ended)
	_, gone := client.Speak(t.Context(), engine.SpeakRequest{Model: "sim-tts", Voice: "es-f1", Text: "sí"})
	require.Error(t, gone)
}

func TestSaysWhichFlagIsWrong(t *testing.T) {
	none := func(string) string { return "" }
	for flag, value := range map[string]string{"-faults": "{", "-refuse": "("} {
		require.ErrorContains(t, run(t.Context(), []string{flag, value}, none, nil, io.Discard), flag)
	}
}
