"""The database that the rows go to: whether it is ready, which organization they become part of, and who is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from chalicelib import db, migrations
from chalicelib.auth.models import Organization, User, UserRole
from chalicelib.db import Role
from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.events.models import Subject
from infra.migrate_sqlite.errors import Mistake
from infra.migrate_sqlite.world import SYSTEM, Here

CAN_ACT = sa.text("select pg_has_role(current_user, 'recruitpro_sign_in', 'set')")
IS_KNOWN_ROLE = sa.text("select 1 from pg_roles where rolname = 'recruitpro_sign_in'")
HAS_SCHEMA = sa.text("select to_regclass('alembic_version') is not null")
REVISION = sa.text("select version_num from alembic_version")
LISTENS = sa.text("select 1 from webhooks where is_active and deleted_at is null and '*' = any(events) limit 1")
CANDIDATES = sa.text("""
    select email, id from candidates
    where organization_id = :organization_id and deleted_at is null and email in (
        select email from json_array_elements_text(cast(:emails as json)) as given(email))
""")


@dataclass(frozen=True, slots=True)
class Home:
    """The organization that takes the rows in. `is_new`: it is not there yet."""

    id: UUID
    name: str
    is_new: bool


@contextmanager
def faults_told() -> Iterator[None]:
    """Whatever the database says against it is raised as a Mistake, without statement, values or password."""
    try:
        yield
    except RecruitProError as error:
        raise Mistake(f"{error.detail} (what is written so far stays; run it again)") from error
    except SQLAlchemyError as error:
        answer = getattr(getattr(error, "orig", None), "args", None)
        told = answer[0].get("M") if answer and isinstance(answer[0], dict) else type(error).__name__
        raise Mistake(f"the database refuses: {told} (what is written so far stays; run it again)") from error


def check() -> None:
    """Raises Mistake unless this is a database of ours at the newest schema, reached as the application's role."""
    newest = migrations.newest()
    with faults_told(), db.transaction() as session:
        if not session.scalar(IS_KNOWN_ROLE) or not session.scalar(HAS_SCHEMA):
            raise Mistake("this database has no schema of RecruitPro: migrate it first")
        if not session.scalar(CAN_ACT):
            raise Mistake("sign in as the application's role (recruitpro_app), not as the owner: it takes on no other")
        current = session.scalar(REVISION)
    if current != newest:
        raise Mistake(f"the schema stands at {current}, this release knows {newest}: migrate it first")


def find(name: str, derived: UUID) -> Home:
    """The organization that an earlier run founded, or the one of this name, or a new one. Raises Mistake when several
    have the name, or when it would tell a webhook of every row."""
    with faults_told(), db.transaction(role=Role.SIGN_IN) as session:
        same = sa.or_(Organization.id == derived, sa.func.lower(Organization.name) == name.lower())
        found = session.execute(sa.select(Organization.id, Organization.name).where(same)).all()
    ours = [row for row in found if row.id == derived] or found
    if len(ours) > 1:
        raise Mistake(f"{len(ours)} organizations are named {name}")
    if not ours:
        return Home(derived, name, is_new=True)
    with faults_told(), db.transaction(ours[0].id) as session:
        if session.scalar(LISTENS):
            raise Mistake("a webhook listens to everything and would be told of every row: disable it meanwhile")
    return Home(ours[0].id, ours[0].name, is_new=False)


def look(home: Home, addresses: Iterable[str], candidates: Iterable[str]) -> Here:
    """Who is there of these addresses."""
    with faults_told():
        with db.transaction(role=Role.SIGN_IN) as session:
            users, elsewhere, admins = _users(session, home.id, addresses)
        if home.is_new:
            return Here(elsewhere=elsewhere)
        with db.transaction(home.id) as session:
            values = {"organization_id": home.id, "emails": json.dumps(list(candidates))}
            known = {row.email: row.id for row in session.execute(CANDIDATES, values)}
    return Here(users, admins, elsewhere, known)


def _users(
    session: Session, organization_id: UUID, addresses: Iterable[str]
) -> tuple[dict[str, UUID], frozenset[str], tuple[UUID, ...]]:
    query = sa.select(User.email, User.id, User.organization_id).where(User.email.in_(list(addresses)))
    users, elsewhere = {}, set()
    for row in session.execute(query):
        if row.organization_id == organization_id:
            users[row.email] = row.id
        else:
            elsewhere.add(row.email)
    is_admin = (User.organization_id == organization_id, User.role == UserRole.ADMIN, User.is_active)
    admins = session.scalars(sa.select(User.id).where(*is_admin).order_by(User.created_at, User.id))
    return users, frozenset(elsewhere), tuple(admins)


def found(home: Home, now: datetime) -> None:
    """Make the organization, if it is new."""
    if not home.is_new:
        return
    with faults_told(), db.transaction(home.id, Role.SIGN_IN) as session:
        session.add(Organization(id=home.id, name=home.name, created_at=now, updated_at=now))
        subject, after = Subject("organization", home.id), {"name": home.name}
        events.record(session, "organization_founded", subject, actor=SYSTEM, now=now, after=after)
