"""The messages of one queue: which of them may be received now, and whose turn it is.

Every operation costs O(log n) at most. Heaps keep entries that have been overtaken; each is dropped when it surfaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from heapq import heapify, heappop, heappush

from tests.queue_fairness import Group, Share

UNGROUPED = ""


class State(IntEnum):
    READY = 0
    DELAYED = 1
    IN_FLIGHT = 2
    GONE = 3


@dataclass(slots=True, eq=False)
class Stored:
    """A message as the queue keeps it. Times are seconds since the epoch; `key` is unique, `message_id` is not, since
    a copy of a message has the same. `version` grows with every change of state."""

    key: int
    message_id: str
    body: str
    group: str
    sent_at: float
    state: State = State.GONE
    version: int = 0
    turn: int = 0
    receive_count: int = 0
    first_received_at: float | None = None
    received_at: float = 0.0
    receipt: str | None = None
    source: str | None = None
    """The queue that the message was moved away from after too many receives."""

    @property
    def is_ready(self) -> bool:
        return self.state is State.READY


class QueueStore:
    """One queue's messages by state. Not safe for threads: the double holds its lock."""

    def __init__(self, retention_seconds: float) -> None:
        self.retention_seconds = retention_seconds
        self.counts = [0 for _ in State]
        """How many messages there are, by state."""
        self._messages: dict[int, Stored] = {}
        self._groups: dict[str, Group[Stored]] = {}
        self._share = Share()
        self._turns: list[tuple[tuple[int, int, int], str]] = []
        self._waking: list[tuple[float, int, int]] = []
        self._expiring: list[tuple[float, int]] = []
        self._turn = 0

    def add(self, message: Stored, *, visible_at: float, now: float) -> None:
        """Store a message that may be received from `visible_at` on."""
        self._messages[message.key] = message
        self._group(message).sent_at = now
        heappush(self._expiring, (message.sent_at + self.retention_seconds, message.key))
        if visible_at > now:
            self._sleep(message, State.DELAYED, visible_at)
        else:
            self._ready(message, now)

    def advance(self, now: float) -> None:
        """Let happen what time alone brings about: messages show themselves, and those past retention are gone."""
        while self._waking and self._waking[0][0] <= now:
            at, key, version = heappop(self._waking)
            message = self._messages.get(key)
            if message is not None and message.version == version:
                self._ready(message, at)
        while self._expiring and self._expiring[0][0] <= now:
            expired = self._messages.get(heappop(self._expiring)[1])
            if expired is not None:
                self.drop(expired, now)

    def take(self, *, newest: bool = False) -> Stored | None:
        """A message that may be received, of the group whose turn it is; the caller holds or drops it at once."""
        while self._turns:
            rank, name = heappop(self._turns)
            group = self._groups[name]
            if rank == group.queued:
                group.queued = None
            if group.ready_count and rank == group.rank:
                message = group.pop(newest=newest)
                self._change(message, State.GONE)
                return message
        return None

    def hold(self, message: Stored, until: float, now: float) -> None:
        """Put a taken message in flight, or keep one in flight for another while."""
        is_new = message.state is not State.IN_FLIGHT
        self._sleep(message, State.IN_FLIGHT, until)
        if is_new:
            group = self._group(message)
            group.in_flight += 1
            self._queue_up(group, now)

    def release(self, message: Stored, now: float) -> None:
        """Let a message in flight be received again at once."""
        self._ready(message, now)

    def drop(self, message: Stored, now: float) -> None:
        """Forget a message, whatever its state."""
        before = message.state
        self._change(message, State.GONE)
        self._messages.pop(message.key, None)
        if before is State.READY:
            self._group(message).ready_count -= 1
        elif before is State.IN_FLIGHT:
            self._land(message, now)
        self._queue_up(self._group(message), now)

    def find(self, key: int) -> Stored | None:
        """The message of this key, if it is here."""
        return self._messages.get(key)

    def all(self) -> list[Stored]:
        """Every message, in the order of arrival."""
        return list(self._messages.values())

    @property
    def next_change_at(self) -> float | None:
        """When the next message may show itself; it may also turn out that none does."""
        return self._waking[0][0] if self._waking else None

    def _sleep(self, message: Stored, state: State, until: float) -> None:
        self._change(message, state)
        heappush(self._waking, (until, message.key, message.version))

    def _ready(self, message: Stored, now: float) -> None:
        before = message.state
        self._change(message, State.READY)
        if before is State.IN_FLIGHT:
            self._land(message, now)
        self._turn += 1
        message.turn = self._turn
        group = self._group(message)
        group.append(message)
        self._queue_up(group, now)

    def _land(self, message: Stored, now: float) -> None:
        group = self._group(message)
        group.in_flight -= 1
        group.busy.spend(now - message.received_at, now)
        self._share.busy.spend(now - message.received_at, now)

    def _change(self, message: Stored, state: State) -> None:
        self.counts[message.state] -= 1
        self.counts[state] += 1
        message.state = state
        message.version += 1

    def _group(self, message: Stored) -> Group[Stored]:
        group = self._groups.get(message.group)
        if group is None:
            group = self._groups[message.group] = Group(message.group, can_be_noisy=message.group != UNGROUPED)
        return group

    def _queue_up(self, group: Group[Stored], now: float) -> None:
        self._share.in_flight = self.counts[State.IN_FLIGHT]
        group.judge(self._share, now)
        if not group.ready_count:
            return
        rank = group.rank
        if rank != group.queued:
            heappush(self._turns, (rank, group.name))
            group.queued = rank
        if len(self._turns) > 4 * len(self._groups) + 64:
            self._queue_up_anew()

    def _queue_up_anew(self) -> None:
        self._turns = []
        for group in self._groups.values():
            group.queued = group.rank if group.ready_count else None
            if group.queued is not None:
                self._turns.append((group.queued, group.name))
        heapify(self._turns)
