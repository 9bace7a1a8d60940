package simengine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
	"github.com/babelreel/babelreel/internal/simengine"
)

func lines(texts ...string) engine.TranslateRequest {
	r := engine.TranslateRequest{Model: "sim-mt", From: "en", To: "pt-BR"}
	for i, text := range texts {
		r.Lines = append(r.Lines, engine.TranslateLine{ID: strconv.Itoa(i), Text: text})
	}
	return r
}

func say(text string) engine.SpeakRequest {
	return engine.SpeakRequest{Model: "sim-tts", Voice: "pt-BR-f1", Language: "pt-BR", Text: text}
}

func TestFaultsReachTheClient(t *testing.T) {
	tests := map[string]struct {
		fault simengine.Fault
		kind  fault.Kind
		after time.Duration
		work  bool // done, and billed
	}{
		"an error":           {simengine.Fault{Mode: simengine.Error}, fault.Broken, 0, false},
		"a limit":            {simengine.Fault{Mode: simengine.RateLimited, RetryAfter: 1.5}, fault.Busy, 1500 * time.Millisecond, false},
		"an outage":          {simengine.Fault{Mode: simengine.Unavailable}, fault.Busy, 0, false},
		"a shortage":         {simengine.Fault{Mode: simengine.OutOfMemory}, fault.Busy, 0, false},
		"a refusal":          {simengine.Fault{Mode: simengine.Refused}, fault.Refused, 0, false},
		"a denial":           {simengine.Fault{Mode: simengine.Denied}, fault.Denied, 0, false},
		"half of an answer":  {simengine.Fault{Mode: simengine.BrokenJSON}, fault.Broken, 0, true},
		"half of the audio":  {simengine.Fault{Mode: simengine.CutAudio}, fault.Broken, 0, true},
		"a line left out":    {simengine.Fault{Mode: simengine.WrongIDs, Capability: engine.CanTranslate}, fault.Broken, 0, true},
		"one that is others": {simengine.Fault{Mode: simengine.Error, Capability: engine.CanLipSync}, "", 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.fault.Calls = []int{1}
			server, client := start(t, simengine.Options{Faults: []simengine.Fault{tt.fault}})
			can := engine.CanSpeak
			call := func() error { _, err := client.Speak(t.Context(), say("Não sei.")); return err }
			if tt.fault.Capability == engine.CanTranslate {
				can = engine.CanTranslate
				call = func() error { _, err := client.Translate(t.Context(), lines("I do not know.", "Who?")); return err }
			}

			first, second := call(), call()

			counts := server.Calls()
			require.Equal(t, tt.kind, fault.Of(first))
			if own := new(fault.Error); first != nil {
				require.ErrorAs(t, first, &own)
				require.Equal(t, tt.after, own.After)
			}
			require.NoError(t, second, "only the first call was to fail")
			require.Equal(t, 2, counts.Calls[can])
			require.Equal(t, tt.work, counts.Served[can] == 2)
		})
	}
}

