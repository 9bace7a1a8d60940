package script

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// KeyVersion is the encoding of result keys. It changes only when the encoding
// does, and results under an older version stay readable under their own keys.
const KeyVersion = "k1"

// Key names a result by what it is made from: the kind of work and, in a fixed
// order, everything that can change the outcome (model fingerprint, parameters,
// hashes of inputs), and nothing else. Parts are length-prefixed, so that
// ("ab", "c") and ("a", "bc") differ.
func Key(kind string, parts ...string) string {
	h := sha256.New()
	write := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	write(KeyVersion)
	write(kind)
	for _, part := range parts {
		write(part)
	}
	return KeyVersion + "-" + kind + "-" + hex.EncodeToString(h.Sum(nil))
}
