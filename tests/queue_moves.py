"""Moves of messages out of dead-letter queues, at once or at a rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from tests.queue_jobs import Move, MoveStatus, QueueRefusal
from tests.queue_limits import refuse_unless

SendHome = Callable[[str, int, str | None, float], bool]
"""Source queue, key of the message, destination, time: whether it was moved."""


@dataclass(slots=True)
class _Task:
    move: Move
    started_at: float
    keys: list[int]
    """What is still to be moved, last first."""


class MoveTasks:
    """The tasks of a double, oldest first. Not safe for threads: the double holds its lock."""

    def __init__(self, send_home: SendHome) -> None:
        self._send_home = send_home
        self._tasks: dict[str, _Task] = {}

    def start(self, source: str, destination: str | None, per_second: float | None, keys: list[int], now: float) -> str:
        """Begin to move these messages; the handle. Refused while another task of this queue runs."""
        is_busy = any(move.is_running for move in self.of(source))
        refuse_unless(not is_busy, "UnsupportedOperation", "a move of this queue's messages is running")
        move = Move(uuid4().hex, source, destination, per_second, MoveStatus.RUNNING, 0, len(keys))
        self._tasks[move.handle] = _Task(move, now, keys[::-1])
        self.proceed(now)
        return move.handle

    def of(self, source: str) -> list[Move]:
        """The ten most recent moves out of a queue, newest first."""
        return [task.move for task in reversed(self._tasks.values()) if task.move.source == source][:10]

    def cancel(self, handle: str) -> int:
        """Stop a running move; how many messages it had moved."""
        task = self._tasks.get(handle)
        if task is None:
            raise QueueRefusal("ResourceNotFoundException", "there is no such move")
        refuse_unless(task.move.is_running, "UnsupportedOperation", "the move has ended")
        task.move = replace(task.move, status=MoveStatus.CANCELLED)
        return task.move.moved

    def proceed(self, now: float) -> None:
        """Move what the running tasks have had time for."""
        for task in self._tasks.values():
            if task.move.is_running:
                self._move_on(task, now)

    def _move_on(self, task: _Task, now: float) -> None:
        move, moved = task.move, task.move.moved
        rate = move.per_second
        due = move.to_move if rate is None else int((now - task.started_at) * rate)
        while task.keys and moved < due:
            if self._send_home(move.source, task.keys.pop(), move.destination, now):
                moved += 1
        status = MoveStatus.RUNNING if task.keys else MoveStatus.COMPLETED
        task.move = replace(move, status=status, moved=moved)