func TestHangEndsWithTheCaller(t *testing.T) {
	_, client := start(t, simengine.Options{Faults: []simengine.Fault{{Mode: simengine.Hang, Rate: 1}}})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()

	_, err := client.Speak(ctx, say("Não."))

	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// The share of faults is met, and which calls fail does not depend on the order
// in which they come.
func TestFaultsByRate(t *testing.T) {
	failed := func(order func(i int) int) map[int]bool {
		server, client := start(t, simengine.Options{Seed: 7})
		server.SetFaults(simengine.Fault{Mode: simengine.Error, Rate: 0.3, Capability: engine.CanTranslate})
		out := map[int]bool{}
		for i := range 200 {
			n := order(i)
			_, err := client.Translate(t.Context(), lines(fmt.Sprintf("Line %d.", n)))
			out[n] = err != nil
		}
		return out
	}

	forward, backward := failed(func(i int) int { return i }), failed(func(i int) int { return 199 - i })

	count := 0
	for _, bad := range forward {
		if bad {
			count++
		}
	}
	require.Equal(t, forward, backward)
	require.InDelta(t, 60, count, 20)
}

func TestFaultsByText(t *testing.T) {
	_, client := start(t, simengine.Options{Faults: []simengine.Fault{{Mode: simengine.Error, Text: "Lisbon", First: 2}}})
	var kinds []fault.Kind
	for range 3 {
		_, err := client.Translate(t.Context(), lines("To Lisbon."))
		kinds = append(kinds, fault.Of(err))
	}
	_, other := client.Translate(t.Context(), lines("To Porto."))

	require.Equal(t, []fault.Kind{fault.Broken, fault.Broken, ""}, kinds)
	require.NoError(t, other)
}

func TestRefusesByPattern(t *testing.T) {
	_, client := start(t, simengine.Options{Refuse: regexp.MustCompile(`(?i)damn`)})
	_, translated := client.Translate(t.Context(), lines("Fine.", "Damn you."))
	_, spoken := client.Speak(t.Context(), say("damn"))
	_, good := client.Speak(t.Context(), say("bom"))

	require.Equal(t, fault.Refused, fault.Of(translated))
	require.Equal(t, fault.Refused, fault.Of(spoken))
	require.NoError(t, good)
}

func TestCountsEveryCallAndUnit(t *testing.T) {
	server, client := start(t, simengine.Options{Remember: true, Token: "x"})
	r := say("Não sei, Ana.")
	r.Duration, r.Key = 2*time.Second, "k"
	first, err := client.Speak(t.Context(), r)
	require.NoError(t, err)
	again, err := client.Speak(t.Context(), r)
	require.NoError(t, err)
	_, err = client.Translate(t.Context(), lines("One.", "Two."))
	require.NoError(t, err)
	_, stranger := openai.New(server.URL, "y").Translate(t.Context(), lines("One."))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/sim/calls", http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var got simengine.Counts
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))

	require.Equal(t, first, again)
	require.Equal(t, fault.Denied, fault.Of(stranger))
	require.Equal(t, map[engine.Capability]int{engine.CanSpeak: 2, engine.CanTranslate: 1}, got.Calls)
	require.Equal(t, map[engine.Capability]int{engine.CanSpeak: 1, engine.CanTranslate: 1}, got.Served)
	require.Equal(t, 1, got.Repeated[engine.CanSpeak])
	require.Equal(t, simengine.Units{Lines: 1, Chars: 13, Seconds: 2}, got.Units[engine.CanSpeak])
	require.Equal(t, simengine.Units{Lines: 2, Chars: 8}, got.Units[engine.CanTranslate])
	require.Equal(t, map[string]int{"k": 2}, got.Keys)
	require.Equal(t, map[string]int{"speech pt-BR Não sei, Ana.": 1, "translation pt-BR One.": 1, "translation pt-BR Two.": 1}, got.Texts)
	server.Reset()
	require.Empty(t, server.Calls().Calls)
}

func TestLatencyAndCallsAtOnce(t *testing.T) {
	const latency = 400 * time.Millisecond
	server, client := start(t, simengine.Options{Latency: map[engine.Capability]time.Duration{engine.CanTranslate: latency}})
	before := time.Now()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { _, _ = client.Translate(t.Context(), lines("One.")) })
	}
	all.Wait()

	require.GreaterOrEqual(t, time.Since(before), latency)
	require.Equal(t, 4, server.Calls().Most[engine.CanTranslate])
}

