"""Somebody else's server that is told by webhooks. It may refuse everything, or take a delivery and not say so."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.chaos.stores import Switch


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery that was taken: its webhook-id, the hash of its body, and whether its sender was told."""

    webhook_id: str
    sha256: str
    is_answered: bool


@dataclass(slots=True)
class Receiver:
    """Where it is, its switches, and what it took."""

    url: str
    down: Switch
    silent: Switch
    taken: list[Taken] = field(default_factory=list)


@contextmanager
def receiving(folder: Path) -> Iterator[Receiver]:
    """A server on this machine, which no fault kills."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.down.strikes():
                self._answer(503)
                return
            is_answered = not receiver.silent.strikes()
            taken = Taken(self.headers["webhook-id"], hashlib.sha256(body).hexdigest(), is_answered)
            receiver.taken.append(taken)
            if is_answered:
                self._answer(204)
            else:
                self.close_connection = True

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # its callers are killed in the middle of a request

    server = Server(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    receiver = Receiver(url, Switch(folder, "receiver-down"), Switch(folder, "receiver-silent"))
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
