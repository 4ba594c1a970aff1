"""Stand-ins for what lives outside the process, for the failures that the real thing cannot be asked to show."""

from __future__ import annotations

import gc
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from chalicelib.clients import QueueUnavailable
from chalicelib.jobs.models import JobMessage
from chalicelib.resumes.text import Quote
from chalicelib.screening.rating import Brief, Rating, Recommendation, RequirementVerdict, Verdict


@dataclass(slots=True)
class FakeQueues:
    """Queues that remember what was sent and delayed; those named in `down` take nothing."""

    down: set[str] = field(default_factory=set)
    sent: list[JobMessage] = field(default_factory=list)
    delays: list[tuple[str, int]] = field(default_factory=list)

    def send(self, queue: str, messages: Sequence[JobMessage]) -> None:
        if queue in self.down:
            raise QueueUnavailable("the queue does not answer now")
        self.sent.extend(messages)

    def delay(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        self.delays.append((receipt_handle, seconds))

    def check(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class ForgingRater:
    """A rater that finds every requirement met, proved by a quote that stands nowhere."""

    provider: str = "forger"
    model: str = "1"

    def rate(self, brief: Brief) -> Rating:
        forged = Quote("twenty years of everything", 1, 0, 26)
        verdicts = tuple(
            RequirementVerdict(asked.id, asked.text, asked.kind, asked.weight, Verdict.MET, (forged,), 1.0)
            for asked in brief.requirements
        )
        return Rating(100, Recommendation.STRONG_MATCH, verdicts, ("perfect",), (), self.provider, self.model)


def sqs_event(*bodies: object, arn: str = "arn:aws:sqs:eu-central-1:123456789012:recruitpro-local-high") -> Any:
    """An event of SQS with these message bodies, `message-0`, `message-1`, ... by id; text is taken as it is."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": f"receipt-{number}-{uuid4()}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def closed_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def outwait_checks() -> None:
    """Wait until no check of health waits for a service any more, and what they held is gone."""
    deadline = time.monotonic() + 30
    while any(thread.name.startswith("health") for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "a health check never ended"
        time.sleep(0.05)
    gc.collect()


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port that does not even answer to SYNs, as behind a firewall that drops them: its queue is full."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    waiting = []
    for _ in range(4):
        each = socket.socket()
        each.setblocking(False)
        each.connect_ex(server.getsockname())
        waiting.append(each)
    try:
        yield int(server.getsockname()[1])
    finally:
        for each in [*waiting, server]:
            each.close()


@contextmanager
def stalling_proxy(port: int, after_bytes: int) -> Iterator[int]:
    """A port that leads to `port`, until `after_bytes` of a connection's answers have come through: then silence."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    opened: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def pass_on(source: socket.socket, target: socket.socket, budget: float) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if budget > 0:
                    target.sendall(data[: int(min(budget, len(data)))])
                budget -= len(data)

    def accept() -> None:
        with suppress(OSError):
            while True:
                caller, _ = server.accept()
                onward = socket.create_connection(("127.0.0.1", port))
                opened.extend([caller, onward])
                for ends in ((caller, onward, float("inf")), (onward, caller, float(after_bytes))):
                    threads.append(threading.Thread(target=pass_on, args=ends))
                    threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield int(server.getsockname()[1])
    finally:
        for each in [server, *opened]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)
        for each in [server, *opened]:
            each.close()


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    taken: list[socket.socket] = []

    def accept() -> None:
        while True:
            connection, _ = server.accept()
            taken.append(connection)
            if ended.is_set():
                return

    ended = threading.Event()
    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(10)
        for connection in taken:
            connection.close()
        server.close()