func TestTranslationLooksLikeOne(t *testing.T) {
	texts := []string{"Where were you last night?", "I met Daniel at 7:30, <i>twice</i>.", "Nobody told me anything about that, and nobody ever will.", "No."}
	for _, to := range []string{"pt-BR", "es", "de", "ru", "ja", "zh", "ar"} {
		t.Run(to, func(t *testing.T) {
			_, client := start(t, simengine.Options{Seed: 3})
			_, twin := start(t, simengine.Options{Seed: 3})
			_, other := start(t, simengine.Options{Seed: 4})
			r := lines(texts...)
			r.To = to

			got, err := client.Translate(t.Context(), r)
			require.NoError(t, err)
			same, err := twin.Translate(t.Context(), r)
			require.NoError(t, err)
			differs, err := other.Translate(t.Context(), r)
			require.NoError(t, err)

			require.Equal(t, got, same)
			require.NotEqual(t, got, differs)
			require.Contains(t, got["1"], "Daniel")
			require.Contains(t, got["1"], " 7:30, <i>")
			require.NotContains(t, got["2"], "Nobody")
			if to == "pt-BR" {
				require.InDelta(t, 1.1, float64(utf8.RuneCountInString(got["2"]))/float64(len(texts[2])), 0.2)
			}
		})
	}
}

func TestTranslationTriesToFit(t *testing.T) {
	_, client := start(t, simengine.Options{Growth: 1.5})
	r := lines("Nobody told me anything about that.")
	free, err := client.Translate(t.Context(), r)
	require.NoError(t, err)
	r.Lines[0].MaxChars = 30
	short, err := client.Translate(t.Context(), r)
	require.NoError(t, err)

	require.Greater(t, utf8.RuneCountInString(free["0"]), 38)
	require.LessOrEqual(t, utf8.RuneCountInString(short["0"]), 30)
}

func TestSpeechIsAsLongAsWished(t *testing.T) {
	_, client := start(t, simengine.Options{})
	r := say("O trem para Lisboa sai às sete, Miguel.")
	natural, err := client.Speak(t.Context(), r)
	require.NoError(t, err)
	r.Duration = 3210 * time.Millisecond
	wished, err := client.Speak(t.Context(), r)
	require.NoError(t, err)
	plain, err := openai.New(clientURL(t), "", openai.WithPlainSpeech()).Speak(t.Context(), r)
	require.NoError(t, err)

	require.InDelta(t, 39.0/14, natural.Duration.Seconds(), 0.001)
	require.Equal(t, r.Duration, wished.Duration)
	require.InDelta(t, natural.Duration.Seconds(), wished.Natural.Seconds(), 0.001)
	var symbols []string
	for _, p := range wished.Phonemes {
		symbols = append(symbols, p.Symbol)
	}
	require.Contains(t, strings.Join(symbols, ""), "tremparalisboa")
	require.Equal(t, wished.WAV, plain.WAV)
	require.Empty(t, plain.Phonemes)
}

func clientURL(t *testing.T) string {
	t.Helper()
	server, _ := start(t, simengine.Options{})
	return server.URL
}

func TestASetTranscriptIsAnswered(t *testing.T) {
	server, client := start(t, simengine.Options{})
	recording, err := server.Record(9*time.Second, dialogue...)
	require.NoError(t, err)
	mute, err := server.Record(time.Second)
	require.NoError(t, err)
	word := engine.Word{Text: "Oi", Start: time.Second, End: 2 * time.Second, Probability: 0.5}
	server.SetTranscript(sha(recording), engine.Transcript{Language: "pt-BR", Words: []engine.Word{word}, Segments: []engine.Segment{{Start: time.Second, End: 2 * time.Second, Text: "Oi"}}})

	set, err := client.Transcribe(t.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: save(t, "a.wav", recording)})
	require.NoError(t, err)
	none, err := client.Transcribe(t.Context(), engine.TranscribeRequest{Model: "sim-asr", Path: save(t, "b.wav", mute)})
	require.NoError(t, err)

	require.Equal(t, []engine.Word{word}, set.Words)
	require.Equal(t, 9*time.Second, set.Duration)
	require.Empty(t, none.Words)
	require.Equal(t, time.Second, none.Duration)
}
