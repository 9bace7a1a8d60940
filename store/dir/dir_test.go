package dir_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/babelreel/babelreel/domain/fault"
	"github.com/babelreel/babelreel/domain/script"
	"github.com/babelreel/babelreel/store/dir"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) (s *dir.Store, root string) {
	t.Helper()
	root = t.TempDir()
	s, err := dir.Open(root, noon)
	require.NoError(t, err)
	return s, root
}

// file is where the store keeps an object.
func file(root, sha string) string { return filepath.Join(root, "blobs", sha[:2], sha[2:]) }

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestPutReadsBack(t *testing.T) {
	s, root := open(t)
	sum := sha256.Sum256([]byte("hello"))
	want := script.Blob{SHA256: hex.EncodeToString(sum[:]), Bytes: 5, Type: "text/plain; charset=utf-8"}

	got, err := s.Put(t.Context(), strings.NewReader("hello"))
	require.NoError(t, err)
	has, ok, err := s.Has(t.Context(), want.SHA256)
	require.NoError(t, err)
	r, err := s.Open(t.Context(), want.SHA256)
	require.NoError(t, err)
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	info, err := os.Stat(file(root, want.SHA256))
	require.NoError(t, err)

	require.Equal(t, want, got)
	require.True(t, ok)
	require.Equal(t, want, has)
	require.Equal(t, "hello", string(content))
	require.Equal(t, os.FileMode(0o444), info.Mode())
	require.Empty(t, names(t, filepath.Join(root, "tmp")))
	require.NoError(t, r.Close())
}

func TestAnyContentComesBack(t *testing.T) {
	s, _ := open(t)
	path := filepath.Join(t.TempDir(), "in")
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 2000).Draw(t, "content")
		require.NoError(t, os.WriteFile(path, content, 0o600))

		blob, err := s.Put(context.Background(), bytes.NewReader(content))
		require.NoError(t, err)
		same, err := s.PutFile(context.Background(), path)
		require.NoError(t, err)
		require.NoError(t, s.Fetch(context.Background(), blob.SHA256, path))
		back, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))

		require.Equal(t, blob, same)
		require.True(t, bytes.Equal(content, back))
	})
}

func TestAFailedPutLeavesNothing(t *testing.T) {
	tests := map[string]struct {
		gone bool // the caller
		r    io.Reader
		kind fault.Kind
		text string
	}{
		"the source fails":       {false, iotest.ErrReader(errors.New("line cut")), fault.Broken, "line cut"},
		"the disk is full":       {false, iotest.ErrReader(syscall.ENOSPC), fault.Broken, "disk of the store is full"},
		"the context has ended":  {true, strings.NewReader("x"), fault.Broken, "context canceled"},
		"a kind survives":        {false, iotest.ErrReader(fault.New(fault.Denied, "s3", "403")), fault.Denied, "403"},
		"the source is not ours": {false, iotest.ErrReader(os.ErrPermission), fault.Denied, "may not"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, root := open(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.gone {
				cancel()
			}

			_, err := s.Put(ctx, tt.r)

			require.Equal(t, tt.kind, fault.Of(err))
			require.ErrorContains(t, err, tt.text)
			require.Empty(t, names(t, filepath.Join(root, "tmp")))
			require.Empty(t, names(t, filepath.Join(root, "blobs")))
		})
	}
}

func TestDamageIsFound(t *testing.T) {
	s, root := open(t)
	blob, err := s.Put(t.Context(), strings.NewReader("precious"))
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "out")
	require.NoError(t, s.Fetch(t.Context(), blob.SHA256, out), "and the hash is known to be right")
	require.NoError(t, os.Remove(out))

	require.NoError(t, os.Chmod(file(root, blob.SHA256), 0o600))
	require.NoError(t, os.WriteFile(file(root, blob.SHA256), []byte("precioux"), 0o600))
	require.NoError(t, os.Chtimes(file(root, blob.SHA256), noon, noon))
	r, err := s.Open(t.Context(), blob.SHA256)
	require.NoError(t, err)
	_, read := io.ReadAll(r)
	_, copied := io.Copy(io.Discard, rewound(t, r))
	fetched := s.Fetch(t.Context(), blob.SHA256, out)
	require.NoError(t, r.Close())

	for _, err := range []error{read, copied, fetched} {
		require.Equal(t, fault.Broken, fault.Of(err))
		require.ErrorContains(t, err, blob.SHA256)
	}
	require.NoFileExists(t, out)

	again, err := s.Put(t.Context(), strings.NewReader("precious"))
	require.NoError(t, err)
	require.Equal(t, blob, again)
	require.NoError(t, s.Fetch(t.Context(), blob.SHA256, out), "storing it again heals it")
}

func rewound(t *testing.T, r io.ReadSeeker) io.Reader {
	t.Helper()
	_, err := r.Seek(0, io.SeekStart)
	require.NoError(t, err)
	return r
}

