"""Every query on users, invitations and links to set a new password."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.auth.models import User, UserRole
from chalicelib.notices.models import Notice
from chalicelib.users.models import Invitation, PasswordReset

SHOWN = (
    User.id,
    User.organization_id,
    User.email,
    User.name,
    User.role,
    User.is_active,
    User.last_sign_in_at,
    User.created_at,
    User.updated_at,
)


def matching(
    organization_id: UUID, *, text: str | None, role: UserRole | None, is_active: bool | None
) -> sa.Select[Any]:
    """The users of an organization that pass every filter given; `text` stands in their name or address."""
    columns: tuple[Any, ...] = SHOWN
    query = sa.select(*columns).where(User.organization_id == organization_id)
    if text is not None:
        query = query.where(User.name.icontains(text, autoescape=True) | User.email.icontains(text, autoescape=True))
    if role is not None:
        query = query.where(User.role == role.value)
    return query if is_active is None else query.where(User.is_active == is_active)


def find_by_email(session: Session, organization_id: UUID, email: str) -> User | None:
    """The user of an address, in this organization."""
    return session.scalars(sa.select(User).where(User.organization_id == organization_id, User.email == email)).first()


def has_other_admin(session: Session, organization_id: UUID, user_id: UUID) -> bool:
    """Whether somebody else is an active admin."""
    query = sa.select(User.id).where(
        User.organization_id == organization_id,
        User.role == UserRole.ADMIN.value,
        User.is_active,
        User.id != user_id,
    )
    return session.execute(query.limit(1)).first() is not None


def _open(model: type[Invitation] | type[PasswordReset]) -> sa.ColumnElement[bool]:
    return sa.and_(model.used_at.is_(None), model.revoked_at.is_(None))


def open_invitations(organization_id: UUID) -> sa.Select[Any]:
    """The invitations of an organization that were neither used nor revoked, with what became of their mails."""
    return (
        sa.select(*Invitation.__table__.columns, Notice.status.label("mail_status"))
        .outerjoin(Notice, sa.and_(Notice.organization_id == organization_id, Notice.id == Invitation.notice_id))
        .where(Invitation.organization_id == organization_id, _open(Invitation))
    )


def find_invitation(session: Session, organization_id: UUID, invitation_id: UUID) -> Invitation | None:
    """An open invitation, locked."""
    query = sa.select(Invitation).where(
        Invitation.organization_id == organization_id, Invitation.id == invitation_id, _open(Invitation)
    )
    return session.scalars(query.with_for_update()).first()


def find_invitation_to(session: Session, organization_id: UUID, email: str) -> Invitation | None:
    """The open invitation to an address, locked."""
    query = sa.select(Invitation).where(
        Invitation.organization_id == organization_id, Invitation.email == email, _open(Invitation)
    )
    return session.scalars(query.with_for_update()).first()


def find_invitation_of_notice(session: Session, organization_id: UUID, notice_id: UUID) -> Invitation | None:
    """The open invitation whose link a notice carries, locked."""
    query = sa.select(Invitation).where(
        Invitation.organization_id == organization_id, Invitation.notice_id == notice_id, _open(Invitation)
    )
    return session.scalars(query.with_for_update()).first()


# nosemgrep: query-without-organization - whoever has the link belongs to no organization yet
def find_invitation_by_token(session: Session, token_hash: bytes, now: datetime) -> Invitation | None:
    """The invitation that a link opens now, whichever organization invites; needs the role that signs people in."""
    query = sa.select(Invitation).where(
        Invitation.token_hash == token_hash, _open(Invitation), Invitation.expires_at > now
    )
    return session.scalars(query).first()


def revoke_invitations_by(session: Session, organization_id: UUID, user_id: UUID, now: datetime) -> list[UUID]:
    """Revoke what a user has invited and nobody has accepted; which ones."""
    revoking = (
        sa.update(Invitation)
        .where(Invitation.organization_id == organization_id, Invitation.invited_by == user_id, _open(Invitation))
        .values(revoked_at=now, updated_at=now, version=Invitation.version + 1)
        .returning(Invitation.id)
    )
    return sorted(session.scalars(revoking.execution_options(synchronize_session=False)))


def find_reset_of_notice(session: Session, organization_id: UUID, notice_id: UUID) -> PasswordReset | None:
    """The open reset whose link a notice carries, locked."""
    query = sa.select(PasswordReset).where(
        PasswordReset.organization_id == organization_id, PasswordReset.notice_id == notice_id, _open(PasswordReset)
    )
    return session.scalars(query.with_for_update()).first()


# nosemgrep: query-without-organization - whoever has the link is not signed in
def find_reset_by_token(session: Session, token_hash: bytes, now: datetime) -> PasswordReset | None:
    """The reset that a link opens now, whichever organization; needs the role that signs people in."""
    query = sa.select(PasswordReset).where(
        PasswordReset.token_hash == token_hash, _open(PasswordReset), PasswordReset.expires_at > now
    )
    return session.scalars(query).first()


def take_reset(session: Session, organization_id: UUID, reset_id: UUID) -> PasswordReset | None:
    """A reset that is open still, locked."""
    query = sa.select(PasswordReset).where(
        PasswordReset.organization_id == organization_id, PasswordReset.id == reset_id, _open(PasswordReset)
    )
    return session.scalars(query.with_for_update()).first()


def revoke_resets(session: Session, organization_id: UUID, user_id: UUID, now: datetime) -> None:
    """Let every open link of a user to set a new password be worth nothing."""
    session.execute(
        sa.update(PasswordReset)
        .where(PasswordReset.organization_id == organization_id, PasswordReset.user_id == user_id, _open(PasswordReset))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
