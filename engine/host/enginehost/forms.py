"""Bodies of requests: plain or chunked, read as JSON, or as multipart with files streamed to disk."""

import email.message
import json
import os
import tempfile

from .wire import WireError, invalid

JSON_LIMIT = 4 << 20  # bytes; the longest batch of lines is far below it
FIELD_LIMIT = 16 << 20  # bytes of one form field: 100000 phonemes are about 6 MB
FILE_LIMIT = 8 << 30  # bytes of one form: one lossless 4K shot of a minute
BLOCK = 1 << 16


class Body:
    """The body of one request as a stream; it never reads past its end, nor past its limit in bytes."""

    def __init__(self, stream, headers):
        self.headers, self.stream = headers, stream
        self.limit, self.taken, self.left = FILE_LIMIT, 0, 0
        self.chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        if not self.chunked:
            length = headers.get("Content-Length", "0")
            if not length.isascii() or not length.isdigit():
                raise invalid("invalid_request", "Content-Length is not a number")
            self.left = self.taken = int(length)
        self.ended = not self.chunked and self.left == 0

    def admit(self, limit):
        """Sets the limit and refuses a body that is known to be larger."""
        self.limit = limit
        if self.taken > limit:
            raise WireError(413, "too_large", f"the body is larger than {limit} bytes: send less at once")

    def _next_chunk(self):
        try:
            self.left = int(self.stream.readline(64).split(b";")[0], 16)
        except ValueError:
            raise invalid("invalid_request", "the chunked body is malformed") from None
        self.taken += self.left
        self.admit(self.limit)
        if self.left == 0:
            while self.stream.readline(BLOCK) not in (b"\r\n", b"\n", b""):
                pass
            self.ended = True

    def read(self, n=BLOCK):
        """Up to n bytes; none at the end."""
        if self.chunked and self.left == 0 and not self.ended:
            self._next_chunk()
        if self.ended:
            return b""
        data = self.stream.read(min(n, self.left))
        if not data:
            raise invalid("invalid_request", "the body ended early")
        self.left -= len(data)
        if self.left == 0:
            if self.chunked:
                self.stream.readline(64)
            else:
                self.ended = True
        return data

    def drain(self, most):
        """Reads what is left, up to most bytes, so that the client comes to read its answer. True if the end was reached."""
        self.limit = self.taken + most
        try:
            while not self.ended and most > 0:
                most -= len(self.read())
        except (WireError, OSError):
            return False
        return self.ended


def read_json(body):
    """The JSON object that is the body."""
    body.admit(JSON_LIMIT)
    parts = []
    while block := body.read():
        parts.append(block)
    return parse(b"".join(parts), "the body")


def parse(data, name, kind=dict):
    """JSON that must be of one kind."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise invalid("invalid_json", f"{name} is not JSON in UTF-8") from None
    if not isinstance(value, kind):
        raise invalid("invalid_json", f"{name} must be a JSON {'object' if kind is dict else 'list'}")
    return value


class Form:
    """The fields and files of one multipart request. Use it in a with statement: its files go when it ends."""

    def __init__(self, body, directory):
        self.fields, self.files, self.paths = {}, {}, []
        message = email.message.Message()
        message["Content-Type"] = body.headers.get("Content-Type", "")
        boundary = message.get_param("boundary")
        if message.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
            raise invalid("invalid_request", "the body must be multipart/form-data with a boundary")
        body.admit(FILE_LIMIT)
        self._body, self._held, self._directory = body, b"", directory
        self._mark = b"\r\n--" + boundary.encode()

    def __enter__(self):
        try:
            self._read()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for path in self.paths:
            os.unlink(path)

    def file(self, name):
        """The path of an uploaded file."""
        if name not in self.files:
            raise invalid("missing_file", f"the form has no file {name}")
        return self.files[name]

    def _read(self):
        self._held = b"\r\n"  # the first boundary may lack it
        self._until(self._mark, lambda block: None)
        while True:
            tail = self._take(2)
            if tail == b"--":
                while self._body.read():
                    pass
                return
            if tail != b"\r\n":
                raise invalid("invalid_request", "the multipart body is malformed")
            self._part()

    def _part(self):
        head = bytearray()
        self._held = b"\r\n" + self._held
        self._until(b"\r\n\r\n", lambda block: self._grow(head, block, BLOCK))
        part = email.message_from_bytes(bytes(head[2:]) + b"\r\n\r\n")
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise invalid("invalid_request", "a part of the form has no name")
        if part.get_param("filename", header="content-disposition") is None:
            value = bytearray()
            self._until(self._mark, lambda block: self._grow(value, block, FIELD_LIMIT))
            self.fields.setdefault(name, []).append(value.decode("utf-8", "replace"))
            return
        handle, path = tempfile.mkstemp(dir=self._directory)
        self.paths.append(path)
        with os.fdopen(handle, "wb") as f:
            self._until(self._mark, f.write)
        self.files[name] = path

    @staticmethod
    def _grow(held, block, limit):
        held += block
        if len(held) > limit:
            raise WireError(413, "too_large", f"a field of the form is larger than {limit} bytes")

    def _more(self):
        block = self._body.read()
        if not block:
            raise invalid("invalid_request", "the multipart body ended early")
        self._held += block

    def _take(self, n):
        while len(self._held) < n:
            self._more()
        out, self._held = self._held[:n], self._held[n:]
        return out

    def _until(self, mark, sink):
        while (at := self._held.find(mark)) < 0:
            safe = len(self._held) - len(mark) + 1
            if safe > 0:
                sink(self._held[:safe])
                self._held = self._held[safe:]
            self._more()
        sink(self._held[:at])
        self._held = self._held[at + len(mark):]

    def field(self, name, default=None):
        """The first value of a field."""
        values = self.fields.get(name)
        if values:
            return values[0]
        if default is None:
            raise invalid("invalid_request", f"the form has no field {name}")
        return default
