"""The queue double serves other processes, and outlives them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from tests.queue_double import QueueDouble
from tests.queue_jobs import CallFailed, Counts, Entry, QueueRefusal
from tests.queue_server import SECRET_VARIABLE, SOCKET_VARIABLE, QueueClient, serving

WORKER = """
import os, signal, sys
from tests.queue_server import QueueClient

queues = QueueClient.from_environment()
(message,) = queues.receive("work", limit=1)
if sys.argv[1] == "deletes":
    queues.delete_batch("work", [message.receipt])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def double() -> QueueDouble:
    double = QueueDouble()
    double.create_queue("work", visibility_seconds=1)
    return double


@pytest.fixture
def environment(double: QueueDouble) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, serving(double, Path(folder)) as environment:
        yield environment


@pytest.fixture
def client(environment: dict[str, str]) -> QueueClient:
    return QueueClient(Path(environment[SOCKET_VARIABLE]), bytes.fromhex(environment[SECRET_VARIABLE]))


@pytest.mark.parametrize(("deed", "left"), [("receives", 1), ("deletes", 0)])
def test_what_a_killed_worker_had_in_hand_comes_back(
    double: QueueDouble, environment: dict[str, str], deed: str, left: int
) -> None:
    double.send_batch("work", [Entry("one")])
    worker = subprocess.run(
        [sys.executable, "-c", WORKER, deed], env=dict(os.environ) | environment, check=False, capture_output=True
    )
    assert worker.returncode == -signal.SIGKILL, worker.stderr
    assert double.counts("work").total == left
    assert [message.receive_count for message in double.receive("work", wait_seconds=3 * left)] == [2] * left


def test_a_client_has_the_whole_queue(client: QueueClient, double: QueueDouble) -> None:
    client.create_queue("high")
    client.send_batch("work", [Entry("one")])
    (message,) = client.receive("work")
    client.change_visibility("work", message.receipt, 0)
    assert client.counts("work") == double.counts("work") == Counts(1, 0, 0)
    client.check()
    client.purge("work")
    assert client.oldest_age_seconds("work") == 0


def test_a_refusal_reaches_the_client(client: QueueClient) -> None:
    with pytest.raises(QueueRefusal, match="NonExistentQueue"):
        client.receive("nowhere")


def test_only_what_is_meant_for_clients_can_be_called(client: QueueClient) -> None:
    with pytest.raises(QueueRefusal, match="InvalidAction"):
        client._call("__init__")


def test_one_client_serves_many_threads(client: QueueClient, double: QueueDouble) -> None:
    threads = [threading.Thread(target=client.send_batch, args=("work", [Entry("x")] * 10)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert double.counts("work").visible == 200


def test_a_client_that_waits_does_not_hold_up_another(client: QueueClient, double: QueueDouble) -> None:
    found: list[str] = []
    waiting = threading.Thread(
        target=lambda: found.extend(message.body for message in client.receive("work", wait_seconds=10))
    )
    waiting.start()
    client.send_batch("work", [Entry("one")])
    waiting.join(5)
    assert found == ["one"]


def test_somebody_without_the_secret_gets_nothing(environment: dict[str, str], client: QueueClient) -> None:
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        Client(environment[SOCKET_VARIABLE], "AF_UNIX", authkey=b"guessed").recv()
    client.counts("work")


def test_somebody_who_says_nothing_holds_up_nobody(environment: dict[str, str], client: QueueClient) -> None:
    with Client(environment[SOCKET_VARIABLE], "AF_UNIX"):
        client.counts("work")


def test_a_server_that_is_gone_is_a_call_that_failed(tmp_path: Path) -> None:
    with pytest.raises(CallFailed):
        QueueClient(tmp_path / "nobody", b"secret").counts("work")


def test_the_queues_may_live_in_a_process_of_their_own(tmp_path: Path) -> None:
    secret = os.urandom(16)
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "q"
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.queue_server", str(socket)],
            env=dict(os.environ) | {SECRET_VARIABLE: secret.hex()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with server:
            assert server.stdout is not None
            assert server.stdout.readline() == b"serving\n"
            client = QueueClient(socket, secret)
            client.send_batch("high", [Entry("one")])
            assert [message.body for message in client.receive("high")] == ["one"]
        assert server.returncode == 0
