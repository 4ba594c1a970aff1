"""Setting up a second factor, giving it up, and requiring one of everybody.

Whoever changes a factor proves more than that they are signed in; each such try counts as one to sign in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.auth import attempts, passwords
from chalicelib.auth import service as accounts
from chalicelib.auth.attempts import Attempt
from chalicelib.auth.errors import WrongPassword
from chalicelib.auth.keys import key_ring
from chalicelib.auth.models import User
from chalicelib.db import Role
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.second_factor import codes, proving, repository
from chalicelib.second_factor.errors import (
    OwnSecondFactor,
    SecondFactorEnabled,
    SecondFactorNeeded,
    SecondFactorNotEnabled,
    WrongCode,
)
from chalicelib.second_factor.models import SecondFactor
from chalicelib.second_factor.sealing import seal


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs, in both spellings. It is shown once."""

    secret: str
    otpauth_uri: str


@dataclass(frozen=True, slots=True)
class State:
    """A user's second factor as it stands."""

    is_enabled: bool
    is_required: bool
    confirmed_at: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Who changes their own second factor, by which sign-in and from where."""

    organization_id: UUID
    user_id: UUID
    sign_in_id: UUID
    address: str
    actor: Actor


def state_of(session: Session, organization_id: UUID, user_id: UUID) -> State:
    """Whether there is a factor, and how many recovery codes are left."""
    is_required = repository.is_required(session, organization_id)
    factor = repository.find(session, organization_id, user_id)
    if factor is None or factor.confirmed_at is None:
        return State(False, is_required, None, 0)
    return State(True, is_required, factor.confirmed_at, repository.count_codes_left(session, factor))


@contextmanager
def counted(asker: Asker, now: datetime) -> Iterator[User]:
    """The asking user, for a try to prove who one is. It counts as a failed one to sign in, unless all ends well.

    In transactions of its own, so that it counts whatever comes of it. Raises TooManyRequests, and SignInUnavailable
    when it cannot be counted.
    """
    with db.transaction(asker.organization_id) as session:
        user = accounts.get_user(session, asker.organization_id, asker.user_id)
    attempt = Attempt.of(user.email, asker.address)
    with attempts.or_nobody(), db.transaction(role=Role.SIGN_IN) as session:
        attempts.admit(session, attempt)
    yield user
    with db.transaction(role=Role.SIGN_IN) as session:
        attempts.forgive(session, attempt, now)


def check_password(user: User, password: str) -> None:
    """Raises WrongPassword. No transaction is to be open: hashing takes long."""
    if not passwords.verify(password, user.password_hash):
        raise WrongPassword


def begin(session: Session, known: User, asker: Asker, *, now: datetime) -> Enrolment:
    """A new secret for an authenticator app. It counts once it is confirmed; until then, beginning anew replaces it.

    `known` is the user whose password was right; raises WrongPassword when it changed since, and SecondFactorEnabled.
    """
    user = _locked(session, asker, known)
    factor = repository.find(session, user.organization_id, user.id)
    if factor is not None:
        if factor.confirmed_at is not None:
            raise SecondFactorEnabled
        repository.remove(session, factor)
    secret = codes.new_secret()
    sealed = seal(secret, user.id, key_ring().current())
    factor = SecondFactor(
        id=new_id(),
        organization_id=user.organization_id,
        user_id=user.id,
        sealed_secret=sealed.content,
        key_id=sealed.key_id,
        last_step=0,
        created_at=now,
    )
    session.add(factor)
    session.flush()
    events.record(session, "second_factor_begun", Subject("user", user.id), actor=asker.actor, now=now)
    return Enrolment(secret, codes.otpauth_uri(secret, user.email))


def confirm(session: Session, asker: Asker, code: str, *, now: datetime) -> list[str]:
    """Let the factor count from now on, by a first code of the app; the recovery codes, shown once.

    The sign-in in hand is not restricted any more. The user's others end: they began without a factor. Raises
    SecondFactorNotEnabled when there is nothing to confirm, SecondFactorEnabled, and WrongCode.
    """
    user = _locked(session, asker)
    factor = repository.find(session, user.organization_id, user.id)
    if factor is None:
        raise SecondFactorNotEnabled("there is nothing to confirm; set up a second factor first")
    if factor.confirmed_at is not None:
        raise SecondFactorEnabled
    if not proving.spend_app_code(session, factor, codes.tidy(code), now=now):
        raise WrongCode
    repository.confirm(session, factor, now)
    repository.lift_restrictions(session, user.organization_id, asker.sign_in_id)
    shown = _new_recovery_codes(session, factor, now)
    _end_others(session, user, asker, "second_factor_enabled", now)
    return shown


def disable(session: Session, known: User, asker: Asker, code: str, *, now: datetime) -> None:
    """Give the factor up, by password and code; the user's other sign-ins end.

    Raises WrongPassword when it changed since it was checked, SecondFactorNotEnabled, SecondFactorNeeded, WrongCode.
    """
    user = _locked(session, asker, known)
    factor = _enabled(session, user)
    if repository.is_required(session, user.organization_id):
        raise SecondFactorNeeded
    if proving.prove(session, factor, code, actor=asker.actor, now=now) is None:
        raise WrongCode
    repository.remove(session, factor)
    _end_others(session, user, asker, "second_factor_disabled", now)


def renew_recovery_codes(session: Session, asker: Asker, code: str, *, now: datetime) -> list[str]:
    """New recovery codes instead of all older ones, shown once. Raises SecondFactorNotEnabled and WrongCode."""
    user = _locked(session, asker)
    factor = _enabled(session, user)
    if proving.prove(session, factor, code, actor=asker.actor, now=now) is None:
        raise WrongCode
    shown = _new_recovery_codes(session, factor, now)
    after = {"codes_left": len(shown)}
    subject = Subject("user", user.id)
    events.record(session, "recovery_codes_renewed", subject, actor=asker.actor, now=now, after=after)
    return shown


def reset(session: Session, organization_id: UUID, user_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take another user's factor away, an admin's help when the app is lost; all sign-ins of that user end.

    Raises NotFound, OwnSecondFactor, and SecondFactorNotEnabled when there is none.
    """
    user = accounts.get_user(session, organization_id, user_id, lock=True)
    if user.id == actor.id:
        raise OwnSecondFactor
    factor = repository.find(session, organization_id, user_id)
    if factor is None:
        raise SecondFactorNotEnabled("this user has no second factor")
    repository.remove(session, factor)
    ended = accounts.end_sign_ins(session, organization_id, user_id, "second_factor_reset", now)
    subject, after = Subject("user", user_id), {"sign_ins_ended": len(ended)}
    events.record(session, "second_factor_reset", subject, actor=actor, now=now, after=after)


