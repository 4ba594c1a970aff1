"""The same rows three ways: by our jobs, by COPY, and by the ORM, each into the same tables in the same run.

Our way is the real one from file to events: reading, validation, duplicates, candidates with search text and labels,
the report and the hash-chained events. Only S3 and SQS are stood in for, by memory: moto would be measured instead.
COPY writes the finished rows of the import's own tables, read back from them, into bare copies of these tables (no
index, no trigger, no policy) and into the tables themselves, triggers, indexes and all. The ORM adds candidates and
report rows and no events.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from chalicelib.ids import new_id
from chalicelib.migrations.roles import driver_url
from tests.benchmarks.report import Finding, console
from tests.chalicelib.bulk_imports.importing import people
from tests.factories import as_superuser
from tests.fakes import FakeQueues, sqs_event
from tests.house import Database

LOW = "arn:aws:sqs:eu-central-1:123456789012:recruitpro-local-low"
TABLES = ("candidates", "import_rows", "events")
BATCH = 5
NEW_ORGANIZATION = "insert into organizations (id, name, created_at, updated_at) values (:id, 'Bench', now(), now())"


@dataclass(slots=True)
class MemoryStorage:
    """As much of Storage as an import needs, in memory."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, key: str, _version: str, into: BinaryIO) -> None:
        into.write(self.objects[key])

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        self.objects[key] = content
        return "1"

    def delete(self, key: str, _version: str) -> None:
        self.objects.pop(key, None)


@dataclass(frozen=True, slots=True)
class Took:
    """What one way took: seconds on the clock, and of this process's and its database backend's processor."""

    rows: int
    seconds: float
    cpu_seconds: float

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds

    @property
    def cpu_us_per_row(self) -> float:
        return self.cpu_seconds / self.rows * 1e6


def run(database: Database, *, rows: int, orm_rows: int) -> Finding:
    """The table of the three ways."""
    organization_id = new_organization(database)
    console.print(f"  importing {rows:,} rows", style="dim")
    ours = imported(organization_id, MemoryStorage({"file": people(rows)}))
    console.print("  copying them", style="dim")
    bare, same = copied(database, organization_id, rows)
    console.print(f"  adding {orm_rows:,} by the ORM", style="dim")
    added = added_by_orm(database, orm_rows)
    peak = peak_mib(database, rows)
    named = {"COPY, bare tables": bare, "COPY, same tables": same, "ORM add_all": added, "import": ours}
    table = [
        [
            name,
            f"{took.rows:,}",
            f"{took.seconds:.1f}",
            f"{took.rows_per_second:,.0f}",
            f"{ours.rows_per_second / took.rows_per_second:.2f}",
            f"{took.cpu_us_per_row:.0f}",
            f"{took.cpu_us_per_row / ours.cpu_us_per_row:.2f}",
        ]
        for name, took in named.items()
    ]
    data = {
        name: {"rows": took.rows, "rows_per_second": round(took.rows_per_second), "cpu_us": round(took.cpu_us_per_row)}
        for name, took in named.items()
    }
    columns = ("way", "rows", "seconds", "rows/s", "import / this", "CPU us/row", "this CPU / import's")
    return Finding(
        f"Bulk import: {rows:,} rows, one process, one connection",
        columns,
        table,
        data | {"peak_memory_mib": peak},
        (
            *(__doc__ or "").split("\n\n", 1)[1].strip().splitlines(),
            f"Peak memory of a process that imports the {rows:,} rows from a file: {peak} MiB, interpreter and all.",
        ),
    )


def new_organization(database: Database) -> UUID:
    organization_id = new_id()
    with as_superuser(database) as connection:
        connection.execute(sa.text(NEW_ORGANIZATION), {"id": organization_id})
    return organization_id


