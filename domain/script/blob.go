package script

// Blob names a stored object by its content. Documents and histories carry
// Blobs, never media. The zero Blob names nothing.
type Blob struct {
	SHA256 string `json:"sha256"` // lower-case hex, of the whole object
	Bytes  int64  `json:"bytes"`
	Type   string `json:"type"` // media type, such as "audio/wav"
}

// IsZero reports whether b names nothing.
func (b Blob) IsZero() bool { return b.SHA256 == "" }