func TestSeekReadsOnWithoutProof(t *testing.T) {
	s, _ := open(t)
	blob, err := s.Put(t.Context(), strings.NewReader("0123456789"))
	require.NoError(t, err)
	r, err := s.Open(t.Context(), blob.SHA256)
	require.NoError(t, err)

	_, err = r.Seek(-3, io.SeekEnd)
	require.NoError(t, err)
	tail, err := io.ReadAll(r)
	require.NoError(t, err)
	whole, err := io.ReadAll(rewound(t, r))
	require.NoError(t, err)
	require.NoError(t, r.Close())

	require.Equal(t, "789", string(tail))
	require.Equal(t, "0123456789", string(whole))
}

func TestFetchReplacesAndIsReadOnly(t *testing.T) {
	s, _ := open(t)
	blob, err := s.Put(t.Context(), strings.NewReader("new"))
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "out.wav")
	require.NoError(t, os.WriteFile(out, []byte("old and longer"), 0o600))

	require.NoError(t, s.Fetch(t.Context(), blob.SHA256, out))
	require.NoError(t, s.Fetch(t.Context(), blob.SHA256, out), "also over itself")
	content, err := os.ReadFile(out)
	require.NoError(t, err)
	info, err := os.Stat(out)
	require.NoError(t, err)

	require.Equal(t, "new", string(content))
	require.Equal(t, os.FileMode(0o444), info.Mode())
	require.Equal(t, []string{"out.wav"}, names(t, filepath.Dir(out)))
}

func TestWhatIsNotThere(t *testing.T) {
	s, _ := open(t)
	absent := strings.Repeat("0", 64)
	_, opened := s.Open(t.Context(), absent)
	_, ok, err := s.Has(t.Context(), absent)
	require.NoError(t, err)
	_, notAFile := s.PutFile(t.Context(), t.TempDir())
	_, noFile := s.PutFile(t.Context(), filepath.Join(t.TempDir(), "none"))

	require.False(t, ok)
	require.Equal(t, fault.Missing, fault.Of(opened))
	require.Equal(t, fault.Missing, fault.Of(s.Fetch(t.Context(), absent, filepath.Join(t.TempDir(), "x"))))
	require.Equal(t, fault.Missing, fault.Of(noFile))
	require.Equal(t, fault.Invalid, fault.Of(notAFile))
	for _, bad := range []string{"", "ab", "../../../../etc/passwd", strings.Repeat("A", 64), strings.Repeat("g", 64)} {
		_, err := s.Open(t.Context(), bad)
		require.Equal(t, fault.Invalid, fault.Of(err), bad)
		_, _, err = s.Has(t.Context(), bad)
		require.Equal(t, fault.Invalid, fault.Of(err), bad)
		require.Equal(t, fault.Invalid, fault.Of(s.Fetch(t.Context(), bad, "x")), bad)
	}
}

func TestOpenSweepsWhatTheDeadLeft(t *testing.T) {
	_, root := open(t)
	tmp := filepath.Join(root, "tmp")
	for name, age := range map[string]time.Duration{"put-dead": 25 * time.Hour, "put-alive": time.Hour} {
		require.NoError(t, os.WriteFile(filepath.Join(tmp, name), nil, 0o600))
		require.NoError(t, os.Chtimes(filepath.Join(tmp, name), noon.Add(-age), noon.Add(-age)))
	}

	_, err := dir.Open(root, noon)

	require.NoError(t, err)
	require.Equal(t, []string{"put-alive"}, names(t, tmp))
}

func TestManyWritersOfOneObject(t *testing.T) {
	first, root := open(t)
	second, err := dir.Open(root, noon)
	require.NoError(t, err)
	content := strings.Repeat("frame", 50_000)
	out := t.TempDir()

	var all sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		all.Go(func() {
			s := []*dir.Store{first, second}[i%2]
			blob, err := s.Put(t.Context(), strings.NewReader(content))
			errs[i] = errors.Join(err, s.Fetch(t.Context(), blob.SHA256, filepath.Join(out, string(rune('a'+i)))))
		})
	}
	all.Wait()

	require.NoError(t, errors.Join(errs...))
	require.Len(t, names(t, out), len(errs))
	require.Empty(t, names(t, filepath.Join(root, "tmp")))
}

func TestMediaTypes(t *testing.T) {
	tests := map[string]struct{ content, want string }{
		"wav":      {"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"},
		"matroska": {"\x1a\x45\xdf\xa3....", "video/x-matroska"},
		"json":     {"\n {\"a\":1}", "application/json"},
		"webvtt":   {"WEBVTT\n\n", "text/vtt"},
		"nothing":  {"", "text/plain; charset=utf-8"},
		"png":      {"\x89PNG\x0D\x0A\x1A\x0A", "image/png"},
	}
	s, _ := open(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			blob, err := s.Put(t.Context(), strings.NewReader(tt.content))
			require.NoError(t, err)
			require.Equal(t, tt.want, blob.Type)
		})
	}
}

func BenchmarkPut1MiB(b *testing.B) {
	s, err := dir.Open(b.TempDir(), noon)
	require.NoError(b, err)
	content := make([]byte, 1<<20)
	b.SetBytes(1 << 20)
	for i := 0; b.Loop(); i++ {
		content[0], content[1], content[2] = byte(i), byte(i>>8), byte(i>>16)
		_, err := s.Put(context.Background(), bytes.NewReader(content))
		require.NoError(b, err)
	}
}
