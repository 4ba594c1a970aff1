"""Getting back in: a link to set a new password, mailed to whoever says that they have forgotten it.

Nobody learns from it whether an address has an account: the answer is the same in words, and `ask` takes the same time.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from chalicelib import clients, db
from chalicelib.auth import attempts
from chalicelib.auth import repository as accounts
from chalicelib.auth import service as auth
from chalicelib.auth.attempts import Attempt
from chalicelib.auth.models import Organization, User
from chalicelib.db import DatabaseUnavailable, Role
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.logs import log
from chalicelib.notices import service as notices
from chalicelib.notices.models import NoticeKind
from chalicelib.settings import settings
from chalicelib.users import limits, links, repository
from chalicelib.users.errors import BadResetLink
from chalicelib.users.models import PasswordReset

# Longer than asking takes with an account, so that it takes as long without one.
ASKING_SECONDS = 0.5


def ask(email: str, *, address: str, request_id: str | None, now: datetime) -> None:
    """Mail a link to set a new password to the address, if it has an active account and neither it nor the caller asks
    too often. Says nothing of all that, and takes ASKING_SECONDS."""
    started = time.perf_counter()
    # Built for the first message of a process, which takes longer than everything else here.
    clients.queues()
    try:
        _ask(email, address=address, request_id=request_id, now=now)
    finally:
        seconds = time.perf_counter() - started
        if seconds > ASKING_SECONDS:
            log.warning("password_reset_slow", seconds=round(seconds, 3))
        time.sleep(max(ASKING_SECONDS - seconds, 0))


def _ask(email: str, *, address: str, request_id: str | None, now: datetime) -> None:
    if not notices.can_send_links():
        log.warning("password_reset_not_mailed")
        return
    config = settings()
    with db.transaction(role=Role.SIGN_IN) as session:
        user = accounts.find_user_by_email(session, email)
        counted = (
            limits.is_within(session, f"password_reset:address:{address}", config.rate_limit_login),
            limits.is_within(session, f"password_reset:account:{email}", config.rate_limit_password_reset),
        )
        if user is not None and user.is_active and all(counted):
            db.act_for(session, user.organization_id)
            _give_link(session, user, address=address, request_id=request_id, now=now)


def _give_link(session: Session, user: User, *, address: str, request_id: str | None, now: datetime) -> None:
    actor = Actor("system", request_id=request_id, address=address)
    notice = notices.ask(session, NoticeKind.PASSWORD_RESET, user_id=user.id, actor=actor, now=now)
    reset = PasswordReset(
        id=new_id(),
        organization_id=user.organization_id,
        user_id=user.id,
        replaces=fingerprint(user),
        notice_id=notice.id,
        created_at=now,
        expires_at=now + timedelta(minutes=settings().password_reset_minutes),
    )
    session.add(reset)
    after = {"expires_at": reset.expires_at}
    events.record(session, "password_reset_asked", Subject("user", user.id), actor=actor, now=now, after=after)


def fingerprint(user: User) -> bytes:
    """Which password a user has, without a word of it: it is another one after each change."""
    return hashlib.sha256(user.password_hash.encode()).digest()


def reset(token: str, new_password: str, *, address: str | None = None, request_id: str | None, now: datetime) -> None:
    """Set a new password by a link: every sign-in and every other link of the user ends, and they are told by mail.

    Raises BadResetLink; PasswordWeak and PasswordReused, after which the link still works. Opens its own transactions:
    looking at passwords takes its time.
    """
    with db.transaction(role=Role.SIGN_IN) as session:
        found = repository.find_reset_by_token(session, links.hash_of(token), now)
        user = None if found is None else accounts.find_user(session, found.organization_id, found.user_id)
        if found is None or user is None or not _may_reset(user, found):
            raise BadResetLink
        organization = session.get_one(Organization, found.organization_id)
    new = auth.prepare_password(user, new_password, organization_name=organization.name)
    with db.transaction(found.organization_id) as session:
        user = accounts.find_user(session, found.organization_id, found.user_id, lock=True)
        taken = repository.take_reset(session, found.organization_id, found.id)
        if taken is None or user is None or not _may_reset(user, taken):
            raise BadResetLink
        actor = Actor("user", user.id, request_id, address)
        if not auth.keep_password(session, user, new, actor=actor, now=now):
            raise BadResetLink
        _end(session, user, taken, actor=actor, now=now)
    if address is not None:
        _let_back_in(user.email, address, now)


def _let_back_in(email: str, address: str, now: datetime) -> None:
    """Whoever read the mail is no guesser: others' guesses delay them from this address no more."""
    with suppress(DatabaseUnavailable), db.transaction(role=Role.SIGN_IN) as session:
        attempts.forgive(session, Attempt.of(email, address), now)


def _may_reset(user: User, reset: PasswordReset) -> bool:
    return user.is_active and fingerprint(user) == reset.replaces


def _end(session: Session, user: User, taken: PasswordReset, *, actor: Actor, now: datetime) -> None:
    taken.used_at = now
    session.flush()
    repository.revoke_resets(session, user.organization_id, user.id, now)
    ended = auth.end_sign_ins(session, user.organization_id, user.id, "password_reset", now)
    after = {"sign_ins": ended}
    events.record(session, "password_reset", Subject("user", user.id), actor=actor, now=now, after=after)
    if settings().sender_address is not None:
        notices.ask(session, NoticeKind.PASSWORD_CHANGED, user_id=user.id, actor=actor, now=now)
