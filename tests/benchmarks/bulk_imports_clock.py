"""How long something took: on the clock, and of the processors of this process and its database backend."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Took:
    """What one way took: seconds on the clock, and of this process's and its database backend's processor."""

    rows: int
    seconds: float
    cpu_seconds: float

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds

    @property
    def cpu_us_per_row(self) -> float:
        return self.cpu_seconds / self.rows * 1e6


class timed:  # noqa: N801 - reads as a statement
    """Times what happens within: the clock, this process, and the backend of `connection` (the pool's own by
    default)."""

    def __init__(self, connection: sa.Connection | None = None) -> None:
        self._pid = _backend(connection)

    def __enter__(self) -> timed:
        self._began = time.perf_counter(), self._cpu()
        return self

    def __exit__(self, *_: object) -> None:
        began, cpu = self._began
        self.seconds, self.cpu_seconds = time.perf_counter() - began, self._cpu() - cpu

    def took(self, rows: int) -> Took:
        return Took(rows, self.seconds, self.cpu_seconds)

    def _cpu(self) -> float:
        return time.process_time() + _cpu_of(self._pid)


def _backend(connection: sa.Connection | None) -> int:
    from chalicelib import db

    query = sa.text("select pg_backend_pid()")
    if connection is not None:
        return int(connection.execute(query).scalar_one())
    # The pool gives out the connection that came back last: in one thread it is always the same.
    with db.engine().connect() as pooled:
        return int(pooled.execute(query).scalar_one())


def _cpu_of(pid: int) -> float:
    """Seconds of processor time that a process has used; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100
