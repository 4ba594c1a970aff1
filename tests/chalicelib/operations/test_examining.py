"""Several parts are asked at once: whatever they do, everybody is answered in time, and nothing piles up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime

from chalicelib.clock import utc_now
from chalicelib.errors import Unavailable
from chalicelib.operations.examining import Examiner, Fields, Kept


@contextmanager
def hanging() -> Iterator[tuple[threading.Event, list[str]]]:
    """Lets checks hang until the event is set, at the end at the latest; and the names of those that began."""
    go_on = threading.Event()
    yield go_on, []
    go_on.set()
    while any(thread.name.startswith("health") for thread in threading.enumerate()):
        time.sleep(0.01)


def well(_now: datetime) -> Fields:
    return {"latency_ms": 1}


def test_a_check_that_hangs_is_not_started_a_second_time() -> None:
    examiner = Examiner()
    with hanging() as (go_on, begun):

        def stuck(_now: datetime) -> Fields:
            begun.append("stuck")
            go_on.wait()
            return {}

        answers = [examiner.ask(utc_now(), {"stuck": stuck, "well": well}) for _ in range(2)]

    assert begun == ["stuck"]
    for answer in answers:
        assert answer["stuck"] == {"status": "down", "detail": "no answer within 1.5 s"}
        assert answer["well"] == {"status": "up", "latency_ms": 1}


def test_the_failure_of_a_check_that_began_long_ago_says_nothing_of_now() -> None:
    examiner, failures = Examiner(), [Unavailable("the connection was lost while the process was frozen")]
    with hanging() as (go_on, _):

        def once_frozen(_now: datetime) -> Fields:
            go_on.wait()
            if failures:
                raise failures.pop()
            return {}

        first = examiner.ask(utc_now(), {"database": once_frozen})
        threading.Timer(0.1, go_on.set).start()
        second = examiner.ask(utc_now(), {"database": once_frozen})

    assert first["database"]["status"] == "down"
    assert second["database"] == {"status": "up"}


def test_a_crowd_shares_what_one_makes() -> None:
    kept, made, key = Kept[object, int](5), [], object()

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: kept.get(key, make), range(50)))

    assert answers == [1] * 50


def test_what_is_kept_is_made_anew_when_it_is_old_or_for_another() -> None:
    kept, key, numbers = Kept[object, int](0.05), object(), iter(range(9))

    def make() -> int:
        return next(numbers)

    assert [kept.get(key, make), kept.get(key, make)] == [0, 0]
    time.sleep(0.06)
    assert kept.get(key, make) == 1
    assert kept.get(object(), make) == 2


def test_what_cannot_be_made_is_tried_again_by_the_next() -> None:
    kept, key = Kept[object, int](5), object()

    def broken() -> int:
        raise ZeroDivisionError

    with suppress(ZeroDivisionError):
        kept.get(key, broken)
    assert kept.get(key, lambda: 1) == 1
