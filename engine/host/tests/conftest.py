"""A real host over the models that set-up made. BABELREEL_ENGINEHOST names their directory."""

import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = pathlib.Path(os.environ.get("BABELREEL_ENGINEHOST", ROOT.parent.parent / ".cache" / "enginehost")) / "models"
TOKEN = "a-token-of-the-tests"
LIBRIVOX = pathlib.Path("/usr/share/pocketsphinx/test/data/librivox")

sys.path.insert(0, str(ROOT))


class Host:
    """A host process and the few calls that the tests make."""

    def __init__(self, token=TOKEN):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "enginehost", "--models", str(MODELS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT), "BABELREEL_ENGINE_TOKEN": token})
        self.ready = json.loads(self.process.stdout.readline())
        self.token = token

    def call(self, method, path, body=None, kind="application/json", token=None, chunked=False):
        """Status, headers and body of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ready["port"], timeout=170)
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.token if token is None else token}"}
        connection.request(method, path, iter([body[:1000], body[1000:]]) if chunked else body, headers, encode_chunked=chunked)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        return reply.status, reply.headers, data

    def post(self, path, value):
        """Status and JSON of one request with a JSON body."""
        status, _, data = self.call("POST", path, json.dumps(value))
        return status, json.loads(data)

    def form(self, path, fields, file=None, chunked=False):
        """Status, headers and body of one form."""
        mark = uuid.uuid4().hex
        body = b"".join(f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items())
        if file is not None:
            body += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="it"\r\n\r\n'.encode() + pathlib.Path(file).read_bytes() + b"\r\n"
        return self.call("POST", path, body + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}", chunked=chunked)

    def speak(self, text, voice, duration=0):
        return self.post("/v1/audio/speech", {"model": "kokoro-82m", "input": text, "voice": voice, "response_format": "json", "duration": duration})

    def transcribe(self, path, **fields):
        status, _, data = self.form("/v1/audio/transcriptions", {"model": "whisper-base", "response_format": "verbose_json"} | fields, path)
        return status, json.loads(data)

    def end(self):
        self.process.stdin.close()
        return self.process.wait(timeout=10)


@pytest.fixture(scope="session")
def host():
    h = Host()
    yield h
    assert h.end() == 0


def words(text):
    """The words of a text, for counting errors: no case, no punctuation, Mr. spelled out."""
    return re.findall(r"[^\W_]+", text.lower().replace("mr.", "mister").replace("-", " "))


def word_errors(want, got):
    """The least number of words to change, add or drop."""
    row = list(range(len(got) + 1))
    for i, w in enumerate(want, 1):
        row, before = [i], row
        for j, g in enumerate(got, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (w != g)))
    return row[-1]
