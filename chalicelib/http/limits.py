"""How often somebody may ask: counted in PostgreSQL by the statement that admits them, the same for all containers.

While counting fails and the rest of the database works, whoever is signed in is served uncounted, and so is who only
reads; a stranger who wants to write is refused, since guessing is what the limit is there against.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chalicelib import db, metrics
from chalicelib.auth.attempts import network_of
from chalicelib.db import DatabaseUnavailable
from chalicelib.errors import TooManyRequests, Unavailable
from chalicelib.logs import log
from chalicelib.prepared import Prepared
from chalicelib.settings import parse_rate, settings

LOCK_NOT_AVAILABLE = "55P03"
COUNTERS_ANSWER = Prepared(sa.text("select counters_answer()"))
NAME = "default"
# What a call weighs that works harder than one row or one page: a search through everybody, all of it in a file.
SEARCH, EXPORT = 5, 20


class LimiterUnavailable(Unavailable):
    """Requests cannot be counted now, and this is not done uncounted."""

    code = "limiter_unavailable"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request may take from whose counter. Counters are named by hashes, so that they hold no addresses; that
    of an API key (`key_bucket`) is used once the key is known, the other one for whoever makes keys up."""

    bucket: str | None
    key_bucket: str | None
    limit: int
    window_seconds: int
    cost: int

    @classmethod
    def of(cls, address: str, cost: int, *, user_id: UUID | None, key_id: UUID | None) -> Self:
        """For the user who is signed in, for the key that somebody shows, or else for their network."""
        limit, window_seconds = parse_rate(settings().rate_limit_default)
        if not settings().rate_limit_enabled:
            return cls(None, None, limit, window_seconds, cost)
        bucket = _hash(f"user:{user_id}" if user_id else f"address:{network_of(address)}")
        return cls(bucket, _hash(f"api_key:{key_id}") if key_id else None, limit, window_seconds, cost)

    def parameters(self) -> dict[str, Any]:
        """What `admit_caller` takes of it."""
        return {
            "bucket": self.bucket,
            "key_bucket": self.key_bucket,
            "limit": self.limit,
            "window_seconds": self.window_seconds,
            "cost": self.cost,
        }


UNCOUNTED = {"bucket": None, "key_bucket": None, "limit": None, "window_seconds": None, "cost": None}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the database said of a request, and whether it was counted."""

    row: Any
    is_counted: bool
    headers: dict[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raises TooManyRequests."""
        if self.row is not None and self.row.is_over:
            raise too_many(self.row.reset_seconds)

    def check_counted(self) -> None:
        """Raises LimiterUnavailable when the request should have been counted and could not be."""
        if not self.is_counted:
            raise LimiterUnavailable("requests cannot be counted now; try again")


def ask(statement: Prepared, parameters: dict[str, Any], allowance: Allowance, *, is_needed: bool) -> Asked:
    """Ask the database who asks and count it, in one statement. `is_needed` says that there is no going on without an
    answer. Raises TooManyRequests for who holds up their own counter, and DatabaseUnavailable."""
    try:
        row = db.ask_alone(statement, {**parameters, **allowance.parameters()})
    except (DatabaseUnavailable, DBAPIError) as error:
        if allowance.bucket is None:
            raise
        return _uncounted(statement, parameters, error, is_needed=is_needed)
    return Asked(row, True, rate_headers(allowance, row) if allowance.bucket is not None else {})


def _uncounted(statement: Prepared, parameters: dict[str, Any], error: Exception, *, is_needed: bool) -> Asked:
    state = db.state_behind(error)
    if state == LOCK_NOT_AVAILABLE and db.ask_alone(COUNTERS_ANSWER, {})[0]:
        # Counters work, and only this one is never free: whoever it belongs to asks many times at once.
        raise too_many(1) from error
    log.error("limiter_unavailable", limiter="requests", reason=state or type(error).__name__)
    metrics.count("limiter_unavailable", limiter="requests")
    if not is_needed:
        return Asked(None, False)
    if state is None:
        raise error
    return Asked(db.ask_alone(statement, {**parameters, **UNCOUNTED}), False)


def _hash(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()[:32]


def rate_headers(allowance: Allowance, row: Any) -> dict[str, str]:
    """RateLimit fields of draft-ietf-httpapi-ratelimit-headers-11."""
    left = max(allowance.limit - (row.used or 0), 0)
    return {
        "RateLimit-Policy": f'"{NAME}";q={allowance.limit};w={allowance.window_seconds}',
        "RateLimit": f'"{NAME}";r={left};t={row.reset_seconds}',
    }


def too_many(reset_seconds: int) -> TooManyRequests:
    """The refusal of who is over their rate."""
    return TooManyRequests("too many requests; come back a little later", retry_after_seconds=reset_seconds)
