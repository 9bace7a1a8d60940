"""The process and the shape of its errors."""

import json
import signal
import urllib.parse

import pytest
from conftest import LIBRIVOX, Host

from enginehost import forms, weights

WAV = sorted(LIBRIVOX.glob("*.wav"))[1]


def test_models_are_described_in_full(host):
    status, _, data = host.call("GET", "/v1/models")
    listed = json.loads(data)["data"]

    assert status == 200
    assert {m["capability"] for m in listed} == {"speech-regions", "transcription", "translation", "speech", "lipsync"}
    assert all(len(m["weights"]) == 64 and m["license"] and m["version"] and m["commercial_use"] is True for m in listed)
    assert {m["capability"]: m["grade"] for m in listed}["lipsync"] == "preview"
    assert len({m["id"] for m in listed}) == len(listed)


def test_models_of_the_table_are_all_there(host):
    import conftest
    assert weights.missing(conftest.MODELS) == []
    assert "whisper-base/model.bin" in weights.missing(conftest.ROOT)


def test_health_tells_the_memory(host):
    status, _, data = host.call("GET", "/healthz")

    assert status == 200 and json.loads(data)["ok"] is True and 50e6 < json.loads(data)["rss_bytes"] < 1.5e9


@pytest.mark.parametrize("token", ["", "wrong", "ünïcode"])
def test_a_wrong_token_is_denied(host, token):
    status, _, data = host.call("GET", "/v1/models", token=urllib.parse.quote(token))

    assert (status, json.loads(data)["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path, body, status, code", [
    ("/v1/audio/speech", b"{", 400, "invalid_json"),
    ("/v1/audio/speech", b"[]", 400, "invalid_json"),
    ("/v1/audio/speech", b"\xff\xfe{}", 400, "invalid_json"),
    ("/v1/audio/speech", b'{"input":"Hi","voice":"af_heart","model":"nobody"}', 404, "model_not_found"),
    ("/v1/audio/speech", b'{"input":"Hi","voice":"af_heart","model":"kokoro-82m","duration":"3"}', 400, "invalid_request"),
    ("/v1/audio/speech", b'{"input":"' + b"a" * (5 << 20) + b'"}', 413, "too_large"),
    ("/v1/chat/completions", b'{"model":"bergamot-enpt","messages":[]}', 400, "invalid_request"),
    ("/v1/chat/completions", b'{"model":"bergamot-enpt","messages":[{"role":"user","content":"hi"}]}', 400, "invalid_json"),
    ("/v1/audio/transcriptions", b"{}", 400, "invalid_request"),
    ("/v1/nothing", b"{}", 404, "path_not_found"),
])
def test_a_bad_request_gets_an_error_of_the_wire(host, path, body, status, code):
    got, _, data = host.call("POST", path, body)
    error = json.loads(data)["error"]

    assert (got, error["code"]) == (status, code)
    assert error["message"] and error["type"]


@pytest.mark.parametrize("path, fields, file, status, code", [
    ("/v1/audio/transcriptions", {"model": "whisper-base"}, None, 400, "missing_file"),
    ("/v1/audio/transcriptions", {}, WAV, 400, "invalid_request"),
    ("/v1/audio/transcriptions", {"model": "whisper-giant"}, WAV, 404, "model_not_found"),
    ("/v1/audio/transcriptions", {"model": "whisper-base", "language": "tlh"}, WAV, 404, "language_not_found"),
    ("/v1/audio/transcriptions", {"model": "whisper-base"}, __file__, 400, "invalid_audio"),
    ("/v1/audio/speech-regions", {"model": "silero-whisper-base"}, __file__, 400, "invalid_audio"),
    ("/v1/video/lipsync", {"model": "face-warp", "phonemes": "{}"}, WAV, 400, "invalid_json"),
    ("/v1/video/lipsync", {"model": "face-warp", "phonemes": '[{"p":"a","start":2,"end":1}]'}, WAV, 400, "invalid_request"),
    ("/v1/video/lipsync", {"model": "face-warp", "phonemes": "[]"}, WAV, 400, "invalid_video"),
    ("/v1/video/lipsync", {"model": "face-warp", "phonemes": "[]"}, __file__, 400, "invalid_video"),
])
def test_a_bad_form_gets_an_error_of_the_wire(host, path, fields, file, status, code):
    got, _, data = host.form(path, fields, file)

    assert (got, json.loads(data)["error"]["code"]) == (status, code)


def test_a_chunked_form_is_read_like_a_plain_one(host):
    fields = {"model": "whisper-base", "language": "en"}

    plain, chunked = (host.form("/v1/audio/transcriptions", fields, WAV, chunked=c) for c in (False, True))

    assert plain[0] == chunked[0] == 200 and plain[2] == chunked[2]


class Drip:
    """A stream that gives few bytes at once, as a socket may."""

    def __init__(self, data):
        self.data = data

    def read(self, n):
        out, self.data = self.data[:min(n, 7)], self.data[min(n, 7):]
        return out


@pytest.mark.parametrize("content", [b"", b"\r\n", b"\r\n--", b"\r\n--mar", b"a\r\n--marx\r\n" * 50, bytes(range(256)) * 9])
def test_a_file_comes_through_a_form_byte_for_byte(tmp_path, content):
    body = (b'--mark\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
            b'--mark\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n' + content + b"\r\n--mark--\r\n")
    headers = {"Content-Type": "multipart/form-data; boundary=mark", "Content-Length": str(len(body))}

    with forms.Form(forms.Body(Drip(body), headers), tmp_path) as form:
        with open(form.file("file"), "rb") as f:
            got = f.read()
        field = form.field("a")

    assert (got, field) == (content, "1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["stdin", "SIGTERM"])
def test_the_process_ends_with_its_parent(ending):
    other = Host()
    assert other.ready["ready"] is True and other.ready["pid"] == other.process.pid

    if ending == "SIGTERM":
        other.process.send_signal(signal.SIGTERM)
        code = other.process.wait(timeout=10)
    else:
        code = other.end()

    assert code == 0
