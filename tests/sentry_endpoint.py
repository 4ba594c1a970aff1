"""A Sentry on this machine: takes envelopes over HTTP as the real one does, and remembers them."""

from __future__ import annotations

import gzip
import importlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class SentryEndpoint:
    """What reached it: `raw` is each envelope's whole text."""

    port: int = 0
    status: int = 200
    delay_seconds: float = 0
    raw: list[str] = field(default_factory=list)
    items: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        return f"http://public@127.0.0.1:{self.port}/1"

    @property
    def faults(self) -> list[dict[str, Any]]:
        return [body for kind, body in self.items if kind == "event"]

    @property
    def traces(self) -> list[dict[str, Any]]:
        return [body for kind, body in self.items if kind == "transaction"]

    def take(self, envelope: bytes) -> None:
        self.raw.append(envelope.decode())
        lines = envelope.splitlines()[1:]
        for header, body in zip(lines[::2], lines[1::2], strict=True):
            self.items.append((json.loads(header)["type"], json.loads(body)))


def unpacked(body: bytes, encoding: str) -> bytes:
    """What the client packed: by Brotli where that happens to be installed, by gzip elsewhere."""
    if encoding == "br":
        return bytes(importlib.import_module("brotli").decompress(body))
    return gzip.decompress(body) if encoding == "gzip" else body


@contextmanager
def listening() -> Iterator[SentryEndpoint]:
    """An endpoint that listens until the end."""
    endpoint = SentryEndpoint()

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.take(unpacked(body, self.headers.get("Content-Encoding", "")))
            time.sleep(endpoint.delay_seconds)
            self.send_response(endpoint.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sentry)
    endpoint.port = server.server_port
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
