"""Whether a restored copy is the database that it was: its schema, every row of every table, and what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.backups import live
from chalicelib.backups.fingerprints import fingerprints
from chalicelib.backups.live import Past, Schema
from chalicelib.errors import RecruitProError, Unavailable
from chalicelib.events.verification import BEGINNING, Verdict, verify

NAMED = 20
# Told when a connection is made: that what should be there is not.
NOT_OURS = {
    "3D000": "there is no database of this name",
    "22023": "its roles are not there",
    "42704": "its roles are not there",
}
SEE_ONE = sa.text("select set_config('app.organization_id', :organization, true)")
EXISTS = sa.text("select exists (select from organizations where id = :organization)")
# It was the live one's before it was restored, and a long look is no fault.
NO_TIME_LIMIT = sa.text("select set_config('statement_timeout', '0', true)")


class CopyUnreachable(Unavailable):
    """Nobody can sign in to the restored copy now."""

    code = "copy_unreachable"


@dataclass(slots=True)
class Examination:
    """What was found. `wrong` is empty when the copy is what it should be; `left` organizations had no turn."""

    revision: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    organizations: int = 0
    events: int = 0
    left: int = 0
    wrong: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The same for a record: counts, and the first of what is wrong."""
        counts = {"organizations": self.organizations, "events": self.events, "organizations_left": self.left}
        told = {"revision": self.revision, "tables": len(self.rows), "rows": self.rows, **counts}
        return {**told, "wrong_count": len(self.wrong), "wrong": self.wrong[:NAMED]}

    @contextmanager
    def step(self, session: Session, what: str) -> Iterator[None]:
        """Something to find out; that it cannot be is wrong with the copy, and keeps nothing else from being looked
        at."""
        savepoint = session.begin_nested()
        try:
            yield
        except (DBAPIError, RecruitProError) as error:
            if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_passing(error)):
                raise
            savepoint.rollback()
            if isinstance(error, Unavailable):
                raise
            reason = db.sql_state(error) if isinstance(error, DBAPIError) else error.code
            self.wrong.append(f"{what} cannot be read ({reason or type(error).__name__})")
        else:
            savepoint.commit()


def examine(
    copy: sa.Engine, taken_at: datetime, *, seconds: float, clock: Callable[[], float] = time.monotonic
) -> Examination:
    """Look at a copy of the snapshot taken at `taken_at`, signed in to with the rights of the owner, whose policies are
    lifted for as long as it takes. No organization's chain is begun after so many seconds.

    Raises CopyUnreachable, and DatabaseUnavailable when the live database does not answer.
    """
    until, found = clock() + seconds, Examination()
    now = live.schema()
    waiting = live.organizations_before(taken_at)
    try:
        with _session(copy) as session:
            _look_at_schema(session, found, now)
            with found.step(session, "a table"):
                found.rows = {name: each.rows for name, each in fingerprints(session, lift_policies=True).items()}
            for number, organization_id in enumerate(waiting):
                if clock() >= until:
                    found.left = len(waiting) - number
                    break
                with found.step(session, f"organization {organization_id}"):
                    _look_at_chain(session, found, organization_id, live.past_of(organization_id, taken_at))
    except _NotOurs as missing:
        found.wrong.append(missing.reason)
    return found


class _NotOurs(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def _session(copy: sa.Engine) -> Iterator[Session]:
    """A transaction on the copy that leaves nothing behind."""
    try:
        with Session(copy) as session:
            session.execute(NO_TIME_LIMIT)
            yield session
            session.rollback()
    except DBAPIError as error:
        reason = NOT_OURS.get(db.sql_state(error) or "")
        if reason is not None:
            raise _NotOurs(reason) from error
        raise CopyUnreachable("the restored copy does not answer, or lets nobody in") from error
    except OSError as error:
        raise CopyUnreachable("the restored copy does not answer") from error


def _is_passing(error: DBAPIError) -> bool:
    """Whether it says nothing about the copy: a run at the same time holds the locks, or the server goes down."""
    return db.sql_state(error) in db.SERIALIZATION_FAILURES


def _look_at_schema(session: Session, found: Examination, now: Schema) -> None:
    with found.step(session, "the schema's revision"):
        found.revision = session.execute(live.REVISION).scalar_one_or_none()
    if found.revision is None:
        found.wrong.append("the schema has no revision")
        return
    known = _revisions()
    if found.revision not in known:
        found.wrong.append(f"revision {found.revision} of the schema is not known")
    elif now.revision in known and known.index(found.revision) > known.index(now.revision):
        found.wrong.append(f"revision {found.revision} of the schema is newer than the live one, {now.revision}")
    elif found.revision == now.revision:
        # An older one has other tables, and nobody knows which.
        missing = now.tables - frozenset(session.scalars(live.TABLES))
        found.wrong.extend(f"table {name} is missing" for name in sorted(missing))


def _revisions() -> list[str]:
    """Every change of the schema that this release knows, oldest first."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from chalicelib.migrations import FOLDER

    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(configuration)
    return [change.revision for change in reversed(list(script.walk_revisions()))]


def _look_at_chain(session: Session, found: Examination, organization_id: UUID, past: Past) -> None:
    session.execute(SEE_ONE, {"organization": str(organization_id)})
    name = f"organization {organization_id}"
    if not session.scalar(EXISTS, {"organization": organization_id}):
        found.wrong.append(f"{name} is missing")
        return
    verdict = verify(session, organization_id, anchors=past.anchors)
    found.organizations += 1
    found.events += verdict.verified
    problem = _problem(verdict, past)
    if problem is not None:
        found.wrong.append(f"{name}: {problem}")


def _problem(verdict: Verdict, past: Past) -> str | None:
    """What is wrong with a chain of events, by itself or beside the live one."""
    if verdict.broken is not None:
        return f"event {verdict.broken.sequence}: {verdict.broken.meaning}"
    if verdict.head.sequence < past.at_least:
        return f"its events end at {verdict.head.sequence} and not at {past.at_least} or later"
    if verdict.head.hash == BEGINNING and verdict.head.sequence == 0:
        return None
    known = live.hash_of(verdict.organization_id, verdict.head.sequence)
    if known is None:
        return f"event {verdict.head.sequence} is not in the live database any more"
    return None if known == verdict.head.hash else f"event {verdict.head.sequence} is another one in the live database"
