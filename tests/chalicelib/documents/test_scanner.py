from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.documents.eicar import EICAR
from chalicelib.documents.scanner import (
    ClamdScanner,
    EicarOnlyScanner,
    ScanIncomplete,
    Scanner,
    ScannerUnavailable,
    read_answer,
    read_version,
)
from infra.local import clamav
from infra.local.clamav import RunningClamd
from tests.chalicelib.documents.files import docx_file, encrypted_zip, nested, pdf_file, zip_file
from tests.clamd import running_clamd

__all__ = ["running_clamd"]

VERSION = b"ClamAV 1.4.6/27500/Mon Nov 24 08:30:00 2025\0"
BUILT_AT = datetime(2025, 11, 24, 8, 30, tzinfo=UTC)
TIMEOUT_SECONDS = 0.5

Behaviour = Callable[[socket.socket, bytes], None]


@pytest.fixture
def scanner(running_clamd: RunningClamd) -> ClamdScanner:
    return ClamdScanner(host=running_clamd.host, port=running_clamd.port, timeout_seconds=20)


INFECTED = {
    "plain": EICAR,
    "zip": zip_file({"eicar.com": EICAR}),
    "zip in zip in zip": nested(EICAR, 3),
    "docx": docx_file({"word/media/x.bin": EICAR}),
    "docx in zip": zip_file({"cv.docx": docx_file({"customXml/item9.xml": EICAR})}),
}
CLEAN = {
    "pdf": pdf_file(),
    "docx": docx_file(),
    "text": b"Ada Lovelace, engineer",
    "zip": zip_file({"cv.pdf": pdf_file()}),
}


@pytest.mark.parametrize("content", INFECTED.values(), ids=INFECTED)
def test_clamd_finds_eicar_wherever_it_hides(scanner: ClamdScanner, content: bytes) -> None:
    verdict = scanner.scan(io.BytesIO(content))

    assert verdict.is_infected
    assert verdict.signature == "Eicar-Test-Signature.UNOFFICIAL"
    assert verdict.engine.startswith("ClamAV ")


@pytest.mark.parametrize("content", CLEAN.values(), ids=CLEAN)
def test_clamd_calls_an_ordinary_file_clean(scanner: ClamdScanner, content: bytes) -> None:
    verdict = scanner.scan(io.BytesIO(content))

    assert not verdict.is_infected
    assert verdict.signature is None


def test_the_whole_file_is_scanned_wherever_a_reader_left_it(scanner: ClamdScanner) -> None:
    stream = io.BytesIO(EICAR)
    stream.seek(0, os.SEEK_END)

    assert scanner.scan(stream).is_infected


def test_a_file_of_many_chunks_is_sent_whole(scanner: ClamdScanner) -> None:
    assert scanner.scan(io.BytesIO(os.urandom(3_000_000) + EICAR)).is_infected


def test_no_bytes_are_no_verdict(scanner: ClamdScanner) -> None:
    with pytest.raises(ScannerUnavailable):
        scanner.scan(io.BytesIO(b""))


def test_a_password_is_no_verdict(scanner: ClamdScanner) -> None:
    with pytest.raises(ScanIncomplete) as caught:
        scanner.scan(io.BytesIO(encrypted_zip()))

    assert caught.value.reason.startswith("Heuristics.Encrypted")
    assert "password" in caught.value.detail


def test_an_archive_deeper_than_clamd_looks_is_no_verdict(scanner: ClamdScanner) -> None:
    with pytest.raises(ScanIncomplete) as caught:
        scanner.scan(io.BytesIO(nested(b"deep", 30)))

    assert caught.value.reason.startswith("Heuristics.Limits.Exceeded")


def test_a_signature_folder_of_our_own_tells_no_date(scanner: ClamdScanner, running_clamd: RunningClamd) -> None:
    status = scanner.status()
    strict = ClamdScanner(port=running_clamd.port, definitions_max_age=timedelta(hours=24))

    assert status.is_up
    assert status.definitions_at is None
    assert not strict.status().is_up
    with pytest.raises(ScannerUnavailable, match="no date"):
        strict.scan(io.BytesIO(b"Ada"))


