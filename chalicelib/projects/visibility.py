"""Reading with a user's eyes where no request of theirs does: what a job hands to somebody shows them no more than they
may see."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

SEE_AS = sa.text("""
    select set_config('app.user_id', cast(:user_id as text), true), set_config('app.user_role', coalesce((
        select role from users where organization_id = :organization_id and id = :user_id and is_active), ''), true)
""").bindparams(sa.bindparam("user_id", type_=sa.Uuid()))


def see_as(session: Session, organization_id: UUID, user_id: UUID | None) -> None:
    """Let the transaction in hand see, to its end, what this user may see now; all when it is nobody."""
    if user_id is not None:
        session.execute(SEE_AS, {"organization_id": organization_id, "user_id": user_id})
