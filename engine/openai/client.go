// Package openai is the engine adapter for every server that speaks the OpenAI
// shapes over HTTP: the local engine host, a GPU server, a paid service.
//
// docs/engine-wire.md is what it sends and accepts. Where servers differ it is
// tolerant of form and strict about content: nothing that a server left out is
// made up, and an answer that does not fit its question is fault.Broken.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/engine"
)

// Limits of an answer in bytes; one that is longer is fault.Broken.
const (
	maxJSON  = 64 << 20 // 15 minutes of 24 kHz 16-bit speech in base64, or the words of 50 h
	maxVideo = 16 << 30 // 10 minutes of UHD in lossless RGB
	maxError = 64 << 10
)

// modelsFor is how long a list of models is taken as current: shorter than an
// operator's patience after a change, longer than a burst of activities.
const modelsFor = 30 * time.Second

// Client is an engine.Engine reached over HTTP.
type Client struct {
	base  string
	token string
	http  *http.Client
	now   func() time.Time
	plain bool

	mu      sync.Mutex
	models  []engine.Model
	fetched time.Time
}

var _ engine.Engine = (*Client)(nil)

// Option changes how a Client works.
type Option func(*Client)

// WithHTTPClient sends through h, for tests and for special transports. Its
// redirect policy and time limit apply.
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithClock tells the time by now instead of the machine's clock.
func WithClock(now func() time.Time) Option { return func(c *Client) { c.now = now } }

// WithPlainSpeech asks for speech in OpenAI's own form, a WAV and nothing else.
// Lines then come without phonemes, and a wished duration may be ignored.
func WithPlainSpeech() Option { return func(c *Client) { c.plain = true } }

// New is a client of the server at baseURL, with or without the trailing /v1.
// An empty token sends no Authorization. New does not connect: a wrong address
// shows at the first call.
func New(baseURL, token string, opts ...Option) *Client {
	base := strings.TrimSuffix(strings.TrimRight(baseURL, "/"), "/v1")
	c := &Client{base: base, token: token, now: time.Now}
	for _, opt := range opts {
		opt(c)
	}
	if c.http == nil {
		c.http = &http.Client{Transport: transport(), CheckRedirect: stay}
	}
	return c
}

// transport dials with a limit of its own but leaves the length of a call to
// the context: a transcription may rightly take an hour.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
	}
}

// stay refuses redirects: a POST with a film in it goes where the operator said.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Models lists what the server can do, at most 30 seconds old.
func (c *Client) Models(ctx context.Context) ([]engine.Model, error) {
	if models, ok := c.cached(); ok {
		return models, nil
	}
	var list struct {
		Data []engine.Model `json:"data"`
	}
	if err := c.json(ctx, call{op: "models", method: http.MethodGet, path: "/v1/models"}, &list); err != nil {
		return nil, err
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.models, c.fetched = list.Data, c.now()
	return append([]engine.Model(nil), list.Data...), nil
}

func (c *Client) cached() ([]engine.Model, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fetched.IsZero() || c.now().Sub(c.fetched) >= modelsFor {
		return nil, false
	}
	return append([]engine.Model(nil), c.models...), true
}

// call is one request.
type call struct {
	op     string
	method string // POST where empty
	path   string
	kind   string // content type of body
	body   io.Reader
	length int64
	key    string   // idempotency key, "" for none
	text   []string // users' text in the request, which no error may quote
}

// json sends a call and decodes its answer into out.
func (c *Client) json(ctx context.Context, q call, out any) error {
	body, err := c.bytes(ctx, q)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return broken(q.op, "the answer is not the JSON of docs/engine-wire.md: %w", err)
	}
	return nil
}

// bytes sends a call and reads its whole answer.
func (c *Client) bytes(ctx context.Context, q call) ([]byte, error) {
	resp, err := c.send(ctx, q)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxJSON+1))
	if err != nil {
		return nil, cut(ctx, q.op, err)
	}
	if len(body) > maxJSON {
		return nil, broken(q.op, "the answer is longer than %d bytes", maxJSON)
	}
	return body, nil
}

// send returns the answer of a call that the server granted; the caller closes
// its body.
func (c *Client) send(ctx context.Context, q call) (*http.Response, error) {
	method := q.method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+q.path, q.body)
	if err != nil {
		return nil, fault.New(fault.Invalid, name(q.op), "the engine's address does not work, check the setting: %w", err)
	}
	req.ContentLength = q.length
	if q.kind != "" {
		req.Header.Set("Content-Type", q.kind)
	}
	if q.key != "" {
		req.Header.Set("Idempotency-Key", q.key)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}

	resp, err := c.http.Do(req)
	if err != nil {
		return nil, cut(ctx, q.op, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxError))
	return nil, refusal(q, resp, body, c.now())
}

// document makes a call whose body is v as JSON.
func document(op, path string, v any) (call, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return call{}, fault.New(fault.Invalid, name(op), "%w", err)
	}
	return call{op: op, path: path, kind: "application/json", body: bytes.NewReader(body), length: int64(len(body))}, nil
}

// upload makes a call whose body is a form with the given fields, in order, and
// the file at path. The file is streamed, with its length said beforehand. The
// caller closes the file.
func upload(op, path, file string, fields [][2]string) (call, *os.File, error) {
	f, err := os.Open(file)
	if err != nil {
		return call{}, nil, unreadable(op, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", filepath.Base(file))
	}
	if err != nil {
		_ = f.Close()
		return call{}, nil, unreadable(op, err)
	}

	// Writing to a buffer does not fail.
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for _, field := range fields {
		_ = form.WriteField(field[0], field[1])
	}
	_, _ = form.CreateFormFile("file", "media"+strings.ToLower(filepath.Ext(file)))
	tail := "\r\n--" + form.Boundary() + "--\r\n"

	length := int64(head.Len()) + info.Size() + int64(len(tail))
	body := io.MultiReader(&head, io.LimitReader(f, info.Size()), strings.NewReader(tail))
	return call{op: op, path: path, kind: form.FormDataContentType(), body: body, length: length}, f, nil
}
