"""A sign-in from its beginning to its end: a family of refresh tokens, of which each is good for one use.

A token that comes back after its use was stolen from somebody, and its whole family ends (RFC 9700, 4.14.2). One case
is let pass, since it is nobody's theft: two tabs ask in the same moment, or an answer gets lost. So a token may come
back within ten seconds of its first use, from the network that used it, while nothing that came of it has been
used; it is answered with one more token of the same family. A thief gains nothing by it that a first use would not have
given, and has to sit in the victim's network within these seconds.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth import repository, tokens
from chalicelib.auth.attempts import network_of
from chalicelib.auth.errors import BadRefreshToken, UnknownSignIn
from chalicelib.auth.keys import hashes_of
from chalicelib.auth.models import RefreshToken, SignIn, User
from chalicelib.auth.tokens import Claims
from chalicelib.db import Role
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.logs import log
from chalicelib.settings import settings

ASKED_AGAIN_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a successful sign-in hands out."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: User


def begin_sign_in(
    session: Session,
    user: User,
    *,
    now: datetime,
    request_id: str | None,
    address: str | None = None,
    is_restricted: bool = False,
    reason: str = "signed_in",
) -> SignedIn:
    """Begin a sign-in of a locked user, with the event `reason`. Who it is has been proved before.

    A restricted one may do nothing but set up a second factor. `session` acts as the role that signs people in.
    """
    life = timedelta(days=settings().refresh_token_days)
    begun = SignIn(
        id=new_id(),
        organization_id=user.organization_id,
        user_id=user.id,
        created_at=now,
        expires_at=now + life,
        is_restricted=is_restricted,
    )
    session.add(begun)
    user.last_sign_in_at = now
    session.flush()
    actor = Actor("user", user.id, request_id, address)
    events.record(session, reason, Subject("user", user.id), actor=actor, now=now, after={"sign_in": begun.id})
    return _hand_out(session, begun, user, now)


def refresh(session: Session, refresh_token: str, *, address: str, now: datetime) -> SignedIn | BadRefreshToken:
    """New tokens for a refresh token that has not been used yet, or that comes back at once as above.

    That a family ends has to be committed, so a refusal is returned and not raised.
    """
    found_token = repository.take_refresh_token(session, tokens.hash_of(refresh_token))
    if found_token is None:
        return BadRefreshToken("this refresh token is not valid; sign in again")
    token, begun, user = found_token
    if begun.revoked_at is not None or begun.expires_at <= now or token.expires_at <= now or not user.is_active:
        return BadRefreshToken("this sign-in has ended; sign in again")
    db.act_for(session, user.organization_id, Role.SIGN_IN)
    networks = hashes_of(f"{begun.id}:{network_of(address)}", purpose="refresh address")
    if token.used_at is None:
        token.used_at, token.used_from = now, networks[0]
    elif _is_asked_again(session, token, networks, now):
        log.info("refresh_asked_again", sign_in_id=begun.id)
    else:
        repository.end_sign_in(session, user.organization_id, begun.id, "refresh_token_reused", now)
        subject, after = Subject("user", user.id), {"sign_in": begun.id}
        events.record(
            session, "refresh_token_reused", subject, actor=Actor("system", address=address), now=now, after=after
        )
        return BadRefreshToken("this refresh token was used before; all tokens of this sign-in are revoked")
    return _hand_out(session, begun, user, now)


def _is_asked_again(session: Session, token: RefreshToken, networks: tuple[str, ...], now: datetime) -> bool:
    assert token.used_at is not None
    if now - token.used_at > ASKED_AGAIN_WITHIN:
        return False
    if not any(hmac.compare_digest(token.used_from or "", network) for network in networks):
        return False
    return not repository.is_any_used_after(session, token.organization_id, token.sign_in_id, token.used_at)


def end_sign_ins(
    session: Session,
    organization_id: UUID,
    user_id: UUID,
    reason: str,
    now: datetime,
    *,
    except_sign_in_id: UUID | None = None,
) -> list[UUID]:
    """End every sign-in of a user at once, access and refresh tokens both, but for the one named; which ones ended.

    For what changes who somebody is or may be: another role, disabling, a new password, a reset. The event of that
    change is the caller's.
    """
    return repository.end_sign_ins(session, organization_id, user_id, reason, now, except_sign_in_id=except_sign_in_id)


def sign_out(session: Session, organization_id: UUID, sign_in_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End a sign-in: its access and refresh tokens are worth nothing from now on."""
    repository.end_sign_in(session, organization_id, sign_in_id, "signed_out", now)
    assert actor.id is not None
    subject, after = Subject("user", actor.id), {"sign_in": sign_in_id}
    events.record(session, "signed_out", subject, actor=actor, now=now, after=after)


def end_one_of_mine(session: Session, organization_id: UUID, sign_in_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End one of the caller's own sign-ins that stand; raises UnknownSignIn for any other."""
    assert actor.id is not None
    if not repository.is_standing(session, organization_id, actor.id, sign_in_id, now):
        raise UnknownSignIn("you have no such sign-in")
    sign_out(session, organization_id, sign_in_id, actor=actor, now=now)


def _hand_out(session: Session, begun: SignIn, user: User, now: datetime) -> SignedIn:
    refresh_token = tokens.new_refresh_token()
    session.add(
        RefreshToken(
            id=new_id(),
            organization_id=user.organization_id,
            sign_in_id=begun.id,
            token_hash=tokens.hash_of(refresh_token),
            created_at=now,
            expires_at=begun.expires_at,
        )
    )
    access_token = tokens.make_access_token(Claims(user.id, user.organization_id, begun.id), now)
    return SignedIn(access_token, refresh_token, settings().access_token_seconds, user)
