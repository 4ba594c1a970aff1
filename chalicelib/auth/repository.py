"""Every query on accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.auth.models import Organization, RefreshToken, SignIn, User


# nosemgrep: query-without-organization - who signs in is known by address alone
def find_user_by_email(session: Session, email: str) -> User | None:
    """The account of an address, whichever organization it belongs to; needs the role that signs people in."""
    return session.scalars(sa.select(User).where(User.email == email)).first()


def find_user(session: Session, organization_id: UUID, user_id: UUID, *, lock: bool = False) -> User | None:
    query = sa.select(User).where(User.id == user_id, User.organization_id == organization_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def name_of(session: Session, organization_id: UUID) -> str:
    """How an organization is called."""
    return session.execute(sa.select(Organization.name).where(Organization.id == organization_id)).scalar_one()


# nosemgrep: query-without-organization - the token's hash is all there is to go by
def take_refresh_token(session: Session, token_hash: bytes) -> tuple[RefreshToken, SignIn, User] | None:
    """A refresh token with its sign-in and user, locked so that it is used by one request at a time."""
    query = (
        sa.select(RefreshToken, SignIn, User)
        .join(SignIn, SignIn.id == RefreshToken.sign_in_id)
        .join(User, User.id == SignIn.user_id)
        .where(RefreshToken.token_hash == token_hash)
        .with_for_update(of=(RefreshToken, SignIn))
    )
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1], row[2])


def is_any_used_after(session: Session, organization_id: UUID, sign_in_id: UUID, moment: datetime) -> bool:
    """Whether a refresh token of a sign-in was used after this moment."""
    query = sa.select(RefreshToken.id).where(
        RefreshToken.organization_id == organization_id,
        RefreshToken.sign_in_id == sign_in_id,
        RefreshToken.used_at > moment,
    )
    return session.scalars(query.limit(1)).first() is not None


def standing(organization_id: UUID, user_id: UUID, now: datetime) -> sa.Select[Any]:
    """The sign-ins of a user that neither ended nor ran out."""
    shown: tuple[Any, ...] = (SignIn.id, SignIn.created_at, SignIn.expires_at)
    return sa.select(*shown).where(
        SignIn.organization_id == organization_id,
        SignIn.user_id == user_id,
        SignIn.revoked_at.is_(None),
        SignIn.expires_at > now,
    )


def is_standing(session: Session, organization_id: UUID, user_id: UUID, sign_in_id: UUID, now: datetime) -> bool:
    """Whether this is one of those."""
    query = standing(organization_id, user_id, now).where(SignIn.id == sign_in_id)
    return session.scalars(query.with_for_update()).first() is not None


def end_sign_in(session: Session, organization_id: UUID, sign_in_id: UUID, reason: str, now: datetime) -> None:
    """Revoke a sign-in with all its tokens, at once."""
    session.execute(
        sa.update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.organization_id == organization_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
    )


def end_sign_ins(
    session: Session,
    organization_id: UUID,
    user_id: UUID,
    reason: str,
    now: datetime,
    *,
    except_sign_in_id: UUID | None,
) -> list[UUID]:
    """Revoke the sign-ins of a user that still stand, at once, but for one; which ones they were."""
    ending = (
        sa.update(SignIn)
        .where(SignIn.organization_id == organization_id, SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=reason)
        .returning(SignIn.id)
    )
    if except_sign_in_id is not None:
        ending = ending.where(SignIn.id != except_sign_in_id)
    return sorted(session.scalars(ending.execution_options(synchronize_session=False)))
