"""What a scan ends with when clamd, or whatever answers in its place, does not behave: never with a clean verdict."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.documents.scanner import ClamdScanner, ScannerUnavailable

VERSION = b"ClamAV 1.4.6/27500/Mon Nov 24 08:30:00 2025\0"
BUILT_AT = datetime(2025, 11, 24, 8, 30, tzinfo=UTC)
TIMEOUT_SECONDS = 0.5

Behaviour = Callable[[socket.socket, bytes], None]


@contextmanager
def fake_clamd(behave: Behaviour, version: bytes | None = VERSION) -> Iterator[int]:
    """A port that answers VERSION (unless None) and behaves to everything else as told."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                command = connection.recv(10)
                if command == b"zVERSION\0" and version is not None:
                    connection.sendall(version)
                elif command:
                    behave(connection, command)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        ended.set()
        socket.create_connection(server.getsockname()).close()
        thread.join(10)
        server.close()


def read_to_end(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(b"\0\0\0\0"):
        received += connection.recv(65_536)


def answer(reply: bytes) -> Behaviour:
    def behave(connection: socket.socket, _: bytes) -> None:
        read_to_end(connection)
        connection.sendall(reply)

    return behave


def hang(connection: socket.socket, _: bytes) -> None:
    time.sleep(TIMEOUT_SECONDS * 2)


def hang_up(connection: socket.socket, _: bytes) -> None:
    """Ends the connection while the client is sending."""


def reset(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def drip(connection: socket.socket, _: bytes) -> None:
    """Never silent for as long as the time-out, and never done."""
    read_to_end(connection)
    try:
        for letter in "stream: OK" * 3:
            connection.sendall(letter.encode())
            time.sleep(TIMEOUT_SECONDS / 5)
    except OSError:
        return


def babble(connection: socket.socket, _: bytes) -> None:
    read_to_end(connection)
    try:
        for _number in range(100):
            connection.sendall(b"x" * 10_000)
    except OSError:
        return


BROKEN: dict[str, Behaviour] = {
    "hangs": hang,
    "hangs up": hang_up,
    "resets": reset,
    "drips": drip,
    "babbles": babble,
    "says nothing": answer(b""),
    "says half": answer(b"stream: O"),
    "says OK without an end": answer(b"stream: OK"),
    "says OK to another": answer(b"other: OK\0"),
    "says OK and more": answer(b"stream: OK\nstream: Worm FOUND\0"),
    "finds a nameless thing": answer(b"stream:  FOUND\0"),
    "errs": answer(b"stream: Can't allocate memory ERROR\0"),
    "is full": answer(b"INSTREAM size limit exceeded. ERROR\0"),
    "talks nonsense": answer(b"\xff\xfe\0"),
}


@pytest.mark.parametrize("behave", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("version", [VERSION, None], ids=["at the scan", "at once"])
def test_a_broken_clamd_is_never_a_clean_verdict(behave: Behaviour, version: bytes | None) -> None:
    with fake_clamd(behave if version else first_of(behave), version) as port:
        scanner = ClamdScanner(port=port, timeout_seconds=TIMEOUT_SECONDS)
        began = time.monotonic()
        with pytest.raises(ScannerUnavailable) as caught:
            scanner.scan(io.BytesIO(b"Ada" * 300_000))
        took = time.monotonic() - began

    assert took < TIMEOUT_SECONDS + 0.5
    assert caught.value.retries
    assert caught.value.reason


def first_of(behave: Behaviour) -> Behaviour:
    """The behaviour towards VERSION, which sends no stream to wait for."""

    def at_version(connection: socket.socket, command: bytes) -> None:
        if behave in (hang, hang_up, reset):
            behave(connection, command)
        else:
            connection.sendall(b"stream: OK\0")

    return at_version


def test_status_never_raises_and_never_waits_long() -> None:
    with fake_clamd(hang, version=None) as port:
        status = ClamdScanner(port=port, timeout_seconds=TIMEOUT_SECONDS).status()

    assert not status.is_up
    assert "no answer in time" in status.detail


def drip_version(connection: socket.socket, command: bytes) -> None:
    """A letter now and then, of an answer that never ends."""
    try:
        for letter in VERSION.replace(b"\0", b" ") * 3:
            connection.sendall(bytes([letter]))
            time.sleep(TIMEOUT_SECONDS / 10)
    except OSError:
        return


def swallow_slowly(connection: socket.socket, _: bytes) -> None:
    """Takes the stream in sips, each within the time-out."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _number in range(40):
            if not connection.recv(2048):
                return
            time.sleep(TIMEOUT_SECONDS / 10)
    except OSError:
        return


@pytest.mark.parametrize("behave", [drip_version, swallow_slowly])
def test_a_clamd_that_is_slow_on_purpose_holds_nobody_longer_than_one_that_is_silent(behave: Behaviour) -> None:
    version = None if behave is drip_version else VERSION
    with fake_clamd(behave, version) as port:
        began = time.monotonic()
        with pytest.raises(ScannerUnavailable, match="no answer in time"):
            ClamdScanner(port=port, timeout_seconds=TIMEOUT_SECONDS).scan(io.BytesIO(bytes(8_000_000)))
        took = time.monotonic() - began

    assert took < TIMEOUT_SECONDS + 1


def test_a_clamd_that_is_restarted_with_older_definitions_gives_no_verdict_any_more() -> None:
    new, old = b"ClamAV 1.4.6/27500/Mon Nov 24 08:30:00 2025\0", b"ClamAV 1.4.6/27498/Sat Nov 22 08:30:00 2025\0"
    now = BUILT_AT + timedelta(hours=1)
    for version, is_up in ((new, True), (old, False), (b"ClamAV 1.4.6\0", False), (new, True)):
        with fake_clamd(answer(b"stream: OK\0"), version) as port:
            scanner = ClamdScanner(port=port, definitions_max_age=timedelta(hours=24), now=lambda: now)
            assert scanner.status().is_up is is_up
            if is_up:
                assert not scanner.scan(io.BytesIO(b"Ada")).is_infected
            else:
                with pytest.raises(ScannerUnavailable):
                    scanner.scan(io.BytesIO(b"Ada"))


def test_a_refused_connection_is_tried_again_at_once_and_not_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(ScannerUnavailable, match="refused"):
        ClamdScanner(port=port).scan(io.BytesIO(b"Ada"))
    assert 0.4 <= time.monotonic() - began < 1.5

    def begin_late() -> None:
        time.sleep(0.2)
        with socket.create_server(("127.0.0.1", port)) as server:
            for reply in (VERSION, b"stream: OK\0"):
                connection, _ = server.accept()
                with connection:
                    if reply is not VERSION:
                        read_to_end(connection)
                    else:
                        connection.recv(10)
                    connection.sendall(reply)

    late = threading.Thread(target=begin_late)
    late.start()
    assert not ClamdScanner(port=port).scan(io.BytesIO(b"Ada")).is_infected
    late.join(5)


@pytest.mark.parametrize(("age", "is_up"), [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
def test_definitions_older_than_allowed_give_no_verdict(age: timedelta, is_up: bool) -> None:
    with fake_clamd(answer(b"stream: OK\0")) as port:
        scanner = ClamdScanner(port=port, definitions_max_age=timedelta(hours=24), now=lambda: BUILT_AT + age)
        if is_up:
            assert scanner.scan(io.BytesIO(b"Ada")).definitions_at == BUILT_AT
        else:
            with pytest.raises(ScannerUnavailable, match="too old"):
                scanner.scan(io.BytesIO(b"Ada"))
        assert scanner.status().is_up is is_up


def test_a_document_that_cannot_be_read_is_no_verdict() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the network is gone")

    with fake_clamd(hang_up) as port, pytest.raises(ScannerUnavailable, match="could not be read"):
        ClamdScanner(port=port, timeout_seconds=TIMEOUT_SECONDS).scan(Broken(b"Ada"))
