"""Time for queues: as it passes, or by hand."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """The time of day, in seconds since the epoch, and waiting."""

    def now(self) -> float: ...
    def wait(self, condition: threading.Condition, seconds: float) -> None: ...


class WallClock:
    """Time as it passes."""

    def now(self) -> float:
        return time.time()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(seconds)


@dataclass(slots=True)
class HandClock:
    """Time that passes by hand, and at once for whoever waits."""

    seconds: float = 1_800_000_000.0

    def now(self) -> float:
        return self.seconds

    def pass_by(self, seconds: float) -> None:
        self.seconds += seconds

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        # Never by so little that adding it changes nothing.
        self.seconds += max(seconds, 0.001)
