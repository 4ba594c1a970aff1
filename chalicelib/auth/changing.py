"""A new password in the place of an old one.

Hashes take their time: about 20 ms for each password that is looked at. Where a caller can, it prepares the new one
before it opens its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from chalicelib.auth import passwords
from chalicelib.auth.errors import PasswordReused
from chalicelib.auth.models import User
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.settings import settings


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that passed every check, as a hash, and the hash that it may take the place of."""

    password_hash: str
    replaces: str


def prepare_password(user: User, password: str, *, organization_name: str) -> NewPassword:
    """Check a password for its strength and against the last ones, and hash it; needs no transaction.

    Raises PasswordWeak, or PasswordReused for one of the last `RECRUITPRO_PASSWORD_HISTORY_COUNT`, the present one
    included.
    """
    passwords.check_strength(password, name=user.name, email=user.email, organization=organization_name)
    count = settings().password_history_count
    if any(passwords.verify(password, each) for each in [user.password_hash, *user.password_history][:count]):
        raise PasswordReused(count)
    return NewPassword(passwords.hash_password(password), user.password_hash)


def keep_password(session: Session, user: User, new: NewPassword, *, actor: Actor, now: datetime) -> bool:
    """Let a prepared password hold from now on; False, and nothing done, when the user's has changed since.

    `user` is locked. The event says that it happened, and nothing of the password.
    """
    if user.password_hash != new.replaces:
        return False
    older = max(settings().password_history_count - 1, 0)
    user.password_history = [user.password_hash, *user.password_history][:older]
    user.password_hash = new.password_hash
    user.updated_at, user.version = now, user.version + 1
    events.record(session, "password_changed", Subject("user", user.id), actor=actor, now=now)
    return True


def set_password(
    session: Session, user: User, password: str, *, organization_name: str, actor: Actor, now: datetime
) -> None:
    """Give a locked user a new password. Raises PasswordWeak and PasswordReused; ends no sign-in (end_sign_ins does).

    Takes up to 120 ms; `prepare_password` and `keep_password` are its two halves.
    """
    new = prepare_password(user, password, organization_name=organization_name)
    keep_password(session, user, new, actor=actor, now=now)
