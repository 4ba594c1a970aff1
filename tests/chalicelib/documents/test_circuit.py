"""A clamd that fails several times in a row is left alone for a while, and asked a question before it gets a file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from chalicelib import clients
from chalicelib.documents.circuit import Circuit, CircuitState, GuardedScanner
from chalicelib.documents.scanner import (
    EicarOnlyScanner,
    ScanIncomplete,
    ScannerStatus,
    ScannerUnavailable,
    ScanVerdict,
)
from chalicelib.operations import health
from infra.local import delivery
from tests import samples
from tests.api import ApiClient
from tests.factories import upload
from tests.fakes import closed_port
from tests.house import Cloud

UP, DOWN = ScannerStatus(True, "ClamAV", None, "up"), ScannerStatus(False, None, None, "down")


@dataclass(slots=True)
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Scanner:
    """Answers as told; counts how often it was asked for a verdict."""

    failure: Exception | None = None
    is_up: bool = True
    asked: int = 0
    clean: ScanVerdict = field(default_factory=lambda: ScanVerdict(False, None, "ClamAV", None))

    def scan(self, _stream: BinaryIO) -> ScanVerdict:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.clean

    def status(self) -> ScannerStatus:
        return UP if self.is_up else DOWN


def fail(guarded: GuardedScanner, times: int = 1) -> str:
    for _ in range(times):
        with pytest.raises(ScannerUnavailable) as caught:
            guarded.scan(io.BytesIO(b"Ada"))
    return caught.value.reason


def test_after_failures_in_a_row_it_is_not_asked_and_then_asked_a_question_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock, scanner = Clock(), Scanner(ScannerUnavailable("no answer in time"))
    guarded = GuardedScanner(scanner, Circuit(3, 30, clock=clock))

    fail(guarded, 3)
    assert scanner.asked == 3
    assert "not asked for a while after 3 failures" in fail(guarded, 5)
    assert (scanner.asked, guarded.status().circuit) == (3, "open")

    clock.now += 30
    assert guarded.status().circuit == CircuitState.HALF_OPEN
    scanner.is_up = False
    assert "still does not answer" in fail(guarded)
    assert (scanner.asked, guarded.status().circuit) == (3, "open")

    clock.now += 31
    scanner.is_up, scanner.failure = True, None
    assert not guarded.scan(io.BytesIO(b"Ada")).is_infected
    assert (scanner.asked, guarded.status().circuit) == (4, "closed")
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "scanner_circuit" in line]
    states = [line["state"] for line in counted if "_aws" in line]
    assert states == ["open", "open", "closed"]


def test_one_answer_begins_the_count_anew_and_a_documents_own_fault_is_not_counted() -> None:
    clock, scanner = Clock(), Scanner(ScannerUnavailable("no answer in time"))
    guarded = GuardedScanner(scanner, Circuit(2, 30, clock=clock))
    about_document = ScannerUnavailable("the file is above its StreamMaxLength", is_about_document=True)

    for failure in (ScannerUnavailable("reset"), about_document, about_document):
        scanner.failure = failure
        fail(guarded)
    assert guarded.status().circuit == "closed"
    scanner.failure = ScanIncomplete("Heuristics.Encrypted.Zip")
    with pytest.raises(ScanIncomplete):
        guarded.scan(io.BytesIO(b"Ada"))
    scanner.failure = ScannerUnavailable("reset")
    fail(guarded)
    assert guarded.status().circuit == "closed", "an answer, whatever it said, showed that clamd works"
    fail(guarded)
    assert guarded.status().circuit == "open"


def test_a_clock_that_was_set_back_does_not_keep_it_open() -> None:
    clock, scanner = Clock(), Scanner(ScannerUnavailable("reset"))
    guarded = GuardedScanner(scanner, Circuit(1, 30, clock=clock))
    fail(guarded)
    clock.now -= 5000

    scanner.failure = None
    assert not guarded.scan(io.BytesIO(b"Ada")).is_infected


def test_a_paused_scanner_still_has_no_clean_verdict_for_malware() -> None:
    scanner = EicarOnlyScanner("local")
    guarded = GuardedScanner(scanner, Circuit(1, 30))

    assert guarded.scan(io.BytesIO(samples.eicar())).is_infected


def test_documents_wait_behind_an_open_circuit_health_says_so_and_they_are_scanned_when_it_closes(
    api: ApiClient, cloud: Cloud, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(scanner="clamd", clamd_port=str(closed_port()), clamd_failures_before_pause="2")
    documents = [upload(api, cloud, "cv.txt", b"Ada Lovelace, engineer", kind="cover_letter") for _ in range(2)]
    sqs, scan = cloud.client("sqs"), cloud.source("scan")
    for _ in range(3):
        delivery.deliver(sqs, scan, delivery.take_batch(sqs, scan, wait_seconds=1), retry_seconds=0)

    checks = health.examine(checks={"scanner": health.CHECKS["scanner"]}).checks
    assert (checks["scanner"]["status"], checks["scanner"]["circuit"]) == ("down", "open")
    assert {api.get(f"/api/documents/{each}").json["status"] for each in documents} == {"scanning"}

    monkeypatch.setattr(clients, "scanner", lambda: EicarOnlyScanner("local"))
    cloud.drain()
    assert {api.get(f"/api/documents/{each}").json["status"] for each in documents} == {"clean"}
