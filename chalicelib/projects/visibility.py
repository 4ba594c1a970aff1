"""Reading with other eyes than the request's: with a user's in a job that works for them, and with the system's where a
whole is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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


ASKER = sa.text(
    "select current_setting('app.user_id', true) as user_id, current_setting('app.user_role', true) as role"
)
ASK_AS = sa.text("select set_config('app.user_id', :user_id, true), set_config('app.user_role', :role, true)")


@contextmanager
def seeing_all(session: Session) -> Iterator[None]:
    """Work on a whole that holds for those who see a part of it as well; nothing of what only the system sees may be
    told afterwards."""
    session.flush()
    asker = session.execute(ASKER).one()
    session.execute(ASK_AS, {"user_id": "", "role": ""})
    yield
    session.flush()
    session.execute(ASK_AS, {"user_id": asker.user_id or "", "role": asker.role or ""})
