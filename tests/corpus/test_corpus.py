from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.documents.scanner import ClamdScanner
from chalicelib.settings import read
from infra.local.clamav import RunningClamd
from tests.clamd import running_clamd as running_clamd
from tests.corpus import clean, evasion, looks, report
from tests.corpus.looks import Outcome
from tests.corpus.sample import Expected, Sample, honest
from tests.corpus.sample import evasion as made_to_evade

SEED, HONEST = 2026, 60


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return evasion.samples() + clean.samples(HONEST, SEED)


def test_the_corpus_is_large_named_and_the_same_each_time(samples: list[Sample]) -> None:
    made = [sample for sample in samples if sample.expected is not Expected.CLEAN]

    assert len(made) >= 200
    assert len({(sample.family, sample.name) for sample in made}) == len(made)
    # Office files and archives tell when they were written.
    once, again = ([_fixed(sample) for sample in clean.samples(40, 5)] for _ in range(2))
    assert once == again


def _fixed(sample: Sample) -> tuple[str, bytes]:
    return sample.name, sample.content if sample.family in ("PDF", "text", "picture") else b""


def test_nothing_made_to_evade_ends_clean_and_nothing_honest_is_stopped(
    running_clamd: RunningClamd, samples: list[Sample], tmp_path: Path
) -> None:
    scanner, settings = ClamdScanner(port=running_clamd.port), read({})

    outcomes = [looks.look(sample, scanner, settings) for sample in samples]

    assert [(one.sample.family, one.sample.name) for one in outcomes if one.is_fail_open] == []
    # What is known and accepted: objects that are packed and encrypted cannot be looked at.
    alarms = {(one.sample.name, one.why) for one in outcomes if one.is_false_alarm}
    assert alarms <= {("locked for changes, objects packed", "parts_locked")}
    found = {one.status for one in outcomes}
    assert found == {"clean", "infected", "rejected"}


@pytest.mark.parametrize(
    ("expected", "alarms", "status", "is_good"),
    [
        (made_to_evade, 0, "rejected", True),
        (made_to_evade, 0, "clean", False),
        (honest, 1, "rejected", False),
        (honest, 0, "clean", True),
    ],
)
def test_the_report_is_bad_when_one_passed_or_alarms_are_frequent(
    expected: object, alarms: int, status: str, is_good: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    assert callable(expected)
    sample = expected("family", "name", "cv.txt", b"Ada")

    console = Console(width=200)
    assert report.show(console, [Outcome(sample, status, "", 1.0, 2.0)], seed=1) is is_good
    assert "a signature of EICAR alone" in capsys.readouterr().out
