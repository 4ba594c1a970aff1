"""How often somebody may try to sign in: counted in PostgreSQL by one function, the same for all containers.

An account has a budget for attempts from anywhere, a waiting time that doubles with each failure, and an address has a
budget too. An address from which the account has signed in before has both of its own: whoever tries from elsewhere can
delay strangers, and never the owner at home.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from chalicelib import metrics
from chalicelib.auth.keys import hashes_of
from chalicelib.db import DatabaseUnavailable
from chalicelib.errors import TooManyRequests, Unavailable
from chalicelib.logs import log
from chalicelib.settings import parse_rate, settings

FAMILIAR_FOR = timedelta(days=90)
ADMIT = sa.text("""
    select admit_sign_in(:account, :address, cast(:familiar as text[]), :limit, :window_seconds,
        :free, :first_delay_seconds, :longest_delay_seconds)
""")
FORGIVE = sa.text("select forgive_sign_in(:account, :address, cast(:familiar as text[]), :familiar_until)")


class SignInUnavailable(Unavailable):
    """Attempts cannot be counted now, so nobody is let try."""

    code = "limiter_unavailable"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whose password is tried and from where, as hashes; `familiar` is what this address may be remembered as."""

    account: str
    address: str
    familiar: tuple[str, ...]

    @classmethod
    def of(cls, email: str, address: str) -> Attempt:
        """An attempt on the account of `email` in its normal spelling."""
        network, account = network_of(address), _hash(f"account:{email}")
        return cls(account, _hash(f"address:{network}"), hashes_of(f"{account}:{network}", purpose="familiar address"))


def network_of(address: str) -> str:
    """Who shares an address: an IPv4 address, or an IPv6 network of 64 bits, of which every subscriber has one."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(IPv6Address(int(known) >> 64 << 64))
    return str(known)


def admit(session: Session, attempt: Attempt) -> None:
    """Count an attempt, or raise TooManyRequests with the time to wait. It is a failure until `forgive` is called.

    `session` acts as the role that signs people in, and is committed before the password is looked at.
    """
    config = settings()
    if not config.rate_limit_enabled:
        return
    limit, window_seconds = parse_rate(config.rate_limit_login)
    parameters = {
        **_subjects(attempt),
        "limit": limit,
        "window_seconds": window_seconds,
        "free": config.login_free_failures,
        "first_delay_seconds": config.login_delay_seconds,
        "longest_delay_seconds": config.login_delay_max_seconds,
    }
    wait_seconds = session.execute(ADMIT, parameters).scalar_one()
    if wait_seconds:
        log.info("sign_in_delayed", wait_seconds=wait_seconds)
        metrics.count("sign_in_delayed")
        raise _too_many(limit, window_seconds, wait_seconds)


def forgive(session: Session, attempt: Attempt, now: datetime) -> None:
    """The attempt was right: forget the failures before it, and keep its address as familiar to the account."""
    if settings().rate_limit_enabled:
        session.execute(FORGIVE, {**_subjects(attempt), "familiar_until": now + FAMILIAR_FOR})


@contextmanager
def or_nobody() -> Iterator[None]:
    """Let nobody try while attempts cannot be counted, and say so: raises SignInUnavailable."""
    try:
        yield
    except (SQLAlchemyError, DatabaseUnavailable, OSError) as error:
        log.error("limiter_unavailable", limiter="sign_in", reason=type(error).__name__)
        metrics.count("limiter_unavailable", limiter="sign_in")
        raise SignInUnavailable("signing in is not possible now; try again") from error


def _subjects(attempt: Attempt) -> dict[str, object]:
    return {"account": attempt.account, "address": attempt.address, "familiar": list(attempt.familiar)}


def _hash(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()


def _too_many(limit: int, window_seconds: int, wait_seconds: int) -> TooManyRequests:
    error = TooManyRequests("too many attempts to sign in; come back later", retry_after_seconds=wait_seconds)
    error.headers["RateLimit-Policy"] = f'"login";q={limit};w={window_seconds}'
    error.headers["RateLimit"] = f'"login";r=0;t={wait_seconds}'
    return error