def test_a_unix_socket_serves_and_a_stopped_clamd_is_unavailable(running_clamd: RunningClamd, tmp_path: Path) -> None:
    told: list[str] = []
    own = clamav.start(tmp_path, socket_path=tmp_path / "clamd.sock", stream_max_bytes=100_000, on_progress=told.append)
    scanner = ClamdScanner(socket_path=str(own.socket_path), timeout_seconds=5)
    try:
        assert scanner.scan(io.BytesIO(EICAR)).is_infected
        with pytest.raises(ScannerUnavailable):
            scanner.scan(io.BytesIO(os.urandom(5_000_000)))
    finally:
        own.stop()

    assert told[-1] == f"clamd answers on 127.0.0.1:{own.port}"
    assert not own.is_running
    for silent in (scanner, ClamdScanner(port=own.port, timeout_seconds=5)):
        assert not silent.status().is_up
        with pytest.raises(ScannerUnavailable):
            silent.scan(io.BytesIO(b"Ada"))


def test_a_taken_port_and_a_failing_clamd_are_told_clearly(running_clamd: RunningClamd, tmp_path: Path) -> None:
    with pytest.raises(clamav.ClamdNotStarted, match="is taken"):
        clamav.start(tmp_path, port=running_clamd.port)
    (tmp_path / "signatures").mkdir()
    (tmp_path / "signatures" / "broken.ndb").write_text("no signature\n")
    with pytest.raises(clamav.ClamdNotStarted, match="ended at once"):
        clamav.start(tmp_path)


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


@pytest.mark.parametrize(
    "signature", ["Heuristics.Limits.Exceeded.MaxFileSize", "Heuristics.Encrypted.PDF", "Heuristics.Encrypted.Zip"]
)
def test_a_look_that_did_not_reach_the_end_is_no_verdict(signature: str) -> None:
    with pytest.raises(ScanIncomplete) as caught:
        read_answer(f"stream: {signature} FOUND")

    assert (caught.value.reason, caught.value.retries) == (signature, False)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("ClamAV 1.4.6/27500/Mon Nov 24 08:30:00 2025", ("ClamAV 1.4.6/27500", BUILT_AT)),
        ("ClamAV 1.4.6", ("ClamAV 1.4.6", None)),
        ("ClamAV 1.4.6/27500/some day", ("ClamAV 1.4.6/27500", None)),
    ],
)
def test_the_version_names_engine_and_age(answer: str, expected: tuple[str, datetime | None]) -> None:
    assert read_version(answer) == expected


@pytest.mark.parametrize("content", INFECTED.values(), ids=INFECTED)
def test_the_development_scanner_finds_eicar_wherever_it_hides(content: bytes) -> None:
    verdict = EicarOnlyScanner("local").scan(io.BytesIO(content))

    assert verdict.is_infected
    assert "EICAR only" in verdict.engine


@pytest.mark.parametrize("content", CLEAN.values(), ids=CLEAN)
def test_the_development_scanner_lets_ordinary_files_pass(content: bytes) -> None:
    assert not EicarOnlyScanner("local").scan(io.BytesIO(content)).is_infected


@pytest.mark.parametrize("content", [nested(EICAR, 4), encrypted_zip(), zip_file({"a": b"a"})[:-5]])
def test_the_development_scanner_gives_no_verdict_on_what_it_cannot_unpack(content: bytes) -> None:
    with pytest.raises(ScanIncomplete):
        EicarOnlyScanner("local").scan(io.BytesIO(content))


def test_the_development_scanner_says_what_it_is() -> None:
    scanner: Scanner = EicarOnlyScanner("local")

    assert "protects against nothing" in scanner.status().detail


@pytest.mark.parametrize("environment", ["dev", "staging", "production", ""])
def test_the_development_scanner_refuses_to_exist_elsewhere(environment: str) -> None:
    with pytest.raises(ValueError, match="protects against nothing"):
        EicarOnlyScanner(environment)