def apply_requirement(session: Session, organization_id: UUID, *, is_required: bool, now: datetime) -> int:
    """Let a changed requirement hold at once for sign-ins that stand; how many were restricted, or set free.

    For whoever changes `organizations.requires_second_factor`, in the same transaction and after the change is flushed.
    """
    repository.hold_still(session, organization_id)
    if is_required:
        return repository.restrict_sign_ins(session, organization_id, now)
    return repository.lift_restrictions(session, organization_id)


def _locked(session: Session, asker: Asker, known: User | None = None) -> User:
    """The asking user, locked, so that signing in and changing a factor wait for one another."""
    user = accounts.get_user(session, asker.organization_id, asker.user_id, lock=True)
    if known is not None and user.password_hash != known.password_hash:
        raise WrongPassword
    return user


def _enabled(session: Session, user: User) -> SecondFactor:
    factor = repository.find(session, user.organization_id, user.id)
    if factor is None or factor.confirmed_at is None:
        raise SecondFactorNotEnabled("you have no second factor")
    return factor


def _new_recovery_codes(session: Session, factor: SecondFactor, now: datetime) -> list[str]:
    shown = codes.new_recovery_codes()
    repository.replace_recovery_codes(session, factor, map(codes.hash_of, shown), now)
    return shown


def _end_others(session: Session, user: User, asker: Asker, action: str, now: datetime) -> None:
    """End the user's other sign-ins, and leave the event of what changed."""
    ended = accounts.end_sign_ins(
        session, user.organization_id, user.id, action, now, except_sign_in_id=asker.sign_in_id
    )
    after = {"sign_ins_ended": len(ended)}
    events.record(session, action, Subject("user", user.id), actor=asker.actor, now=now, after=after)
