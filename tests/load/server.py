"""The server that load is put on: `python -m tests.load.server --port 8000 --processes 4 --lanes 4`.

Several processes, each with the app loaded before it was forked, share the port (SO_REUSEPORT). A lane stands for one
container of Lambda: it answers one request at a time, and has one database connection. A request that finds all lanes
of its process taken waits. Answers leave by infra/local/server.py: kept-alive HTTP/1.1, Nagle's algorithm off.

SIGTERM ends it gracefully. Each process then writes how long every statement took into the folder of `--notes`.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import threading
import time
from array import array
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Any

import click
import sqlalchemy as sa

from infra.local.server import SHUTDOWN_SECONDS, Handler, Server

log = logging.getLogger("recruitpro.load.server")


class LaneHandler(Handler):
    """The requests of one connection, each in a lane of this process."""

    server: LaneServer

    def _serve(self) -> None:
        with self.server.lanes:
            super()._serve()

    # http.server looks methods up by name, so the names have to lead here.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Nothing: the app's own line for each request is written as in production."""


class LaneServer(Server):
    """A server that shares its port with others, and answers so many requests at once."""

    allow_reuse_port = True
    request_queue_size = 1024

    def __init__(self, app: Any, port: int, lanes: int) -> None:
        self.lanes = threading.BoundedSemaphore(lanes)
        super().__init__(app, port)
        self.RequestHandlerClass = LaneHandler


class StatementClock:
    """How long each statement of this process took, as the app sees it: the pooler and the way there included."""

    def __init__(self) -> None:
        self._took: dict[str, array[float]] = defaultdict(lambda: array("f"))
        sa.event.listen(sa.Engine, "before_cursor_execute", self._begin)
        sa.event.listen(sa.Engine, "after_cursor_execute", self._end)

    def _begin(
        self, _connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        context.began = time.perf_counter()

    def _end(self, _connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        self._took[statement].append((time.perf_counter() - context.began) * 1000)

    def write(self, path: Path) -> None:
        """Milliseconds by statement, as JSON."""
        told = {text: [round(one, 2) for one in took] for text, took in self._took.items()}
        path.write_text(json.dumps(told))


def _work(app: Any, port: int, lanes: int, notes: Path | None) -> None:
    """One process: serve until SIGTERM, then finish what is in hand."""
    clock = StatementClock() if notes else None
    server = LaneServer(app, port, lanes)

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.serve_forever(poll_interval=0.1)
    server.finish(SHUTDOWN_SECONDS)
    if clock and notes:
        clock.write(notes / f"statements-{os.getpid()}.json")


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--processes", type=int, default=4, show_default=True)
@click.option("--lanes", type=int, default=4, show_default=True, help="requests that a process answers at once")
@click.option("--application", default="app:app", show_default=True)
@click.option("--notes", type=click.Path(path_type=Path), default=None, help="folder for the times of statements")
def main(port: int, processes: int, lanes: int, application: str, notes: Path | None) -> None:
    """Serve the app from several processes on 127.0.0.1; ends with status 1 when one of them ended by itself."""
    logging.basicConfig(level=logging.WARNING)
    module, _, name = application.partition(":")
    app = getattr(importlib.import_module(module), name)
    children = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            try:
                _work(app, port, lanes, notes)
            except BaseException:
                log.exception("server_failed")
                os._exit(1)
            os._exit(0)
        children.append(child)
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for each in children:
            try:
                os.kill(each, signal.SIGTERM)
            except ProcessLookupError:
                continue

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    codes = []
    while children:
        ended, status = os.wait()
        children.remove(ended)
        codes.append(os.waitstatus_to_exitcode(status))
        if not stopping:
            stop(0, None)
    raise SystemExit(1 if any(codes) else 0)


if __name__ == "__main__":
    main()
