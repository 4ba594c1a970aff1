"""The server that load is put on: `python -m tests.load.server --port 8000 --containers 8`.

A process stands for one container of Lambda: the app was loaded before it was forked, it answers one request at a time
and has one database connection. All wait at one socket, so that a request goes to whichever is free, in the order of
arrival; when none is, it waits. To the same end an answer closes its connection: a caller who kept one would stay with
one container, which API Gateway does not do. Answers leave by infra/local/server.py: Nagle's algorithm off.

SIGTERM ends it gracefully. Each process then writes how long every statement took, and how long it had each request in
hand, into the folder of `--notes`.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import socket
import threading
import time
from array import array
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from socketserver import TCPServer
from types import FrameType
from typing import Any

import click
import sqlalchemy as sa

from infra.local.child import die_with_parent
from infra.local.gateway import Routes, for_threads
from infra.local.processes import HOST
from infra.local.server import Handler, Server

log = logging.getLogger("recruitpro.load.server")
# Callers who found no container free wait here.
BACKLOG = 4096


class OneRequest(Handler):
    """The one request of a connection."""

    def parse_request(self) -> bool:
        is_one = super().parse_request()
        self.close_connection = True
        return is_one

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Nothing: the app's own line for each request is written as in production."""


class Container(Server):
    """Answers one request at a time of those that wait at `door`, until it is told to stop. `served` are the times on
    the wall at which answers ended, and the milliseconds that each took here, without its wait at the door."""

    def __init__(self, app: Any, door: socket.socket) -> None:
        self.served: list[tuple[float, float]] = []
        # Not Server's own way, which would open a door for each.
        TCPServer.__init__(self, door.getsockname(), OneRequest, bind_and_activate=False)
        self.socket.close()
        self.socket, self.app, self.routes = door, for_threads(app), Routes(app.routes)
        self.answering, self.guard = 0, threading.Lock()
        self._stopping = self._is_waiting = False

    def stop(self) -> None:
        """Take no more; called by a signal, which breaks off waiting and nothing else."""
        self._stopping = True
        if self._is_waiting:
            raise InterruptedError

    def serve(self) -> None:
        """Answer until `stop`. A waiting process is woken alone: accept is asked, and no selector."""
        while not self._stopping:
            try:
                self._is_waiting = True
                connection, address = self.socket.accept()
            except InterruptedError:
                return
            finally:
                self._is_waiting = False
            self._answer(connection, address)

    def _answer(self, connection: socket.socket, address: Any) -> None:
        began = time.perf_counter()
        try:
            self.finish_request(connection, address)
        except Exception:
            self.handle_error(connection, address)
        finally:
            self.shutdown_request(connection)
            self.served.append((round(time.time(), 2), round((time.perf_counter() - began) * 1000, 1)))


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


def _work(app: Any, door: socket.socket, notes: Path | None) -> None:
    """One process: serve until SIGTERM, the request in hand answered."""
    clock = StatementClock() if notes else None
    container = Container(app, door)
    signal.signal(signal.SIGTERM, lambda _number, _frame: container.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    container.serve()
    if clock and notes:
        clock.write(notes / f"statements-{os.getpid()}.json")
        (notes / f"served-{os.getpid()}.json").write_text(json.dumps(container.served))


def fork(work: Callable[[], None]) -> int:
    """The id of a new process that does `work` and ends, with status 1 when it raised."""
    parent, child = os.getpid(), os.fork()
    if child:
        return child
    try:
        die_with_parent(parent, signal.SIGTERM)
        work()
    except BaseException:
        log.exception("process_failed")
        os._exit(1)
    os._exit(0)


def watch(children: list[int]) -> bool:
    """Wait until all have ended, and end them on SIGTERM or when one ended by itself; whether all ended well."""
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
    return not any(codes)


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--containers", type=int, default=8, show_default=True)
@click.option("--application", default="app:app", show_default=True)
@click.option("--notes", type=click.Path(path_type=Path), default=None, help="folder for the times of statements")
def main(port: int, containers: int, application: str, notes: Path | None) -> None:
    """Serve the app from several processes on 127.0.0.1; ends with status 1 when one of them ended by itself."""
    logging.basicConfig(level=logging.WARNING)
    module, _, name = application.partition(":")
    app = getattr(importlib.import_module(module), name)
    door = socket.create_server((HOST, port), backlog=BACKLOG)
    children = [fork(lambda: _work(app, door, notes)) for _ in range(containers)]
    raise SystemExit(0 if watch(children) else 1)


if __name__ == "__main__":
    main()
