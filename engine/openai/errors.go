package openai

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/babelreel/babelreel/domain/fault"
)

// longestWait caps Retry-After: a quota that renews daily is waited for, a
// nonsense date is not.
const longestWait = 24 * time.Hour

// name is what an error of op says was being done.
func name(op string) string { return "openai: " + op }

// broken is an answer that cannot be used.
func broken(op, format string, args ...any) *fault.Error {
	return fault.New(fault.Broken, name(op), format, args...)
}

// cut is a call that got no whole answer. A context that ended is named first,
// so that errors.Is finds it.
func cut(ctx context.Context, op string, err error) *fault.Error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = errors.Join(ctx.Err(), err)
	}
	return broken(op, "no whole answer from the engine: %w", err)
}

// unreadable is a file of ours that cannot be sent.
func unreadable(op string, err error) *fault.Error {
	kind := fault.Broken
	if errors.Is(err, fs.ErrNotExist) {
		kind = fault.Missing
	}
	return fault.New(kind, name(op), "cannot send the file: %w", err)
}

// codes are the error codes that say more than their status.
var codes = map[string]fault.Kind{
	"content_refused": fault.Refused,
	"out_of_memory":   fault.Busy,
}

// kindOf is the kind of a status, by docs/engine-wire.md.
func kindOf(status int) fault.Kind {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return fault.Invalid
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden:
		return fault.Denied
	case http.StatusNotFound:
		return fault.Missing
	case http.StatusUnavailableForLegalReasons:
		return fault.Refused
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return fault.Busy
	default:
		return fault.Broken
	}
}

// refusal is the error of an answer other than 200.
func refusal(q call, resp *http.Response, body []byte, now time.Time) *fault.Error {
	message, code := explain(body)
	kind, ok := codes[code]
	if !ok {
		kind = kindOf(resp.StatusCode)
	}
	switch {
	case message == "":
		message = "it gave no reason"
	case quotes(message, q.text):
		message = "its reason is withheld, because it may quote the text"
	}
	if code != "" && !quotes(code, q.text) {
		message = code + ": " + message
	}
	err := fault.New(kind, name(q.op), "the engine answered %d: %s", resp.StatusCode, message)
	if kind == fault.Busy {
		err.After = retryAfter(resp.Header.Get("Retry-After"), now)
	}
	return err
}

// explain reads what a server says of an error: {"error":{...}}, {"error":""} or
// {"detail":""}. Text that is none of these, such as a proxy's page, is left out.
func explain(body []byte) (message, code string) {
	var wrapped struct {
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &wrapped) != nil {
		return "", ""
	}
	var full struct {
		Message string `json:"message"`
		Code    any    `json:"code"` // a string, a number or null
	}
	switch {
	case json.Unmarshal(wrapped.Error, &full) == nil:
		message = full.Message
		code, _ = full.Code.(string)
	case json.Unmarshal(wrapped.Error, &message) == nil:
	default:
		_ = json.Unmarshal(wrapped.Detail, &message) // a list of breaches stays unread
	}
	return short(message, 300), short(code, 60)
}

// short is s on one line, at most n bytes long.
func short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// quotes reports whether message may repeat something of text. It errs to the
// side of silence: one common word of four letters is enough, and so is any
// letter beyond ASCII.
func quotes(message string, text []string) bool {
	if len(text) == 0 {
		return false
	}
	said := map[string]bool{}
	for _, word := range words(message) {
		said[word] = true
		if strings.IndexFunc(word, func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
			return true
		}
	}
	for _, line := range text {
		if whole := strings.TrimSpace(line); len(whole) > 1 && strings.Contains(message, whole) {
			return true
		}
		for _, word := range words(line) {
			if len(word) >= 4 && said[word] {
				return true
			}
		}
	}
	return false
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// retryAfter reads a Retry-After of seconds or of an HTTP date. One that is
// absent, unreadable or past is 0.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if s, err := strconv.ParseFloat(header, 64); err == nil {
		if !(s > 0) { // not a number is no wait either
			return 0
		}
		return time.Duration(min(s, longestWait.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestWait)
}
