package simengine

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/babelreel/babelreel/engine"
)

// Entry is one call in a journal.
type Entry struct {
	Capability engine.Capability `json:"capability"`
	Key        string            `json:"key"`   // for idempotency, "" where the call has none
	Asked      string            `json:"asked"` // path, and a hash of the body: equal for calls that ask the same
}

// journal appends e as one line in one write: a kill leaves it whole or out.
func (s *Server) journal(e Entry) error {
	if s.opts.Journal == "" {
		return nil
	}
	f, err := os.OpenFile(s.opts.Journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(f).Encode(e), f.Close())
}

// ReadJournal lists the calls in the journal at path, in order. A file that is
// not there, or a last line that has no end yet, holds none.
func ReadJournal(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Entry
	for line := range bytes.Lines(data) {
		var e Entry
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}
