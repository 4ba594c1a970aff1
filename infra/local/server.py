"""The local HTTP server: `python -m infra.local.server --port 8000` serves app.py on 127.0.0.1.

`chalice local` serves the same app, but writes headers and body apart with Nagle's algorithm on: 44 ms for each
request on a kept-alive connection. Here an answer leaves in one write. Requests that HTTP itself forbids, or that
API Gateway would not pass on, end in a problem document and a closed connection.
"""

from __future__ import annotations

import errno
import importlib
import logging
import signal
import socket
import socketserver
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any

import click
from chalice.app import Chalice

from chalicelib.http.requests import ONCE
from infra.local.gateway import Answer, Gateway, Routes, for_threads, problem
from infra.local.processes import HOST

# API Gateway's limits.
BODY_MAX_BYTES = 10 * 1024 * 1024
REQUEST_LINE_MAX_BYTES = 8 * 1024
IDLE_SECONDS = 65
SHUTDOWN_SECONDS = 5.0
WORDS = {
    400: ("bad_request", "Bad request"),
    405: ("method_not_allowed", "Method not allowed"),
    408: ("request_timeout", "Request timeout"),
    411: ("length_required", "Length required"),
    413: ("body_too_large", "Body too large"),
    414: ("uri_too_long", "Address too long"),
    431: ("headers_too_large", "Headers too large"),
}


class Refused(Exception):
    """The request is not passed on to the app."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Server(ThreadingHTTPServer):
    """One thread per connection; knows how many requests are being answered."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app: Chalice, port: int) -> None:
        self.app = for_threads(app)
        self.routes = Routes(app.routes)
        self.answering = 0
        self.guard = threading.Lock()
        super().__init__((HOST, port), Handler)

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def finish(self, seconds: float) -> None:
        """Wait until no request is being answered, at most so long."""
        deadline = time.monotonic() + seconds
        while self.answering and time.monotonic() < deadline:
            time.sleep(0.02)


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "RecruitPro", ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_SECONDS
    server: Server
    raw_requestline: bytes

    def setup(self) -> None:
        super().setup()
        self._gateway = Gateway(self.server.app, self.server.routes, source_ip=self.client_address[0])

    def parse_request(self) -> bool:
        if len(self.raw_requestline.rstrip(b"\r\n")) > REQUEST_LINE_MAX_BYTES:
            self.command = ""
            self.send_error(414, f"a request line holds at most {REQUEST_LINE_MAX_BYTES} bytes")
            return False
        return super().parse_request()

    def handle_expect_100(self) -> bool:
        """Ask for the body, unless it would be refused: then the refusal is the answer."""
        with suppress(Refused):
            self._body_length()
            super().handle_expect_100()
            self.wfile.flush()
        return True

    def _serve(self) -> None:
        started = time.monotonic()
        with self.server.guard:
            self.server.answering += 1
        try:
            self._check_headers()
            answer = self._gateway.answer(self.command, self.path, dict(self.headers), self._body())
            self._send(answer)
            self.wfile.flush()
            self._log(answer.status, started)
        except Refused as refusal:
            self.send_error(refusal.status, refusal.detail)
            self._log(refusal.status, started)
        finally:
            with self.server.guard:
                self.server.answering -= 1

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - http.server's names
    # No path takes these; the gateway says so, with what the path does take.
    do_TRACE = do_QUERY = _serve  # noqa: N815

    def _check_headers(self) -> None:
        # API Gateway passes all of them on, and the app refuses; an event of this server has one of each.
        for name in ONCE:
            if len(self.headers.get_all(name, [])) > 1:
                raise Refused(400, f"send {name} once")

    def _body_length(self) -> int | None:
        if "Transfer-Encoding" in self.headers:
            raise Refused(411, "send the body with a Content-Length, not in chunks")
        lengths = set(self.headers.get_all("Content-Length", []))
        if not lengths:
            return None
        length = lengths.pop().strip()
        if lengths or not (length.isascii() and length.isdigit()) or len(length) > 18:
            raise Refused(400, "Content-Length is not one whole number")
        if int(length) > BODY_MAX_BYTES:
            raise Refused(413, f"a body holds at most {BODY_MAX_BYTES} bytes")
        return int(length)

    def _body(self) -> bytes | None:
        length = self._body_length()
        if not length:
            return None
        try:
            body = self.rfile.read(length)
        except TimeoutError:
            raise Refused(408, "the body did not arrive in time") from None
        if len(body) < length:
            raise Refused(400, "the body is shorter than its Content-Length")
        return body

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        # The server's to say; an app that says it in another case would have it twice.
        skipped = {"content-length", "connection", "date", "server"}
        for name, value in answer.headers:
            if name.lower() not in skipped:
                self.send_header(name, value)
        if answer.status >= 200 and answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status not in (204, 304):
            self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse as a problem document and close: what follows on this connection cannot be told apart any more."""
        self.close_connection = True
        status = 405 if code == 501 else int(code)
        kind, title = WORDS.get(status, ("bad_request", "Bad request"))
        self.command = getattr(self, "command", None) or ""
        # A line that is no request has no version, and would be answered without headers.
        self.request_version = self.protocol_version
        self._send(problem(status, kind, title, message or title))
        self.wfile.flush()
        self._linger()

    def _linger(self) -> None:
        """Take in what the caller is still sending: closing at once would reset it before it reads the answer."""
        deadline = time.monotonic() + 2
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(0.5)
            while time.monotonic() < deadline and self.rfile.read1(65536):
                pass

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: `_log` writes one line when the answer is out."""

    def _log(self, status: int, started: float) -> None:
        # Without the query: a search holds a person's name.
        path = self.path.split("?")[0]
        self.log_message("%s %s %d %.0f ms", self.command, path, status, (time.monotonic() - started) * 1000)


@click.command()
@click.option("--port", type=int, default=8000, show_default=True)
@click.option("--application", default="app:app", show_default=True, help="module:name of the Chalice app")
def main(port: int, application: str) -> None:
    """Serve the app on 127.0.0.1 until SIGTERM or Ctrl-C, answering the requests in hand first."""
    logging.basicConfig(level=logging.INFO)
    module, _, name = application.partition(":")
    try:
        server = Server(getattr(importlib.import_module(module), name), port)
    except OSError as refusal:
        if refusal.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(
            f"port {port} is in use: choose another one, as in PORT={port + 1} make run"
        ) from None

    def stop(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever(poll_interval=0.1)
    server.finish(SHUTDOWN_SECONDS)


if __name__ == "__main__":
    main()
