"""Registering, signing in with a password and changing it, and one's own profile."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chalicelib import db, metrics
from chalicelib.auth import attempts, passwords, repository
from chalicelib.auth.attempts import Attempt
from chalicelib.auth.changing import keep_password, prepare_password, set_password
from chalicelib.auth.errors import BadCredentials, EmailTaken, PasswordMoved, RegistrationClosed, WrongPassword
from chalicelib.auth.models import Organization, User, UserRole
from chalicelib.auth.sign_ins import SignedIn, begin_sign_in, end_one_of_mine, end_sign_ins, refresh, sign_out
from chalicelib.db import Role
from chalicelib.errors import NotFound
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.logs import log
from chalicelib.second_factor.proving import check_sign_in
from chalicelib.settings import settings

# What other rooms call stands here, wherever it is written.
__all__ = [
    "SignedIn",
    "begin_sign_in",
    "change_password",
    "end_one_of_mine",
    "end_sign_ins",
    "find_account",
    "found",
    "get_user",
    "keep_password",
    "prepare_password",
    "refresh",
    "register",
    "rename",
    "set_password",
    "sign_in",
    "sign_out",
]


def register(
    session: Session,
    *,
    organization: str,
    name: str,
    email: str,
    password: str,
    request_id: str | None,
    now: datetime,
    address: str | None = None,
) -> tuple[Organization, User]:
    """A new organization with its first admin. Raises RegistrationClosed, PasswordWeak, EmailTaken.

    `session` acts as the role that signs people in; from here on it sees the new organization.
    """
    if not settings().open_registration:
        raise RegistrationClosed("this installation takes no registrations; ask its admin for an invitation")
    return found(
        session,
        organization=organization,
        name=name,
        email=email,
        password=password,
        request_id=request_id,
        now=now,
        address=address,
    )


def found(
    session: Session,
    *,
    organization: str,
    name: str,
    email: str,
    password: str,
    request_id: str | None,
    now: datetime,
    address: str | None = None,
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
    actor = Actor("user", admin.id, request_id, address)
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


def sign_in(
    email: str, password: str, code: str | None, *, address: str, request_id: str | None, now: datetime
) -> SignedIn:
    """Sign in with a password, from a network address. Raises TooManyRequests while the account or the address has to
    wait, BadCredentials after the same time and statements whether or not the account exists, and SignInUnavailable;
    and once the password was right SecondFactorRequired and BadSecondFactor, which count as failures like it.

    A password is looked at outside of any transaction, since that takes long.
    """
    attempt = Attempt.of(email, address)
    with attempts.or_nobody(), db.transaction(role=Role.SIGN_IN) as session:
        attempts.admit(session, attempt)
        account = repository.find_user_by_email(session, email)
    signed_in = _sign_in_to(account, password, code, attempt, address=address, request_id=request_id, now=now)
    if signed_in is None:
        account = find_account(email)
        signed_in = _sign_in_to(account, password, code, attempt, address=address, request_id=request_id, now=now)
    if signed_in is None:
        raise BadCredentials
    return signed_in


def _sign_in_to(
    account: User | None,
    password: str,
    code: str | None,
    attempt: Attempt,
    *,
    address: str,
    request_id: str | None,
    now: datetime,
) -> SignedIn | None:
    """None when the account's hash is another one by now: of a new password, or a better one of the same."""
    is_right = passwords.verify(password, account.password_hash if account else None)
    if account is None or not is_right or not account.is_active:
        log.info("sign_in_refused", user_id=account.id if account else None)
        metrics.count("sign_in_refused")
        raise BadCredentials
    better_hash = passwords.hash_password(password) if passwords.needs_update(account.password_hash) else None
    with db.transaction(account.organization_id, Role.SIGN_IN) as session:
        user = repository.find_user(session, account.organization_id, account.id, lock=True)
        if user is None or not user.is_active:
            raise BadCredentials
        if user.password_hash != account.password_hash:
            return None
        if better_hash is not None:
            user.password_hash = better_hash
        # The password is right and the user is locked: what else a sign-in needs is asked here.
        actor = Actor("user", user.id, request_id, address)
        is_restricted = check_sign_in(session, user, code, actor=actor, now=now)
        signed_in = begin_sign_in(
            session, user, now=now, request_id=request_id, address=address, is_restricted=is_restricted
        )
        attempts.forgive(session, attempt, now)
        return signed_in


def change_password(
    organization_id: UUID,
    sign_in_id: UUID,
    current: str,
    new: str,
    *,
    address: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Give the signed-in user a new password and end their other sign-ins; each look at a hash is outside of any
    transaction. A wrong current password counts like a failed sign-in.

    Raises PasswordWeak, TooManyRequests, WrongPassword, PasswordReused, PasswordMoved, SignInUnavailable.
    """
    assert actor.id is not None
    with attempts.or_nobody(), db.transaction(organization_id, Role.SIGN_IN) as session:
        user = get_user(session, organization_id, actor.id)
        organization_name = repository.name_of(session, organization_id)
        passwords.check_strength(new, name=user.name, email=user.email, organization=organization_name)
        attempt = Attempt.of(user.email, address)
        attempts.admit(session, attempt)
    if not passwords.verify(current, user.password_hash):
        log.info("password_change_refused", user_id=user.id)
        metrics.count("sign_in_refused")
        raise WrongPassword
    with db.transaction(organization_id, Role.SIGN_IN) as session:
        attempts.forgive(session, attempt, now)
    prepared = prepare_password(user, new, organization_name=organization_name)
    with db.transaction(organization_id, Role.SIGN_IN) as session:
        user = get_user(session, organization_id, actor.id, lock=True)
        if not user.is_active or not keep_password(session, user, prepared, actor=actor, now=now):
            raise PasswordMoved("your password has changed meanwhile; sign in again")
        end_sign_ins(session, organization_id, user.id, "password_changed", now, except_sign_in_id=sign_in_id)


def get_user(session: Session, organization_id: UUID, user_id: UUID, *, lock: bool = False) -> User:
    """A user of the organization; raises NotFound."""
    user = repository.find_user(session, organization_id, user_id, lock=lock)
    if user is None:
        raise NotFound("there is no such user")
    return user


def rename(session: Session, user: User, name: str, *, actor: Actor, now: datetime) -> None:
    """Change how a user is called."""
    events.change(session, user, {"name": name}, "user_changed", Subject("user", user.id), actor=actor, now=now)
