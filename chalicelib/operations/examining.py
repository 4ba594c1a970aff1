"""Asking several parts at once with one deadline, whatever they do: raise, answer late, or never."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from datetime import datetime
from typing import Any, Generic, TypeVar

from chalicelib.logs import log

DEADLINE_SECONDS = 1.5
Fields = dict[str, Any]
Check = Callable[[datetime], Fields]
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Examiner:
    """Runs checks by name, each in a thread of its own and never in two at once: a check that hangs is not started
    again before it has ended, so however often somebody asks there are no more threads than checks. `without_answer`
    is what is said of a check that breaks or is late, above that it is down."""

    def __init__(self, without_answer: Mapping[str, Fields] | None = None) -> None:
        self._without_answer = without_answer or {}
        self._guard = threading.Lock()
        self._running: dict[str, Future[Fields]] = {}

    def ask(self, now: datetime, checks: Mapping[str, Check]) -> dict[str, Fields]:
        """What each check says, within 1.5 s: its fields with `status` "up" unless they say otherwise; "down" with the
        `detail` of its error, or when it is late."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        begun = {name: self._begin(name, check, now) for name, check in checks.items()}
        return {name: self._result(name, checks[name], now, deadline, *begun[name]) for name in checks}

    def _begin(self, name: str, check: Check, now: datetime) -> tuple[Future[Fields], bool]:
        """The running check, and whether it was begun for somebody else."""
        with self._guard:
            if name in self._running:
                return self._running[name], True
            future: Future[Fields] = Future()
            self._running[name] = future
        # A daemon: a process that ends does not wait for a part that hangs.
        threading.Thread(target=self._run, args=(name, check, now, future), name=f"health-{name}", daemon=True).start()
        return future, False

    def _run(self, name: str, check: Check, now: datetime, future: Future[Fields]) -> None:
        fields, error = None, None
        try:
            fields = check(now)
        except Exception as raised:
            error = raised
        with self._guard:
            del self._running[name]
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(fields or {})

    def _result(
        self, name: str, check: Check, now: datetime, deadline: float, future: Future[Fields], is_of_another: bool
    ) -> Fields:
        try:
            return {"status": "up", **future.result(timeout=max(0.0, deadline - time.monotonic()))}
        except Late:
            return self._no_answer(name, f"no answer within {DEADLINE_SECONDS} s")
        except Exception as error:
            if is_of_another:
                # It may have begun long ago, before Lambda froze this process: how things stand, it does not tell.
                return self._result(name, check, now, deadline, self._begin(name, check, now)[0], False)
            log.warning("health_check_failed", check=name, reason=type(error).__name__)
            return self._no_answer(name, getattr(error, "detail", "the check failed"))

    def _no_answer(self, name: str, detail: str) -> Fields:
        return {"status": "down", "detail": detail, **self._without_answer.get(name, {})}


class Kept(Generic[KeyT, ValueT]):
    """A value kept for some seconds, made by one thread while all others who want it wait."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._kept: tuple[KeyT, ValueT, float] | None = None

    def get(self, key: KeyT, make: Callable[[], ValueT]) -> ValueT:
        """The value made for this very `key`, or a new one."""
        with self._guard:
            # The time on the wall: the monotonic clock may stand still while Lambda keeps a container frozen.
            if self._kept is not None and self._kept[0] is key and 0 <= time.time() - self._kept[2] < self._seconds:
                return self._kept[1]
            value = make()
            self._kept = (key, value, time.time())
            return value
