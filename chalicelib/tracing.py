"""Which trace the work in hand belongs to, and what it has cost so far.

A trace begins with a request or a schedule and goes on through the jobs asked for, the messages that carry them, and
the mails and webhooks that they send, under one id of 32 hex digits (W3C Trace Context).
"""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter

TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
# Version 00 is 55 characters long, later ones may go on after them; ff is none, nor are ids of zeros alone.
TRACEPARENT = re.compile(
    r"(?:00(?=.{53}\Z)|(?!00|ff)[0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[ -~]*)?"
)
AMAZONS = re.compile(r"(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?=;|\Z)")
LONGEST_HEADER = 512
EVERY = 2**32
AROUND = frozenset({"begin transaction", "commit", "rollback"})
Tell = Callable[[str, float], None]


@dataclass(slots=True)
class Trace:
    """The request or the attempt in hand, as a part of its trace. One that `is_sampled` is logged in detail: `tell` is
    told of each statement and its seconds."""

    id: str
    is_sampled: bool = False
    statements: int = 0
    database_seconds: float = 0.0
    tell: Tell | None = None
    _began: float = field(default_factory=perf_counter)

    @property
    def ms(self) -> float:
        """Milliseconds since it began."""
        return round((perf_counter() - self._began) * 1000, 1)

    @property
    def database_ms(self) -> float:
        """Milliseconds of them in which the database was waited for and its answers were read."""
        return round(self.database_seconds * 1000, 1)


_current: ContextVar[Trace | None] = ContextVar("recruitpro_trace", default=None)
_cold = [True]


def current() -> Trace | None:
    """What is in hand."""
    return _current.get()


def trace_id() -> str | None:
    """The trace that the work in hand belongs to."""
    trace = _current.get()
    return trace.id if trace is not None else None


def new_id() -> str:
    """An id for a trace that begins here."""
    return secrets.token_hex(16)


def sane(text: object) -> str | None:
    """`text` when it is the id of a trace."""
    return text if isinstance(text, str) and TRACE_ID.fullmatch(text) else None


def asked_for(headers: Mapping[str, str]) -> str | None:
    """The trace that a caller's request belongs to, by `traceparent`, or else by what API Gateway made; None when no
    header says so in the form that it is to have."""
    parent = headers.get("traceparent", "").strip(" \t")
    found = TRACEPARENT.fullmatch(parent) if len(parent) <= LONGEST_HEADER else None
    if found:
        return found[1]
    amazons = headers.get("x-amzn-trace-id", "")
    root = AMAZONS.search(amazons) if len(amazons) <= LONGEST_HEADER else None
    return sane(root[1] + root[2]) if root else None


def traceparent() -> str | None:
    """The header for what is sent to others meanwhile."""
    trace = _current.get()
    # All we do is in our log, whence the 01: whoever sent this has recorded it.
    return f"00-{trace.id}-{secrets.randbits(64) | 1:016x}-01" if trace is not None else None


@contextmanager
def following(id_of_trace: str | None, *, sample_rate: float = 0.0) -> Iterator[Trace]:
    """Begin a request or an attempt of the given trace, of a new one without. A share of `sample_rate` (0 to 1) of all
    traces is sampled: the id decides, so that either all or nothing of a journey is."""
    trace = Trace(id_of_trace or new_id())
    trace.is_sampled = is_sampled(trace.id, sample_rate)
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def is_sampled(id_of_trace: str, sample_rate: float) -> bool:
    """Whether this trace is one of the share of `sample_rate` that is logged in detail."""
    return sample_rate > 0 and zlib.crc32(id_of_trace.encode()) < sample_rate * EVERY


def spent(statement: str, seconds: float) -> None:
    """Note time that the database took for a statement; what begins and ends a transaction counts for none."""
    trace = _current.get()
    if trace is None:
        return
    trace.database_seconds += seconds
    if statement not in AROUND:
        trace.statements += 1
    if trace.is_sampled and trace.tell is not None:
        trace.tell(statement, seconds)


def is_cold_start() -> bool:
    """True for the first one in this process that asks."""
    was, _cold[0] = _cold[0], False
    return was
