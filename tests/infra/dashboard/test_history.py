"""The last hour outlives the dashboard, and its file does not grow for good."""

from __future__ import annotations

from pathlib import Path

from infra.dashboard.history import History
from infra.dashboard.samples import Sample


def of(path: Path) -> History:
    return History(path, seconds=100, most=10)


def test_what_was_seen_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "none yet" / "dashboard.jsonl"
    first = of(path)
    first.add(Sample(1.0, {"job_queue_depth": {"high": 2.0}}, None))
    first.add(Sample(2.0, None, None))

    assert of(path).samples(now=3.0) == [Sample(1.0, {"job_queue_depth": {"high": 2.0}}, None), Sample(2.0, None, None)]


def test_what_is_older_than_the_window_is_not_told(tmp_path: Path) -> None:
    history = of(tmp_path / "dashboard.jsonl")
    for at in (0.0, 50.0, 120.0):
        history.add(Sample(at, None, None))

    assert [each.at for each in history.samples(now=120.0)] == [50.0, 120.0]


def test_the_file_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.jsonl"
    history = of(path)
    for at in range(1000):
        history.add(Sample(float(at), None, None))

    assert len(path.read_text().splitlines()) <= 20
    assert [each.at for each in of(path).samples(now=999.0)] == [float(at) for at in range(990, 1000)]


def test_a_line_that_was_cut_off_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.jsonl"
    of(path).add(Sample(1.0, None, None))
    with path.open("a") as file:
        file.write('{"at": 2.0, "met')

    again = of(path)
    again.add(Sample(3.0, None, None))

    assert [each.at for each in of(path).samples(now=3.0)] == [1.0, 3.0]
