package openai_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
	"github.com/babelreel/babelreel/engine/openai"
)

const s = time.Second

// noon is the time of the tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// serve is a client of a server that does nothing but answer.
func serve(t *testing.T, answer http.HandlerFunc, opts ...openai.Option) *openai.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return openai.New(server.URL, "", append([]openai.Option{openai.WithClock(noon)}, opts...)...)
}

// say is a client of a server that always gives one answer.
func say(t *testing.T, status int, body string, headers ...string) *openai.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

var ask = engine.TranslateRequest{Model: "m", From: "en", To: "es", Lines: []engine.TranslateLine{{ID: "e1", Text: "A confidential sentence"}, {ID: "e2", Text: "Yes"}}}

func TestErrorsHaveKinds(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		retry  string
		kind   fault.Kind
		after  time.Duration
		text   string
	}{
		"bad request":              {400, `{"error":{"message":"no such field","code":null}}`, "", fault.Invalid, 0, "no such field"},
		"too large":                {413, ``, "", fault.Invalid, 0, "gave no reason"},
		"unprocessable":            {422, `{"detail":[{"loc":["body"]}]}`, "", fault.Invalid, 0, "422"},
		"no token":                 {401, `{"error":"who are you"}`, "", fault.Denied, 0, "who are you"},
		"no money":                 {402, ``, "", fault.Denied, 0, "402"},
		"forbidden":                {403, ``, "", fault.Denied, 0, "403"},
		"no model":                 {404, `{"detail":"no model x"}`, "", fault.Missing, 0, "no model x"},
		"not legal":                {451, ``, "", fault.Refused, 0, "451"},
		"content refused":          {400, `{"error":{"message":"no","code":"content_refused"}}`, "", fault.Refused, 0, "content_refused"},
		"timeout":                  {408, ``, "", fault.Busy, 0, "408"},
		"limit, in seconds":        {429, ``, "7", fault.Busy, 7 * s, "429"},
		"limit, in parts":          {429, ``, "0.5", fault.Busy, s / 2, "429"},
		"limit, until a date":      {429, ``, "Sun, 22 Nov 2026 12:00:30 GMT", fault.Busy, 30 * s, "429"},
		"limit, until a past date": {429, ``, "Sun, 22 Nov 2026 11:00:00 GMT", fault.Busy, 0, "429"},
		"limit, for ever":          {429, ``, "1e300", fault.Busy, 24 * time.Hour, "429"},
		"limit, negative":          {429, ``, "-4", fault.Busy, 0, "429"},
		"limit, nonsense":          {429, ``, "soon", fault.Busy, 0, "429"},
		"limit, not a number":      {429, ``, "NaN", fault.Busy, 0, "429"},
		"down for a while":         {503, `<html>`, "2", fault.Busy, 2 * s, "503"},
		"out of memory":            {500, `{"error":{"message":"CUDA","code":"out_of_memory"}}`, "", fault.Busy, 0, "CUDA"},
		"a defect":                 {500, `{"error":{"message":"oops","code":500}}`, "9", fault.Broken, 0, "oops"},
		"a gateway":                {502, `<html>`, "", fault.Broken, 0, "502"},
		"a redirect":               {302, ``, "", fault.Broken, 0, "302"},
		"no content":               {204, ``, "", fault.Broken, 0, "204"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := say(t, tt.status, tt.body, "Retry-After", tt.retry, "Location", "/elsewhere").Translate(t.Context(), ask)

			var got *fault.Error
			require.ErrorAs(t, err, &got)
			require.Equal(t, tt.kind, got.Kind)
			require.Equal(t, tt.after, got.After)
			require.ErrorContains(t, err, tt.text)
		})
	}
}

func TestErrorsNeverQuoteTheText(t *testing.T) {
	tests := map[string]struct{ message, withheld string }{
		"a whole line":  {"cannot translate: A confidential sentence", "confidential"},
		"one word":      {"the word 'CONFIDENTIAL' is not allowed", "CONFIDENTIAL"},
		"a short line":  {"Yes is not a sentence", "Yes is"},
		"a translation": {"frase confidencialíssima", "frase"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"error": map[string]any{"message": tt.message}})
			require.NoError(t, err)

			_, err = say(t, 400, string(body)).Translate(t.Context(), ask)

			require.NotContains(t, err.Error(), tt.withheld)
			require.ErrorContains(t, err, "withheld")
		})
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()

	_, err := openai.New(server.URL, "").Models(t.Context())

	require.Equal(t, fault.Broken, fault.Of(err))
	require.True(t, fault.Of(err).Retryable())
	require.Equal(t, fault.Invalid, fault.Of(second(openai.New("::bad::", "").Models(t.Context()))))
}

func second[T any](_ T, err error) error { return err }

func TestContextEndsACall(t *testing.T) {
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()

	_, err := c.Translate(ctx, ask)

	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, fault.Broken, fault.Of(err))
}

