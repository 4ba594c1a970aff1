"""No kind of job is left out of chaos."""

from __future__ import annotations

from chalicelib.jobs.models import JobKind
from chalicelib.jobs.registry import DONE_IN
from tests.chaos.kinds import KINDS


def test_chaos_knows_every_kind_of_job() -> None:
    unknown = [kind.value for kind in JobKind if kind not in KINDS]

    assert not unknown, f"say in tests/chaos/kinds.py how these are judged, and ask for them in ways.py: {unknown}"


def test_what_a_job_is_about_is_in_a_table_whose_rows_an_erasure_takes_along() -> None:
    assert set(DONE_IN) <= set(KINDS)
    assert {kind.about[1] for kind in KINDS.values() if kind.about} <= {"applications", "documents", "outreach"}
