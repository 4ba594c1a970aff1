from __future__ import annotations

import io
import os
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

BUILT_AT = datetime(2025, 11, 24, 8, 30, tzinfo=UTC)


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
    "pdf that may not be printed": pdf_file(password=""),
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


@pytest.mark.parametrize("content", [encrypted_zip(), pdf_file(password="secret")], ids=["zip", "pdf"])
def test_a_password_is_no_verdict(scanner: ClamdScanner, content: bytes) -> None:
    with pytest.raises(ScanIncomplete) as caught:
        scanner.scan(io.BytesIO(content))

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
