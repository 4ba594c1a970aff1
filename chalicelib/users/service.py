"""What an admin can do with the users of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.auth import repository as accounts
from chalicelib.auth import service as auth
from chalicelib.auth.models import User, UserRole
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.organizations import service as organizations
from chalicelib.users import repository
from chalicelib.users.errors import LastAdmin, UserNotFound


def get(session: Session, organization_id: UUID, user_id: UUID, *, lock: bool = False) -> User:
    """A user of the organization; raises UserNotFound."""
    user = accounts.find_user(session, organization_id, user_id, lock=lock)
    if user is None:
        raise UserNotFound("there is no such user")
    return user


def take(session: Session, organization_id: UUID, user_id: UUID) -> User:
    """A user, locked for a change, and with them the question who the admins are. Raises UserNotFound."""
    # Whoever changes what its admins are waits for the one before.
    organizations.get(session, organization_id, lock=True)
    return get(session, organization_id, user_id, lock=True)


def change(session: Session, user: User, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change the name, the role or whether a user (of `take`) is active. Another role and disabling hold at once:
    every sign-in of theirs ends, and what they have invited as an admin is revoked. Raises LastAdmin."""
    was_admin, was_active, had_role = _is_admin(user), user.is_active, user.role
    subject = Subject("user", user.id)
    if not events.change(session, user, values, "user_changed", subject, actor=actor, now=now):
        return
    if was_admin and not _is_admin(user) and not repository.has_other_admin(session, user.organization_id, user.id):
        raise LastAdmin
    session.flush()
    if user.role == had_role and user.is_active == was_active:
        return
    reason = "disabled" if not user.is_active else "role_changed"
    ended = auth.end_sign_ins(session, user.organization_id, user.id, reason, now)
    revoked = []
    if not _is_admin(user):
        # Else whoever was shut out would come back by a link that they kept.
        revoked = repository.revoke_invitations_by(session, user.organization_id, user.id, now)
    if not user.is_active:
        repository.revoke_resets(session, user.organization_id, user.id, now)
    if ended or revoked:
        after = {"reason": reason, "sign_ins": ended, "invitations": revoked}
        events.record(session, "user_shut_out", subject, actor=actor, now=now, after=after)


def sign_out(session: Session, user: User, *, actor: Actor, now: datetime) -> None:
    """End every sign-in of a user, at once: a device was lost, or somebody else has their tokens."""
    ended = auth.end_sign_ins(session, user.organization_id, user.id, "ended_by_admin", now)
    after = {"reason": "ended_by_admin", "sign_ins": ended}
    events.record(session, "user_shut_out", Subject("user", user.id), actor=actor, now=now, after=after)


def _is_admin(user: User) -> bool:
    return user.is_active and user.role == UserRole.ADMIN
