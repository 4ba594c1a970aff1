"""The rows of an import once more: by COPY, and by the ORM."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from chalicelib.ids import new_id
from chalicelib.migrations.roles import driver_url
from tests.benchmarks.bulk_imports_clock import Took, timed
from tests.factories import as_superuser
from tests.fakes import FakeQueues
from tests.house import Database

TABLES = ("candidates", "import_rows", "events")
NEW_ORGANIZATION = "insert into organizations (id, name, created_at, updated_at) values (:id, 'Bench', now(), now())"


def new_organization(database: Database) -> UUID:
    organization_id = new_id()
    with as_superuser(database) as connection:
        connection.execute(sa.text(NEW_ORGANIZATION), {"id": organization_id})
    return organization_id


def ask(organization_id: UUID, size_bytes: int, sha256: str = "0" * 64) -> None:
    """A clean document in the storage's key `file`, and an import of it."""
    from chalicelib import db
    from chalicelib.bulk_imports import service
    from chalicelib.clock import utc_now
    from chalicelib.documents.models import Document
    from chalicelib.events.models import Actor

    now = utc_now()
    scan = {"status": "clean", "object_version": "1", "sha256": sha256, "scanned_at": now, "scan_engine": "none"}
    scan |= {"clean_key": "file", "clean_version": "1"}
    file = {"kind": "import", "filename": "people.csv", "content_type": "text/csv", "size_bytes": size_bytes}
    with db.transaction(organization_id) as session:
        moments = {"upload_expires_at": now, "created_at": now, "updated_at": now}
        own = {"id": new_id(), "organization_id": organization_id, "object_key": "file"}
        document = Document(**own, **file, **scan, **moments, version=1)
        session.add(document)
        session.flush()
        service.ask(
            session, document, mapping={}, on_duplicate="skip", is_dry_run=False, actor=Actor("system"), now=now
        )


def copied(database: Database, rows: int) -> tuple[Took, Took]:
    """Copy what the import wrote into bare tables, then into the very tables after they were emptied."""
    files = {table: _copy_out(database, table) for table in TABLES}
    superuser = sa.create_engine(driver_url(database.superuser_url), poolclass=NullPool)
    with superuser.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"create table bare_{table} (like {table})"))
    with superuser.begin() as connection, timed(connection) as bare:
        for table in TABLES:
            _copy_in(connection, f"bare_{table}", files[table])
        connection.commit()
    with as_superuser(database) as connection:
        connection.execute(sa.text("truncate candidate_labels, import_rows, events"))
        connection.execute(sa.text("delete from candidates"))
    with superuser.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text("vacuum full candidates"))
    with superuser.begin() as connection, timed(connection) as same:
        for table in TABLES:
            _copy_in(connection, table, files[table])
        connection.commit()
    return bare.took(rows), same.took(rows)


def _copy_out(database: Database, table: str) -> bytes:
    out = io.BytesIO()
    with as_superuser(database) as connection:
        _cursor(connection).execute(f"copy {table} to stdout", stream=out)
    return out.getvalue()


def _copy_in(connection: sa.Connection, table: str, content: bytes) -> None:
    _cursor(connection).execute(f"copy {table} from stdin", stream=io.BytesIO(content))


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()


def added_by_orm(database: Database, rows: int) -> Took:
    """Candidates and report rows by `add_all`, the values made before the clock starts."""
    from chalicelib import db
    from chalicelib.bulk_imports.models import Import, ImportRow
    from chalicelib.candidates.models import Candidate

    organization_id = new_organization(database)
    _ask_quietly(organization_id)
    things = list(_people(organization_id, rows))
    with timed() as clock, db.transaction(organization_id) as session:
        import_id = session.scalars(sa.select(Import.id)).one()
        session.add_all([Candidate(**values) for values in things])
        session.flush()
        session.add_all(
            [
                ImportRow(
                    organization_id=organization_id,
                    import_id=import_id,
                    number=number,
                    line=number + 1,
                    outcome="created",
                    candidate_id=values["id"],
                    version=1,
                )
                for number, values in enumerate(things, start=1)
            ]
        )
    return clock.took(rows)


def _ask_quietly(organization_id: UUID) -> None:
    from chalicelib import clients

    kept = clients.queues
    clients.queues = FakeQueues  # type: ignore[assignment]
    try:
        ask(organization_id, 1)
    finally:
        clients.queues = kept


def _people(organization_id: UUID, rows: int) -> Iterator[dict[str, Any]]:
    from chalicelib.clock import utc_now

    now = utc_now()
    for n in range(rows):
        yield {
            "id": new_id(),
            "organization_id": organization_id,
            "name": f"Person {n}",
            "email": f"person.{n}@example.com",
            "phone": f"+4930{2_000_000 + n}",
            "location": "Berlin",
            "headline": "Engineer",
            "skills": ["Python", "SQL", "Rust"],
            "created_at": now,
            "updated_at": now,
        }
