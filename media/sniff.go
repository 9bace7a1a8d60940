package media

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/babelreel/babelreel/domain/fault"
)

// demuxer is the name of an ffmpeg demuxer.
type demuxer string

// The demuxers that read files of ours or of a client. Others stay closed:
// playlists and concat scripts name other files, image sequences are not one file.
const (
	mov      demuxer = "mov" // MP4, MOV, M4A, 3GP
	matroska demuxer = "matroska"
	avi      demuxer = "avi"
	mxf      demuxer = "mxf"
	mpegts   demuxer = "mpegts"
	mpegps   demuxer = "mpeg"
	wavFile  demuxer = "wav"
	w64      demuxer = "w64"
	aiff     demuxer = "aiff"
	caf      demuxer = "caf"
	flac     demuxer = "flac"
	ogg      demuxer = "ogg"
	mp3      demuxer = "mp3"
	aac      demuxer = "aac"
	srt      demuxer = "srt"
)

// signatures say how each container begins, most certain first.
var signatures = []struct {
	demuxer demuxer
	is      func(head []byte) bool
}{
	{mov, func(b []byte) bool {
		for _, box := range []string{"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"} {
			if has(b, 4, box) {
				return true
			}
		}
		return false
	}},
	{matroska, func(b []byte) bool { return has(b, 0, "\x1a\x45\xdf\xa3") }},
	{avi, func(b []byte) bool { return has(b, 0, "RIFF") && has(b, 8, "AVI ") }},
	{wavFile, func(b []byte) bool { return (has(b, 0, "RIFF") || has(b, 0, "RF64")) && has(b, 8, "WAVE") }},
	{w64, func(b []byte) bool { return has(b, 0, "riff\x2e\x91\xcf\x11") }},
	{aiff, func(b []byte) bool { return has(b, 0, "FORM") && (has(b, 8, "AIFF") || has(b, 8, "AIFC")) }},
	{caf, func(b []byte) bool { return has(b, 0, "caff") }},
	{flac, func(b []byte) bool { return has(b, 0, "fLaC") }},
	{ogg, func(b []byte) bool { return has(b, 0, "OggS") }},
	{mpegps, func(b []byte) bool { return has(b, 0, "\x00\x00\x01\xba") }},
	// MXF may have a run-in of up to 64 KiB (SMPTE ST 377-1, 6.5).
	{mxf, func(b []byte) bool {
		return bytes.Contains(b, []byte("\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02"))
	}},
	{mpegts, func(b []byte) bool { return synced(b, 0, 188) || synced(b, 4, 192) }},
	{mp3, func(b []byte) bool { return has(b, 0, "ID3") || (frameSync(b) && b[1]&0x06 == 0x02) }},
	{aac, func(b []byte) bool { return frameSync(b) && b[1]&0x06 == 0 }},
}

// has reports whether b holds s at offset at.
func has(b []byte, at int, s string) bool {
	return len(b) >= at+len(s) && string(b[at:at+len(s)]) == s
}

// synced reports whether b looks like MPEG-TS packets of the given size.
func synced(b []byte, at, packet int) bool {
	for n := range 3 {
		if !has(b, at+n*packet, "G") {
			return false
		}
	}
	return true
}

// frameSync reports whether b starts with the sync word of MPEG audio.
func frameSync(b []byte) bool { return len(b) > 2 && b[0] == 0xff && b[1]&0xf0 == 0xf0 }

// sniffBytes is how much of a file sniff reads: the longest MXF run-in, and a key.
const sniffBytes = 1<<16 + 16

// sniff says by which demuxer alone the file may be read. It trusts the content
// and never the name.
func sniff(op, path string) (demuxer, error) {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fault.New(fault.Missing, op, "there is no file %s", name)
	}
	if err != nil {
		return "", fault.New(fault.Denied, op, "%s cannot be opened: let the worker read it: %w", name, errors.Unwrap(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return "", fault.New(fault.Invalid, op, "%s is not a file: name one media file", name)
	}

	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", fault.New(fault.Broken, op, "reading %s: %w", name, err)
	}
	head = head[:n]
	if n == 0 {
		return "", fault.New(fault.Invalid, op, "%s is empty (0 bytes): its transfer did not finish, send it again", name)
	}
	for _, s := range signatures {
		if s.is(head) {
			return s.demuxer, nil
		}
	}
	if text := bytes.TrimPrefix(head, []byte("\ufeff")); has(text, 0, "#EXTM3U") || has(text, 0, "ffconcat") || has(text, 0, "file ") {
		return "", fault.New(fault.Invalid, op, "%s is a playlist, which can name any other file or address, and not media: send the media itself", name)
	}
	return "", fault.New(fault.Invalid, op, "%s is not media in a container that is read here "+
		"(MP4, MOV, MKV, WebM, MXF, AVI, MPEG-TS, MPEG-PS, WAV, W64, AIFF, CAF, FLAC, Ogg, MP3, AAC): export it as one of these", name)
}

// source is a file and the only demuxer that may read it.
type source struct {
	path    string
	demuxer demuxer
}

// open sniffs path.
func open(op, path string) (source, error) {
	d, err := sniff(op, path)
	return source{path, d}, err
}

// input is the arguments by which ffmpeg and ffprobe read s. The protocol is
// written out, so that no character of a name is taken for an address or an option.
func (s source) input() []string {
	return []string{
		"-protocol_whitelist", "file,pipe", "-format_whitelist", string(s.demuxer),
		"-f", string(s.demuxer), "-i", "file:" + s.path,
	}
}

// readable makes sure that a text file of ours is there and not empty.
func readable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.New(fault.Missing, opMux, "there is no file %s", filepath.Base(path))
	case err != nil:
		return fault.New(fault.Broken, opMux, "%s: %w", filepath.Base(path), err)
	case info.Size() == 0:
		return fault.New(fault.Invalid, opMux, "%s is empty: leave the track out, or write its cues", filepath.Base(path))
	}
	return nil
}
