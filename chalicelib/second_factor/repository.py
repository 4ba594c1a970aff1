"""Every query on second factors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.ids import new_id
from chalicelib.second_factor.models import RecoveryCode, SecondFactor
from chalicelib.second_factor.sealing import Sealed

IS_REQUIRED = sa.text("select requires_second_factor from organizations where id = :organization")
LOCK_ORGANIZATION = sa.text("select id from organizations where id = :organization for update")
LOCK_USERS = sa.text("""
    select count(*) from (
        select id from users where organization_id = :organization order by id for share) as locked
""")
RESTRICT = sa.text("""
    update sign_ins set is_restricted = true
    where organization_id = :organization and revoked_at is null and expires_at > :now and not is_restricted
      and not exists (select from second_factors
          where second_factors.organization_id = sign_ins.organization_id
            and second_factors.user_id = sign_ins.user_id and confirmed_at is not null)
""")
LIFT = sa.text("""
    update sign_ins set is_restricted = false where organization_id = :organization and is_restricted
      and (cast(:sign_in as uuid) is null or id = :sign_in)
""")


def is_required(session: Session, organization_id: UUID) -> bool:
    """Whether the organization requires a second factor of everybody."""
    return bool(session.scalar(IS_REQUIRED, {"organization": organization_id}))


def find(session: Session, organization_id: UUID, user_id: UUID) -> SecondFactor | None:
    query = sa.select(SecondFactor).where(
        SecondFactor.organization_id == organization_id, SecondFactor.user_id == user_id
    )
    return session.scalars(query).first()


def take_step(session: Session, factor: SecondFactor, step: int) -> bool:
    """Spend a time step and all before it; False when somebody has, in the same moment even."""
    taking = (
        sa.update(SecondFactor)
        .where(
            SecondFactor.organization_id == factor.organization_id,
            SecondFactor.id == factor.id,
            SecondFactor.last_step < step,
        )
        .values(last_step=step)
        .returning(SecondFactor.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(taking) is not None


def reseal(session: Session, factor: SecondFactor, sealed: Sealed) -> None:
    """Keep the secret under another key."""
    changing = (
        sa.update(SecondFactor)
        .where(SecondFactor.organization_id == factor.organization_id, SecondFactor.id == factor.id)
        .values(sealed_secret=sealed.content, key_id=sealed.key_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(changing)


def confirm(session: Session, factor: SecondFactor, now: datetime) -> None:
    """Let a factor count from now on."""
    factor.confirmed_at = now
    session.flush()


def remove(session: Session, factor: SecondFactor) -> None:
    """Forget a factor with its recovery codes."""
    ours = (SecondFactor.organization_id == factor.organization_id, SecondFactor.id == factor.id)
    session.execute(sa.delete(SecondFactor).where(*ours).execution_options(synchronize_session=False))
    session.expunge(factor)


def replace_recovery_codes(session: Session, factor: SecondFactor, hashes: Iterable[bytes], now: datetime) -> None:
    """Keep these recovery codes and no others."""
    session.execute(sa.delete(RecoveryCode).where(*_codes_of(factor)).execution_options(synchronize_session=False))
    rows = [
        {
            "id": new_id(),
            "organization_id": factor.organization_id,
            "second_factor_id": factor.id,
            "code_hash": each,
            "created_at": now,
        }
        for each in hashes
    ]
    session.execute(sa.insert(RecoveryCode), rows)


# nosemgrep: query-without-organization - _codes_of names it
def take_recovery_code(session: Session, factor: SecondFactor, code_hash: bytes, now: datetime) -> bool:
    """Spend a recovery code; False when there is none such, or somebody has spent it, in the same moment even."""
    taking = (
        sa.update(RecoveryCode)
        .where(*_codes_of(factor), RecoveryCode.code_hash == code_hash, RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(taking) is not None


# nosemgrep: query-without-organization - _codes_of names it
def count_codes_left(session: Session, factor: SecondFactor) -> int:
    """How many recovery codes have not been used."""
    query = sa.select(sa.func.count()).where(*_codes_of(factor), RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def hold_still(session: Session, organization_id: UUID) -> None:
    """Lock the organization's users and then itself: a sign-in locks its user and a new user its organization, so that
    nobody signs in by the rule of before while it changes."""
    # In this order: whoever has a user locked needs the organization for the event at the end.
    session.execute(LOCK_USERS, {"organization": organization_id})
    session.execute(LOCK_ORGANIZATION, {"organization": organization_id})


def restrict_sign_ins(session: Session, organization_id: UUID, now: datetime) -> int:
    """Restrict every sign-in that stands of a user without a factor; how many became so."""
    return _count(session, RESTRICT, {"organization": organization_id, "now": now})


def lift_restrictions(session: Session, organization_id: UUID, sign_in_id: UUID | None = None) -> int:
    """Lift the restriction of one sign-in, or of all of the organization; how many had one."""
    return _count(session, LIFT, {"organization": organization_id, "sign_in": sign_in_id})


def _count(session: Session, statement: sa.TextClause, values: dict[str, object]) -> int:
    return session.connection().execute(statement, values).rowcount


def _codes_of(factor: SecondFactor) -> tuple[sa.ColumnElement[bool], ...]:
    return RecoveryCode.organization_id == factor.organization_id, RecoveryCode.second_factor_id == factor.id