func TestEveryCallCarriesTokenAndKey(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	t.Cleanup(server.Close)
	r := ask
	r.Key = "k1-translate-ab"

	_, err := openai.New(server.URL, "tok").Translate(t.Context(), r)

	require.Error(t, err)
	require.Equal(t, "Bearer tok", got.Get("Authorization"))
	require.Equal(t, "k1-translate-ab", got.Get("Idempotency-Key"))
}

func TestModelsAreAskedForOnceIn30Seconds(t *testing.T) {
	asked := 0
	now := noon()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = fmt.Fprintf(w, `{"data":[{"id":"m%d","capability":"speech","voices":[{"id":"v","language":"es","gender":"f"}],"future":1},{"id":"gpt"}]}`, asked)
	}, openai.WithClock(func() time.Time { return now }))

	first, err := c.Models(t.Context())
	require.NoError(t, err)
	first[0].ID = "changed by the caller"
	now = now.Add(29 * s)
	second, err := c.Models(t.Context())
	require.NoError(t, err)
	now = now.Add(s)
	third, err := c.Models(t.Context())
	require.NoError(t, err)

	require.Equal(t, []string{"m1", "m2"}, []string{second[0].ID, third[0].ID})
	require.Equal(t, engine.CanSpeak, second[0].Capability)
	require.Empty(t, second[1].Capability, "a server that does not say what its model does")
}

func chat(t *testing.T, content string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"choices": []any{map[string]any{"finish_reason": "stop", "message": map[string]any{"content": content}}}})
	require.NoError(t, err)
	return string(b)
}

func TestTranslateHoldsAnswersAgainstTheQuestion(t *testing.T) {
	tests := map[string]struct {
		body string
		kind fault.Kind // "" for none
		text string
	}{
		"in any order":        {chat(t, `{"translations":[{"id":"e2","text":"Sí"},{"id":"e1","text":"Una frase"}]}`), "", ""},
		"in a code fence":     {chat(t, "```json\n{\"translations\":[{\"id\":\"e1\",\"text\":\"x\"},{\"id\":\"e2\",\"text\":\"y\"}]}\n```"), "", ""},
		"one missing":         {chat(t, `{"translations":[{"id":"e1","text":"x"}]}`), fault.Broken, "line e2 is missing"},
		"one unknown":         {chat(t, `{"translations":[{"id":"e1","text":"x"},{"id":"e3","text":"y"}]}`), fault.Broken, "not asked for"},
		"one twice":           {chat(t, `{"translations":[{"id":"e1","text":"x"},{"id":"e1","text":"y"}]}`), fault.Broken, "twice"},
		"one empty":           {chat(t, `{"translations":[{"id":"e1","text":"x"},{"id":"e2","text":" "}]}`), fault.Broken, "without text"},
		"one null":            {chat(t, `{"translations":[{"id":"e1","text":"x"},{"id":"e2","text":null}]}`), fault.Broken, "without text"},
		"prose":               {chat(t, `Sure! Here you are: Una frase`), fault.Broken, "JSON"},
		"no choice":           {`{"choices":[]}`, fault.Broken, "no choice"},
		"cut off":             {`{"choices":[{"message":{"con`, fault.Broken, "JSON"},
		"stopped at a length": {`{"choices":[{"finish_reason":"length","message":{"content":"{"}}]}`, fault.Broken, "fewer lines"},
		"filtered":            {`{"choices":[{"finish_reason":"content_filter","message":{}}]}`, fault.Refused, "declined"},
		"declined":            {`{"choices":[{"finish_reason":"stop","message":{"content":null,"refusal":"I cannot"}}]}`, fault.Refused, "declined"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := say(t, 200, tt.body).Translate(t.Context(), ask)

			require.Equal(t, tt.kind, fault.Of(err))
			if tt.kind == "" {
				require.Len(t, got, 2)
				return
			}
			require.ErrorContains(t, err, tt.text)
			require.NotContains(t, err.Error(), "frase")
		})
	}
}

func TestTranslateRefusesWhatCannotBeMatched(t *testing.T) {
	c := say(t, 500, "")
	none, err := c.Translate(t.Context(), engine.TranslateRequest{Model: "m"})
	require.NoError(t, err, "no lines are no call")
	require.Empty(t, none)
	for _, ids := range [][2]string{{"a", "a"}, {"a", ""}} {
		_, err := c.Translate(t.Context(), engine.TranslateRequest{Lines: []engine.TranslateLine{{ID: ids[0]}, {ID: ids[1]}}})
		require.Equal(t, fault.Invalid, fault.Of(err))
	}
}

// wav is a 24 kHz WAV of n samples.
func wav(n int) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\xc0\x5d\x00\x00\x80\xbb\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"), make([]byte, 2*n)...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	binary.LittleEndian.PutUint32(b[40:], uint32(2*n))
	return b
}
