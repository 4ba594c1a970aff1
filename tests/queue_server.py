"""The queue double for several processes: one keeps it and serves it on a unix socket, the others are its clients.

A client may be killed at any point. Whatever it had received is in flight and comes back after its visibility
time-out; what it had sent is there. `python -m tests.queue_server SOCKET` keeps the queues of the product in a process
of their own; `serving(...)` serves a double that lives in this one.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

from tests.queue_double import QueueDouble
from tests.queue_jobs import CallFailed, Counts, Entry, JobQueues, Message, Move, QueueRefusal

SECRET_VARIABLE = "QUEUE_SERVER_SECRET"
SOCKET_VARIABLE = "QUEUE_SERVER_SOCKET"
CALLS = frozenset(
    {
        "create_queue",
        "send_batch",
        "receive",
        "delete_batch",
        "change_visibility",
        "counts",
        "oldest_age_seconds",
        "queue_names",
        "purge",
        "start_move",
        "moves",
        "cancel_move",
    }
)
BROKEN = (EOFError, OSError, AuthenticationError)


class QueueServer:
    """Serves a double on `socket` until `stop`. Each connection has a thread, so none can keep another waiting."""

    def __init__(self, double: QueueDouble, socket: Path, secret: bytes) -> None:
        self._double, self._secret, self.socket = double, secret, socket
        socket.unlink(missing_ok=True)
        # Clients prove themselves in their own threads: one that is stopped half-way must not hold up the others.
        self._listener = Listener(str(socket), "AF_UNIX", backlog=128)
        self._stopping = threading.Event()
        self._accepting = threading.Thread(target=self._accept, name="queue server", daemon=True)

    def start(self) -> None:
        self._accepting.start()

    def stop(self) -> None:
        """Take no more connections; those that are open end with their clients."""
        self._stopping.set()
        with suppress(*BROKEN):
            Client(str(self.socket), "AF_UNIX").close()
        self._accepting.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            with suppress(*BROKEN):
                connection = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), name="queue client", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, suppress(*BROKEN):
            deliver_challenge(connection, self._secret)
            answer_challenge(connection, self._secret)
            while True:
                call, given, named = connection.recv()
                connection.send(self._answer(call, given, named))

    def _answer(self, call: str, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[bool, Any]:
        try:
            if call not in CALLS:
                raise QueueRefusal("InvalidAction", f"there is no call {call}")
            return True, getattr(self._double, call)(*given, **named)
        except Exception as error:
            return False, error


class QueueClient(JobQueues):
    """The queues of a server. Safe for threads and after a fork: each has a connection of its own.

    Raises what the double raises, and CallFailed when the server is out of reach.
    """

    def __init__(self, socket: Path, secret: bytes) -> None:
        self._socket, self._secret = socket, secret
        self._connections = threading.local()

    @classmethod
    def from_environment(cls) -> QueueClient:
        """The client of the server that the variables of `environment_for` name."""
        return cls(Path(os.environ[SOCKET_VARIABLE]), bytes.fromhex(os.environ[SECRET_VARIABLE]))

    def create_queue(self, name: str, **options: Any) -> None:
        self._call("create_queue", name, **options)

    def send_batch(self, queue: str, entries: Sequence[Entry]) -> list[str]:
        ids: list[str] = self._call("send_batch", queue, list(entries))
        return ids

    def receive(self, queue: str, **options: Any) -> list[Message]:
        messages: list[Message] = self._call("receive", queue, **options)
        return messages

    def delete_batch(self, queue: str, receipts: Sequence[str]) -> None:
        self._call("delete_batch", queue, list(receipts))

    def change_visibility(self, queue: str, receipt: str, seconds: float) -> None:
        self._call("change_visibility", queue, receipt, seconds)

    def counts(self, queue: str) -> Counts:
        counts: Counts = self._call("counts", queue)
        return counts

    def oldest_age_seconds(self, queue: str) -> float:
        return float(self._call("oldest_age_seconds", queue))

    def purge(self, queue: str) -> None:
        self._call("purge", queue)

    def start_move(self, source: str, destination: str | None = None, *, per_second: float | None = None) -> str:
        return str(self._call("start_move", source, destination, per_second=per_second))

    def moves(self, source: str) -> list[Move]:
        moves: list[Move] = self._call("moves", source)
        return moves

    def cancel_move(self, handle: str) -> int:
        return int(self._call("cancel_move", handle))

    def _call(self, call: str, *given: Any, **named: Any) -> Any:
        try:
            connection = self._connection()
            connection.send((call, given, named))
            is_answer, value = connection.recv()
        except BROKEN as error:
            self._connections.__dict__.clear()
            raise CallFailed("the queue server does not answer") from error
        if not is_answer:
            raise value
        return value

    def _connection(self) -> Connection:
        mine = self._connections
        if getattr(mine, "process", None) != os.getpid():
            mine.connection, mine.process = Client(str(self._socket), "AF_UNIX", authkey=self._secret), os.getpid()
        connection: Connection = mine.connection
        return connection


def environment_for(socket: Path, secret: bytes) -> dict[str, str]:
    """The variables by which another process finds the server."""
    return {SOCKET_VARIABLE: str(socket), SECRET_VARIABLE: secret.hex()}


@contextmanager
def serving(double: QueueDouble, folder: Path) -> Iterator[dict[str, str]]:
    """Serve `double` from this process; the variables for those that want to be its clients."""
    # Short, since a unix socket's path is limited to about a hundred characters.
    socket, secret = folder / "q", os.urandom(16)
    server = QueueServer(double, socket, secret)
    server.start()
    try:
        yield environment_for(socket, secret)
    finally:
        server.stop()


def main() -> None:
    """Keep the queues of the product until the process that wrote the secret closes our standard input."""
    double = QueueDouble()
    double.create_job_queues()
    server = QueueServer(double, Path(sys.argv[1]), bytes.fromhex(os.environ[SECRET_VARIABLE]))
    server.start()
    print("serving", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
