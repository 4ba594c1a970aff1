"""How often mails may be asked for, the same for all containers."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.errors import TooManyRequests
from chalicelib.settings import parse_rate, settings

COUNT = sa.text("select used, reset_seconds from count_request(:bucket, :window_seconds)")


def is_within(session: Session, subject: str, rate: str) -> bool:
    """Count one of `subject`; False when it is more than `rate` allows."""
    return _seconds_to_wait(session, subject, rate) == 0


def check(session: Session, subject: str, rate: str) -> None:
    """Count one of `subject`; raises TooManyRequests when it is more than `rate` allows. What is refused is rolled
    back, and so counts for nothing."""
    seconds = _seconds_to_wait(session, subject, rate)
    if seconds:
        raise TooManyRequests("too many invitations; come back later", retry_after_seconds=seconds)


def _seconds_to_wait(session: Session, subject: str, rate: str) -> int:
    if not settings().rate_limit_enabled:
        return 0
    limit, window_seconds = parse_rate(rate)
    # Hashed, so that the counters hold no addresses.
    bucket = hashlib.sha256(subject.encode()).hexdigest()[:32]
    row = session.execute(COUNT, {"bucket": bucket, "window_seconds": window_seconds}).one()
    return max(row.reset_seconds, 1) if row.used > limit else 0
