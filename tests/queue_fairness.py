"""Whose messages a standard queue delivers first when some group is a noisy neighbour.

As documented for Amazon SQS fair queues: a group is noisy that has more than 10 % of all messages in flight and at
least 30 of them, or that recently took more than 10 % of the consumers' time. Messages of quiet groups go first, then
those of the noisy group with the fewest in flight. A group is quiet again when its backlog is gone, or when it has
sent nothing for five minutes. How long "recently" is is not documented: here the memory of it halves every minute.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

NOISY_SHARE = 0.1
NOISY_IN_FLIGHT = 30
QUIET_AFTER_SECONDS = 300
HALF_LIFE_SECONDS = 60


class Ready(Protocol):
    """A message in a row: whether it still waits there, and since which turn."""

    turn: int

    @property
    def is_ready(self) -> bool: ...


M = TypeVar("M", bound=Ready)


@dataclass(slots=True)
class Busy:
    """Consumers' time, of which ever less is remembered."""

    seconds: float = 0.0
    at: float = 0.0

    def spend(self, seconds: float, now: float) -> None:
        self.seconds, self.at = self.recent(now) + seconds, now

    def recent(self, now: float) -> float:
        past: float = 0.5 ** ((now - self.at) / HALF_LIFE_SECONDS) if now > self.at else 1.0
        return self.seconds * past


@dataclass(slots=True)
class Share:
    """What all groups of a queue have together."""

    in_flight: int = 0
    busy: Busy = field(default_factory=Busy)


@dataclass(slots=True)
class Group(Generic[M]):
    """The messages of one group that may be received, and what makes it noisy."""

    name: str
    can_be_noisy: bool
    ready: deque[M] = field(default_factory=deque)
    ready_count: int = 0
    in_flight: int = 0
    busy: Busy = field(default_factory=Busy)
    sent_at: float = 0.0
    is_noisy: bool = False
    queued: tuple[int, int, int] | None = None
    """The rank by which the group last queued up for its turn, while that holds its place."""

    @property
    def rank(self) -> tuple[int, int, int]:
        """Lowest first. Only of a group that has something ready."""
        while not self.ready[0].is_ready:
            self.ready.popleft()
        return int(self.is_noisy), self.in_flight if self.is_noisy else 0, self.ready[0].turn

    def append(self, message: M) -> None:
        self.ready.append(message)
        self.ready_count += 1

    def pop(self, *, newest: bool = False) -> M:
        """The oldest message, or the newest."""
        while True:
            message = self.ready.pop() if newest else self.ready.popleft()
            if message.is_ready:
                self.ready_count -= 1
                return message

    def judge(self, share: Share, now: float) -> None:
        """Decide anew whether the group is noisy."""
        if not self.can_be_noisy or not self.ready_count or now - self.sent_at > QUIET_AFTER_SECONDS:
            self.is_noisy = False
            return
        self.is_noisy = self.is_noisy or self._crowds(share) or self._is_slow(share, now)

    def _crowds(self, share: Share) -> bool:
        return self.in_flight >= NOISY_IN_FLIGHT and self.in_flight > NOISY_SHARE * share.in_flight

    def _is_slow(self, share: Share, now: float) -> bool:
        return bool(self.busy.seconds) and self.busy.recent(now) > NOISY_SHARE * share.busy.recent(now)