def imported(organization_id: UUID, storage: Any) -> Took:
    """Import the file under the storage's key `file` through the real handlers of the low queue."""
    from chalicelib import clients
    from chalicelib.jobs.consume import consume
    from chalicelib.jobs.models import QueueName
    from chalicelib.jobs.registry import WorkOf

    queues = FakeQueues()
    kept = clients.storage, clients.queues
    clients.storage, clients.queues = lambda: storage, lambda: queues  # type: ignore[assignment]
    try:
        _ask(organization_id, 1)
        with _timed() as clock:
            while queues.sent:
                batch = [message.as_json() for message in queues.sent[:BATCH]]
                del queues.sent[:BATCH]
                consume(sqs_event(*batch, arn=LOW), WorkOf(QueueName.LOW))
    finally:
        clients.storage, clients.queues = kept
    return clock.took(_count(organization_id))


def _ask(organization_id: UUID, size_bytes: int) -> None:
    """A clean document in the storage's key `file`, and an import of it."""
    from chalicelib import db
    from chalicelib.bulk_imports import service
    from chalicelib.clock import utc_now
    from chalicelib.documents.models import Document
    from chalicelib.events.models import Actor

    now = utc_now()
    scan = {"status": "clean", "object_version": "1", "sha256": "0" * 64, "scanned_at": now, "scan_engine": "none"}
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


def _count(organization_id: UUID) -> int:
    from chalicelib import db

    with db.transaction(organization_id) as session:
        query = sa.text("select count(*) from import_rows where outcome = 'created'")
        return int(session.execute(query).scalar_one())


class _timed:  # noqa: N801 - reads as a statement
    """Times what happens within: the clock, this process, and the backend of `connection` (the pool's own by
    default)."""

    def __init__(self, connection: sa.Connection | None = None) -> None:
        self._pid = _backend(connection)

    def __enter__(self) -> _timed:
        self._began = time.perf_counter(), self._cpu()
        return self

    def __exit__(self, *_: object) -> None:
        began, cpu = self._began
        self.seconds, self.cpu_seconds = time.perf_counter() - began, self._cpu() - cpu

    def took(self, rows: int) -> Took:
        return Took(rows, self.seconds, self.cpu_seconds)

    def _cpu(self) -> float:
        return time.process_time() + _cpu_of(self._pid)


def _backend(connection: sa.Connection | None) -> int:
    from chalicelib import db

    query = sa.text("select pg_backend_pid()")
    if connection is not None:
        return int(connection.execute(query).scalar_one())
    # The pool gives out the connection that came back last: in one thread it is always the same.
    with db.engine().connect() as pooled:
        return int(pooled.execute(query).scalar_one())


def _cpu_of(pid: int) -> float:
    """Seconds of processor time that a process has used; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100


def copied(database: Database, organization_id: UUID, rows: int) -> tuple[Took, Took]:
    """Copy what the import wrote into bare tables, then into the very tables after they were emptied."""
    files = {table: _copy_out(database, table) for table in TABLES}
    superuser = sa.create_engine(driver_url(database.superuser_url), poolclass=NullPool)
    with superuser.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"create table bare_{table} (like {table})"))
    with superuser.begin() as connection, _timed(connection) as bare:
        for table in TABLES:
            _copy_in(connection, f"bare_{table}", files[table])
        connection.commit()
    with as_superuser(database) as connection:
        connection.execute(sa.text("truncate candidate_labels, import_rows, events"))
        connection.execute(sa.text("delete from candidates"))
    with superuser.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text("vacuum full candidates"))
    with superuser.begin() as connection, _timed(connection) as same:
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
    with _timed() as clock, db.transaction(organization_id) as session:
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
        _ask(organization_id, 1)
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


def peak_mib(database: Database, rows: int) -> int:
    """The peak memory of a fresh process that imports a file of so many rows, without the benchmark's own copies: the
    file lies on disk, and so do the pieces."""
    command = [sys.executable, "-m", "tests.benchmarks.bulk_imports_memory", str(rows)]
    organization_id = new_organization(database)
    told = subprocess.run([*command, str(organization_id)], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[-1])


def own_peak_mib() -> int:
    """The peak memory of this process."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
