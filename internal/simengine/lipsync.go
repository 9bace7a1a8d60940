package simengine

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/babelreel/babelreel/engine"
)

// fps is the rate at which a report counts frames under phonemes.
const fps = 25

// lipsync answers /v1/video/lipsync: the picture it was sent, in the form that
// the wire asks for, with the report of an engine that found a face in every
// frame.
func (s *Server) lipsync(r *http.Request) (answer, Units) {
	if err := r.ParseMultipartForm(32 << 20); err != nil { //nolint:gosec // serve has bounded the body
		return fail(http.StatusBadRequest, "invalid_request", "the body is not a form"), Units{}
	}
	if _, ok := s.model(r.FormValue("model"), engine.CanLipSync); !ok {
		return fail(http.StatusNotFound, "model_not_found", "there is no such model of lip-sync"), Units{}
	}
	var spoken []phoneme
	if err := json.Unmarshal([]byte(r.FormValue("phonemes")), &spoken); err != nil {
		return fail(http.StatusBadRequest, "invalid_request", "the phonemes are not JSON"), Units{}
	}
	f, _, err := r.FormFile("file")
	if err != nil {
		return fail(http.StatusBadRequest, "invalid_request", "the form has no file"), Units{}
	}
	defer func() { _ = f.Close() }()
	picture, frames, err := s.picture(r, f)
	if err != nil {
		return fail(http.StatusUnprocessableEntity, "invalid_video", "ffmpeg cannot read the picture"), Units{}
	}

	report := engine.LipSyncReport{Frames: frames, FaceFrames: frames, OutsideIdentical: true, Grade: engine.Production}
	var under float64
	for _, p := range spoken {
		under += p.End - p.Start
		if slices.Contains([]string{"p", "b", "m"}, p.Symbol) {
			report.Closures++
			report.ClosuresHit++
		}
	}
	report.ChangedFrames = max(0, min(frames, int(math.Ceil(under*fps))))
	header, err := json.Marshal(report)
	if err != nil {
		return fail(http.StatusInternalServerError, "internal", "cannot report"), Units{}
	}
	return answer{http.StatusOK, map[string]string{"Content-Type": "video/x-matroska", "X-Lipsync-Report": string(header)}, picture},
		Units{Lines: 1, Seconds: float64(frames) / fps}
}

// picture writes an uploaded video as lossless RGB, and counts its frames.
func (s *Server) picture(r *http.Request, in io.Reader) (picture []byte, frames int, err error) {
	dir, err := os.MkdirTemp("", "simengine-*")
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	src, dst := filepath.Join(dir, "in"), filepath.Join(dir, "out.mkv")
	content, err := io.ReadAll(in)
	if err != nil {
		return nil, 0, err
	}
	if err := os.WriteFile(src, content, 0o600); err != nil {
		return nil, 0, err
	}
	ffmpeg := s.opts.FFmpeg
	if ffmpeg == "" {
		ffmpeg = "ffmpeg"
	}
	cmd := exec.CommandContext(r.Context(), ffmpeg, //nolint:gosec // the paths are our own
		"-v", "error", "-nostdin", "-progress", "pipe:1", "-i", src,
		"-map", "0:v:0", "-an", "-fps_mode", "passthrough", "-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0", dst)
	progress, err := cmd.Output()
	if err != nil {
		return nil, 0, err
	}
	for row := range strings.FieldsSeq(string(progress)) {
		if n, ok := strings.CutPrefix(row, "frame="); ok {
			frames, _ = strconv.Atoi(n)
		}
	}
	picture, err = os.ReadFile(dst)
	return picture, frames, err
}
