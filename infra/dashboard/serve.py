"""Serves the page on this machine, to nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from infra.dashboard.page import policy
from infra.local.processes import HOST

PageAt = Callable[[float], str]


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1; `page_at` makes the page as of a moment."""

    daemon_threads = True

    def __init__(self, port: int, page_at: PageAt) -> None:
        self.page_at = page_at
        super().__init__((HOST, port), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Server
    server_version, sys_version = "RecruitPro", ""

    def do_GET(self) -> None:
        # A page of somebody else's whose name leads to 127.0.0.1 is not to read along.
        if self.headers.get("Host", "").rpartition(":")[0] not in {HOST, "localhost"}:
            self.send_error(403)
        elif self.path != "/":
            self.send_error(404)
        else:
            self._send(self.server.page_at(time.time()).encode())

    def _send(self, page: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Content-Security-Policy", policy())
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_args: object) -> None:
        """Nothing: the page asks for itself all the time."""
