"""Who asks, whether that sign-in or key still stands, and whether they ask too often: one statement for all three."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib.api_keys import keys, scopes
from chalicelib.api_keys.errors import BadApiKey, NotForApiKeys, ScopeMissing
from chalicelib.api_keys.keys import KeyClaim
from chalicelib.api_keys.scopes import Scope
from chalicelib.auth import tokens
from chalicelib.auth.tokens import Claims
from chalicelib.errors import Forbidden, RecruitProError, Unauthenticated
from chalicelib.events.models import ActorKind
from chalicelib.http import limits
from chalicelib.http.limits import Allowance
from chalicelib.http.requests import Request
from chalicelib.prepared import Prepared

ADMIT = Prepared(
    sa.text("""
    select * from admit_caller(:organization_id, :sign_in_id, :key_id, :key_hash, :bucket, :key_bucket,
        :limit, :window_seconds, :cost)
""")
)
Claim = Claims | KeyClaim


class Access(IntEnum):
    """What a route asks of its caller; each role may do all that the ones below it may."""

    PUBLIC = 0
    VIEWER = 1
    RECRUITER = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Gate:
    """What a route asks of whoever wants in, and what a call of it weighs against their rate."""

    access: Access = Access.VIEWER
    scope: Scope | None = None
    cost: int = 1
    serves_restricted: bool = False
    is_read: bool = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: a user, with the role that the database holds now and not the one of an old token, or a program.

    A program has no user and no sign-in; the id of its key stands for both. It is a member of no private project.
    """

    user_id: UUID
    organization_id: UUID
    sign_in_id: UUID
    role: Access
    name: str
    is_restricted: bool = False
    kind: ActorKind = "user"

    @property
    def is_program(self) -> bool:
        return self.kind == "api_key"


@dataclass(frozen=True, slots=True)
class Admission:
    """The caller (None when nobody is signed in) and the headers that tell them their rate."""

    caller: Caller | None = None
    headers: dict[str, str] = field(default_factory=dict)


class NotYourRole(Forbidden):
    """The caller's role does not reach so far."""

    code = "role_not_sufficient"


class SecondFactorSetupRequired(Forbidden):
    """The organization asks for a second factor, and this sign-in is good for nothing but setting one up."""

    code = "second_factor_setup_required"


def admit(request: Request, gate: Gate) -> Admission:
    """Let a request in. Raises Unauthenticated, Forbidden, TooManyRequests, LimiterUnavailable or
    DatabaseUnavailable."""
    claim, refusal = _claim(request, gate.access)
    is_open_write = claim is None and refusal is None and not gate.is_read
    is_needed = claim is not None or is_open_write
    asked = limits.ask(ADMIT, _parameters(claim), _allowance(claim, request, gate), is_needed=is_needed)
    try:
        asked.check()
        if refusal is not None:
            raise refusal
        if is_open_write:
            asked.check_counted()
        if claim is None:
            return Admission(None, asked.headers)
        return Admission(_caller(claim, asked.row, gate), asked.headers)
    except RecruitProError as error:
        error.headers.update(asked.headers)
        raise


def _claim(request: Request, access: Access) -> tuple[Claim | None, Unauthenticated | None]:
    if access is Access.PUBLIC:
        return None, None
    token = request.bearer_token()
    if token is None:
        return None, Unauthenticated("send an access token or an API key: Authorization: Bearer ...")
    try:
        return keys.read(token) if keys.is_key(token) else tokens.read_access_token(token), None
    except Unauthenticated as refusal:
        return None, refusal


def _allowance(claim: Claim | None, request: Request, gate: Gate) -> Allowance:
    user_id = claim.user_id if isinstance(claim, Claims) else None
    key_id = claim.id if isinstance(claim, KeyClaim) else None
    return Allowance.of(request.address, gate.cost, user_id=user_id, key_id=key_id)


def _parameters(claim: Claim | None) -> dict[str, Any]:
    key = claim if isinstance(claim, KeyClaim) else None
    return {
        "organization_id": claim.organization_id if claim else None,
        "sign_in_id": claim.sign_in_id if isinstance(claim, Claims) else None,
        "key_id": key and key.id,
        "key_hash": key and key.key_hash,
    }


def _caller(claim: Claim, row: Any, gate: Gate) -> Caller:
    if isinstance(claim, KeyClaim):
        return _program(claim, row, gate)
    if row.user_id is None:
        raise Unauthenticated("this sign-in has ended; sign in again")
    if row.is_restricted and not gate.serves_restricted:
        raise SecondFactorSetupRequired("your organization asks for a second factor; set it up first")
    role = Access[row.role.upper()]
    if role < gate.access:
        raise NotYourRole(f"this needs the role {gate.access.name.lower()}, yours is {row.role}")
    return Caller(row.user_id, claim.organization_id, claim.sign_in_id, role, row.name, row.is_restricted)


def _program(claim: KeyClaim, row: Any, gate: Gate) -> Caller:
    if row.user_id is None:
        raise BadApiKey()
    if gate.scope is None:
        raise NotForApiKeys("no API key may do this; sign in as a user")
    given = frozenset(row.scopes)
    if gate.scope not in given:
        raise ScopeMissing(f"this needs the scope {gate.scope}")
    role = Access.RECRUITER if scopes.may_write(given) else Access.VIEWER
    if role < gate.access:
        raise NotYourRole(f"this needs the role {gate.access.name.lower()}, and a key that only reads is a viewer")
    return Caller(claim.id, claim.organization_id, claim.id, role, row.name, kind="api_key")
