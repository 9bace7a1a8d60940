"""The HTTP server: keep-alive, the token, errors as the wire spells them, one line of log for each request."""

import hmac
import http.server
import json
import os
import shutil
import sys
import threading
import time
import traceback

from . import forms
from .wire import WireError

DRAIN = 64 << 20  # bytes of an unread body that are read away to save the connection
STALLED = 120  # seconds after which a silent client is dropped


class Server(http.server.ThreadingHTTPServer):
    """A server on a free port of the loopback interface. An empty token admits everybody."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, routes, token=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes, self.token, self.ending = routes, token.encode(), False
        self._running, self._idle = 0, threading.Condition()

    def enter(self):
        with self._idle:
            if self.ending:
                raise WireError(503, "ending", "the host is ending", retry_after=1)
            self._running += 1

    def leave(self):
        with self._idle:
            self._running -= 1
            self._idle.notify_all()

    def end(self, patience):
        """Takes no new request and waits for those that run, for at most patience seconds."""
        with self._idle:
            self.ending = True
        self.shutdown()
        with self._idle:
            self._idle.wait_for(lambda: self._running == 0, patience)

    def handle_error(self, request, client_address):
        """A client that went away is no event."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    timeout = STALLED
    server_version, sys_version = "enginehost", ""

    def do_GET(self):
        self._serve(self.server.routes.get)

    def do_POST(self):
        self._serve(self.server.routes.post)

    def _serve(self, table):
        started, path, status = time.monotonic(), self.path.split("?")[0], 200
        self._answered, self._body = False, None
        try:
            self.server.enter()
            try:
                self._send(self._answer(table, path))
            finally:
                self.server.leave()
        except (ConnectionError, TimeoutError):
            status, self.close_connection = 499, True
        except BaseException as err:  # a panic of a native library is no Exception
            if (known := _known(err)).status == 500:
                traceback.print_exc()
            status = known.status
            self._refuse(known)
        print(self.command, path[:100], status, f"{(time.monotonic() - started) * 1000:.0f}ms", file=sys.stderr, flush=True)

    def _answer(self, table, path):
        self._body = forms.Body(self.rfile, self.headers)
        given = self.headers.get("Authorization", "").encode()
        if self.server.token and not hmac.compare_digest(given, b"Bearer " + self.server.token):
            raise WireError(401, "unauthorized", "the Authorization header does not carry the token of this host")
        if path not in table:
            raise WireError(404, "path_not_found", f"there is no {self.command} {path[:60]} here")
        return table[path](self._body) if self.command == "POST" else table[path]()

    def _send(self, reply):
        try:
            size = os.path.getsize(reply.path) if reply.path else len(reply.body)
            self._answered = True
            self.send_response(200)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(size))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.path:
                with open(reply.path, "rb") as f:
                    shutil.copyfileobj(f, self.wfile, 1 << 20)
            else:
                self.wfile.write(reply.body)
        finally:
            if reply.path:
                os.unlink(reply.path)

    def _refuse(self, err):
        if self._answered or self._body is None or not self._body.drain(DRAIN):
            self.close_connection = True
        if self._answered:
            return
        kind = "invalid_request_error" if err.status < 500 else "server_error"
        body = json.dumps({"error": {"message": err.message, "type": kind, "code": err.code}}).encode()
        try:
            self.send_response(err.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            if err.retry_after:
                self.send_header("Retry-After", str(err.retry_after))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        """The line at the end of a request is the log."""


def _known(err):
    """Any error as one of the wire; of an unforeseen one only the log tells more."""
    if isinstance(err, WireError):
        return err
    if isinstance(err, MemoryError):
        return WireError(500, "out_of_memory", "the host ran out of memory: send less at once", retry_after=5)
    return WireError(500, "internal", "the host failed; its log says where")
