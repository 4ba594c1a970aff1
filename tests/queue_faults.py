"""Faults of a queue, drawn from a seed: the same seed and the same calls give the same faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Fault(StrEnum):
    """What a standard queue may do to its users, and what a network may do to a call."""

    DUPLICATE = "duplicate"
    """A received message is delivered once more, whatever becomes of the first delivery."""
    REORDERED = "reordered"
    """A batch holds the newest messages, in any order."""
    LATE = "late"
    """A sent message shows itself only after a while."""
    LOST_DELETE = "lost_delete"
    """A delete is acknowledged and the message comes again."""
    LOST_RECEIVE = "lost_receive"
    """The messages are in flight, and the answer that held them never arrived."""
    SENT_AND_FAILED = "sent_and_failed"
    """The messages are stored, and the sender is told that they are not."""
    NOT_SENT = "not_sent"
    """Nothing is stored, and the sender is told so."""
    DELAY_FAILED = "delay_failed"
    """The visibility of a message cannot be changed now."""


@dataclass(slots=True)
class Faults:
    """A plan: how likely each fault is at each occasion, from 0 to 1. `struck` counts what was done.

    Each fault draws from a stream of its own, so that adding one leaves the others where they were.
    """

    seed: int
    chances: Mapping[Fault, float] = field(default_factory=dict)
    late_seconds: float = 30.0
    struck: Counter[Fault] = field(default_factory=Counter)
    _streams: dict[Fault, Random] = field(init=False)

    def __post_init__(self) -> None:
        self._streams = {fault: Random(f"{self.seed} {fault}") for fault in Fault}

    def strikes(self, fault: Fault) -> bool:
        """Whether this occasion meets the fault."""
        chance = self.chances.get(fault, 0.0)
        if not chance or self._streams[fault].random() >= chance:
            return False
        self.struck[fault] += 1
        return True

    def seconds(self, fault: Fault, longest: float) -> float:
        """How long this one takes, up to `longest`."""
        return self._streams[fault].uniform(0, longest)

    def shuffle(self, items: list[T]) -> None:
        """Put `items` into another order."""
        self._streams[Fault.REORDERED].shuffle(items)
