"""Registering, signing in and out, and keeping a sign-in alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth import passwords, repository, tokens
from chalicelib.auth.changing import keep_password, prepare_password, set_password
from chalicelib.auth.errors import BadCredentials, BadRefreshToken, EmailTaken, RegistrationClosed
from chalicelib.auth.models import Organization, RefreshToken, SignIn, User, UserRole
from chalicelib.auth.tokens import Claims
from chalicelib.db import Role
from chalicelib.errors import NotFound
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.settings import settings

__all__ = ["keep_password", "prepare_password", "set_password"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a successful sign-in hands out."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: User


def register(
    session: Session, *, organization: str, name: str, email: str, password: str, request_id: str | None, now: datetime
) -> tuple[Organization, User]:
    """A new organization with its first admin. Raises RegistrationClosed, PasswordWeak, EmailTaken.

    `session` acts as the role that signs people in; from here on it sees the new organization.
    """
    if not settings().open_registration:
        raise RegistrationClosed("this installation takes no registrations; ask its admin for an invitation")
    return found(
        session, organization=organization, name=name, email=email, password=password, request_id=request_id, now=now
    )


def found(
    session: Session, *, organization: str, name: str, email: str, password: str, request_id: str | None, now: datetime
) -> tuple[Organization, User]:
    """Found an organization with its first admin, whether or not registration is open."""
    passwords.check_strength(password, name=name, email=email, organization=organization)
    if repository.find_user_by_email(session, email) is not None:
        raise EmailTaken("there is an account with this email; sign in, or use another one")
    founded = Organization(id=new_id(), name=organization, created_at=now, updated_at=now)
    admin = User(
        id=new_id(),
        organization_id=founded.id,
        email=email,
        name=name,
        role=UserRole.ADMIN,
        password_hash=passwords.hash_password(password),
        created_at=now,
        updated_at=now,
    )
    db.act_for(session, founded.id, Role.SIGN_IN)
    session.add(founded)
    session.flush()
    session.add(admin)
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken("there is an account with this email; sign in, or use another one") from error
    actor = Actor("user", admin.id, request_id)
    after = {"name": organization}
    events.record(
        session, "organization_founded", Subject("organization", founded.id), actor=actor, now=now, after=after
    )
    after = {"name": name, "email": email, "role": admin.role}
    events.record(session, "user_created", Subject("user", admin.id), actor=actor, now=now, after=after)
    return founded, admin


def find_account(email: str) -> User | None:
    """The account of an address, in a transaction of its own: checking a password takes long, and no transaction is
    to be open meanwhile."""
    with db.transaction(role=Role.SIGN_IN) as session:
        return repository.find_user_by_email(session, email)


def sign_in(account: User | None, password: str, *, request_id: str | None, now: datetime) -> SignedIn:
    """Sign in with a password. Raises BadCredentials, after the same time whether or not the account exists."""
    is_right = passwords.verify(password, account.password_hash if account else None)
    if account is None or not is_right or not account.is_active:
        raise BadCredentials
    better_hash = passwords.hash_password(password) if passwords.needs_update(account.password_hash) else None
    with db.transaction(account.organization_id, Role.SIGN_IN) as session:
        user = repository.find_user(session, account.organization_id, account.id, lock=True)
        if user is None or not user.is_active or user.password_hash != account.password_hash:
            raise BadCredentials
        if better_hash is not None:
            user.password_hash = better_hash
        # The password is right and the user is locked: what else a sign-in needs is asked here.
        return begin_sign_in(session, user, now=now, request_id=request_id)


def begin_sign_in(
    session: Session,
    user: User,
    *,
    now: datetime,
    request_id: str | None,
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
    actor = Actor("user", user.id, request_id)
    events.record(session, reason, Subject("user", user.id), actor=actor, now=now, after={"sign_in": begun.id})
    return _hand_out(session, begun, user, now)


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


def refresh(session: Session, refresh_token: str, *, now: datetime) -> SignedIn | BadRefreshToken:
    """New tokens for a refresh token that has not been used yet.

    A token that comes back after it was used has been stolen from somebody: its whole family is revoked. That has to
    be committed, so a refusal is returned and not raised.
    """
    found_token = repository.take_refresh_token(session, tokens.hash_of(refresh_token))
    if found_token is None:
        return BadRefreshToken("this refresh token is not valid; sign in again")
    token, begun, user = found_token
    if begun.revoked_at is not None or begun.expires_at <= now or token.expires_at <= now or not user.is_active:
        return BadRefreshToken("this sign-in has ended; sign in again")
    db.act_for(session, user.organization_id, Role.SIGN_IN)
    if token.used_at is not None:
        repository.end_sign_in(session, user.organization_id, begun.id, "refresh_token_reused", now)
        subject, after = Subject("user", user.id), {"sign_in": begun.id}
        events.record(session, "refresh_token_reused", subject, actor=Actor("system"), now=now, after=after)
        return BadRefreshToken("this refresh token was used before; all tokens of this sign-in are revoked")
    token.used_at = now
    return _hand_out(session, begun, user, now)


def sign_out(session: Session, organization_id: UUID, sign_in_id: UUID, *, actor: Actor, now: datetime) -> None:
    """End a sign-in: its access and refresh tokens are worth nothing from now on."""
    repository.end_sign_in(session, organization_id, sign_in_id, "signed_out", now)
    assert actor.id is not None
    subject, after = Subject("user", actor.id), {"sign_in": sign_in_id}
    events.record(session, "signed_out", subject, actor=actor, now=now, after=after)


def get_user(session: Session, organization_id: UUID, user_id: UUID, *, lock: bool = False) -> User:
    """A user of the organization; raises NotFound."""
    user = repository.find_user(session, organization_id, user_id, lock=lock)
    if user is None:
        raise NotFound("there is no such user")
    return user


def rename(session: Session, user: User, name: str, *, actor: Actor, now: datetime) -> None:
    """Change how a user is called."""
    events.change(session, user, {"name": name}, "user_changed", Subject("user", user.id), actor=actor, now=now)


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
