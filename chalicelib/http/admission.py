"""Who asks, whether that sign-in still stands, and whether they ask too often: one statement for all three."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

import sqlalchemy as sa

from chalicelib import db
from chalicelib.auth import tokens
from chalicelib.auth.tokens import Claims
from chalicelib.errors import Forbidden, TooManyRequests, Unauthenticated
from chalicelib.http.requests import Request
from chalicelib.settings import parse_rate, settings

ADMIT = sa.text("select * from admit(:organization_id, :sign_in_id, :bucket, :window_seconds)")


class Access(IntEnum):
    """What a route asks of its caller; each role may do all that the ones below it may."""

    PUBLIC = 0
    VIEWER = 1
    RECRUITER = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user, with the role that the database holds now and not the one of an old token."""

    user_id: UUID
    organization_id: UUID
    sign_in_id: UUID
    role: Access
    name: str


@dataclass(frozen=True, slots=True)
class Admission:
    """The caller (None when nobody is signed in) and the headers that tell them their rate."""

    caller: Caller | None
    headers: dict[str, str]


class NotYourRole(Forbidden):
    """The caller's role does not reach so far."""

    code = "role_not_sufficient"


def admit(request: Request, access: Access) -> Admission:
    """Let a request in. Raises Unauthenticated, Forbidden, TooManyRequests or DatabaseUnavailable."""
    claims, refusal = _claims(request, access)
    limit, window_seconds = parse_rate(settings().rate_limit_default)
    bucket = _bucket(claims, request.address) if settings().rate_limit_enabled else None
    row = _ask(claims, bucket, window_seconds)
    headers = {}
    if bucket is not None:
        headers = rate_headers("default", limit, window_seconds, row.used, row.reset_seconds)
        if row.used > limit:
            raise _too_many(row.reset_seconds, headers)
    if refusal is not None:
        raise _with_headers(refusal, headers)
    if claims is None:
        return Admission(None, headers)
    if row.user_id is None:
        raise _with_headers(Unauthenticated("this sign-in has ended; sign in again"), headers)
    role = Access[row.role.upper()]
    if role < access:
        needed = f"this needs the role {access.name.lower()}, yours is {row.role}"
        raise _with_headers(NotYourRole(needed), headers)
    caller = Caller(row.user_id, claims.organization_id, claims.sign_in_id, role, row.name)
    return Admission(caller, headers)


def _claims(request: Request, access: Access) -> tuple[Claims | None, Unauthenticated | None]:
    if access is Access.PUBLIC:
        return None, None
    token = request.bearer_token()
    if token is None:
        return None, Unauthenticated("send an access token: Authorization: Bearer ...")
    try:
        return tokens.read_access_token(token), None
    except Unauthenticated as refusal:
        return None, refusal


def _bucket(claims: Claims | None, address: str) -> str:
    # Hashed, so that the counters hold no addresses.
    subject = f"user:{claims.user_id}" if claims else f"address:{address}"
    return hashlib.sha256(subject.encode()).hexdigest()[:32]


def _ask(claims: Claims | None, bucket: str | None, window_seconds: int) -> sa.Row[tuple[object, ...]]:
    parameters = {
        "organization_id": claims.organization_id if claims else None,
        "sign_in_id": claims.sign_in_id if claims else None,
        "bucket": bucket,
        "window_seconds": window_seconds,
    }
    with db.faults_named(), db.engine().begin() as connection:
        return connection.execute(ADMIT, parameters).one()


def rate_headers(name: str, limit: int, window_seconds: int, used: int, reset_seconds: int) -> dict[str, str]:
    """RateLimit fields of draft-ietf-httpapi-ratelimit-headers-11."""
    return {
        "RateLimit-Policy": f'"{name}";q={limit};w={window_seconds}',
        "RateLimit": f'"{name}";r={max(limit - used, 0)};t={reset_seconds}',
    }


def _too_many(reset_seconds: int, headers: dict[str, str]) -> TooManyRequests:
    error = TooManyRequests("too many requests; come back a little later", retry_after_seconds=reset_seconds)
    error.headers.update(headers)
    return error


def _with_headers(error: Forbidden | Unauthenticated, headers: dict[str, str]) -> Forbidden | Unauthenticated:
    error.headers.update(headers)
    return error
