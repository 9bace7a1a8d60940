"""Frames of a video through pipes of ffmpeg: one in memory at a time, in BGR."""

import fractions
import json
import subprocess

import numpy as np

from .wire import WireError, invalid

LARGEST = 4096 * 2304  # pixels of one frame
MOST = 200_000  # frames of one shot

# Exact conversion: the same bytes on every run and machine.
_SCALE = ["-sws_flags", "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"]
_QUIET = ["-hide_banner", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file,pipe"]


class Video:
    """What a file holds: width and height in pixels, rate as a fraction of frames a second."""

    def __init__(self, path):
        self.path = path
        done = _run(["ffprobe", "-v", "error", "-protocol_whitelist", "file,pipe", "-select_streams", "v:0", "-show_entries",
                     "stream=r_frame_rate,avg_frame_rate", "-of", "json", path])
        streams = json.loads(done.stdout or b"{}").get("streams")
        if done.returncode != 0 or not streams:
            raise invalid("invalid_video", "the file has no picture that ffmpeg can read")
        self.rate = _rate(_fraction(streams[0].get("avg_frame_rate")), _fraction(streams[0].get("r_frame_rate")))
        self.width, self.height = self._size()
        if self.width * self.height > LARGEST:
            raise WireError(413, "too_large", f"frames of {self.width}x{self.height} pixels, the limit is {LARGEST} pixels: send a smaller picture")

    def _size(self):
        """The size of a decoded frame, turned as the file asks for."""
        done = _run(["ffmpeg", *_QUIET, "-i", self.path, "-map", "0:v:0", "-frames:v", "1", "-c:v", "ppm", "-f", "image2pipe", "-"])
        head = done.stdout[:64].split(None, 3)
        if done.returncode != 0 or len(head) < 4 or head[0] != b"P6":
            raise invalid("invalid_video", "the video has no frame that ffmpeg can decode")
        return int(head[1]), int(head[2])

    def frames(self):
        """Each frame as an array [height, width, 3] of its own."""
        size = self.width * self.height * 3
        pipe = subprocess.Popen(["ffmpeg", *_QUIET, "-i", self.path, "-map", "0:v:0", "-fps_mode", "passthrough", *_SCALE,
                                 "-f", "rawvideo", "-pix_fmt", "bgr24", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=size)
        count = 0
        try:
            while len(data := pipe.stdout.read(size)) == size:
                count += 1
                if count > MOST:
                    raise WireError(413, "too_long", f"more than {MOST} frames: send one shot at a time")
                yield np.frombuffer(data, np.uint8).reshape(self.height, self.width, 3)
            if pipe.wait() != 0 or count == 0:
                raise invalid("invalid_video", f"ffmpeg cannot decode the video after frame {count}")
        finally:
            _end(pipe)


class Writer:
    """Writes frames without loss. Use it in a with statement; the file is whole when that ends without an error."""

    def __init__(self, path, like):
        self._pipe = subprocess.Popen(
            ["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{like.width}x{like.height}",
             "-r", str(like.rate), "-i", "-", "-c:v", "libx264rgb", "-qp", "0", "-preset", "ultrafast", "-threads", "2",
             "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "matroska", path], stdin=subprocess.PIPE)

    def __enter__(self):
        return self

    def put(self, frame):
        try:
            self._pipe.stdin.write(np.ascontiguousarray(frame))
        except BrokenPipeError:
            raise WireError(500, "encoder_failed", "the encoder ended early: is the disk full?") from None

    def __exit__(self, kind, *_):
        if kind:
            _end(self._pipe)
            return
        self._pipe.stdin.close()
        if self._pipe.wait() != 0:
            raise WireError(500, "encoder_failed", "the encoder failed: is the disk full?")


def _fraction(text):
    try:
        value = fractions.Fraction(text or "0")
    except (ValueError, ZeroDivisionError):
        return None
    return value if 0 < value <= 1000 else None


def _rate(average, nominal):
    """The nominal rate, unless the average tells that it is only the clock of a variable one."""
    if nominal and (not average or abs(nominal / average - 1) < 0.01):
        return nominal
    if not average:
        raise invalid("invalid_video", "the video has no frame rate")
    return average


def _run(command):
    try:
        return subprocess.run(command, capture_output=True, timeout=120)
    except FileNotFoundError:
        raise WireError(500, "not_installed", f"{command[0]} is not installed: install the Debian package ffmpeg") from None
    except subprocess.TimeoutExpired:
        raise invalid("invalid_video", "ffmpeg takes more than two minutes to open the file") from None


def _end(pipe):
    for stream in (pipe.stdin, pipe.stdout):
        if stream:
            try:
                stream.close()
            except OSError:
                pass
    if pipe.poll() is None:
        pipe.kill()
        pipe.wait()
