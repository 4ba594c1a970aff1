"""The same rows three ways: by our jobs, by COPY, and by the ORM, each into the same tables in the same run.

Our way is the real one from file to events: reading, validation, duplicates, candidates with search text and labels,
the report and the hash-chained events. Only S3 and SQS are stood in for, by memory: moto would be measured instead.
COPY writes the finished rows of the import's own tables, read back from them, into bare copies of these tables (no
index, no trigger, no policy) and into the tables themselves, triggers, indexes and all. The ORM adds candidates and
report rows and no events.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from tests.benchmarks.bulk_imports_clock import Took, timed
from tests.benchmarks.bulk_imports_peers import added_by_orm, ask, copied, new_organization
from tests.benchmarks.report import Finding, console
from tests.chalicelib.bulk_imports.importing import people
from tests.fakes import FakeQueues, sqs_event
from tests.house import Database

LOW = "arn:aws:sqs:eu-central-1:123456789012:recruitpro-local-low"
BATCH = 5


@dataclass(slots=True)
class MemoryStorage:
    """As much of Storage as an import needs, in memory."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def fetch(self, key: str, _version: str, into: Any) -> None:
        into.write(self.objects[key])

    def put(self, key: str, content: bytes, *, content_type: str) -> str:
        self.objects[key] = content
        return "1"

    def delete(self, key: str, _version: str) -> None:
        self.objects.pop(key, None)


def run(database: Database, *, rows: int, orm_rows: int) -> Finding:
    """The table of the three ways."""
    organization_id = new_organization(database)
    console.print(f"  importing {rows:,} rows", style="dim")
    ours = imported(organization_id, MemoryStorage({"file": people(rows)}), rows)
    console.print("  copying them", style="dim")
    bare, same = copied(database, rows)
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


class _Digest:
    """A stream of which nothing stays but its hash."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def write(self, chunk: bytes, /) -> None:
        self._sha256.update(chunk)

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def _sha256(storage: Any) -> str:
    digest = _Digest()
    storage.fetch("file", "1", digest)
    return digest.hexdigest()


def imported(organization_id: UUID, storage: Any, rows: int) -> Took:
    """Import the file of so many rows under the storage's key `file` through the real handlers of the low queue."""
    from chalicelib import clients
    from chalicelib.jobs.consume import consume
    from chalicelib.jobs.models import QueueName
    from chalicelib.jobs.registry import WorkOf

    queues = FakeQueues()
    kept = clients.storage, clients.queues
    clients.storage, clients.queues = lambda _bucket: storage, lambda: queues  # type: ignore[assignment]
    try:
        ask(organization_id, 1, _sha256(storage))
        with timed() as clock:
            while queues.sent or _sweep():
                batch = [message.as_json() for message in queues.sent[:BATCH]]
                del queues.sent[:BATCH]
                consume(sqs_event(*batch, arn=LOW), WorkOf(QueueName.LOW))
    finally:
        clients.storage, clients.queues = kept
    created = _count(organization_id)
    assert created == rows, f"{created:,} of {rows:,} rows were imported"
    return clock.took(created)


def _sweep() -> int:
    """Send what a commit left to the sweep, as it does with more than a thousand messages; how many those were."""
    from chalicelib.clock import utc_now
    from chalicelib.jobs import relay
    from chalicelib.settings import settings

    return relay.sweep(utc_now() + timedelta(seconds=settings().outbox_grace_seconds)).unsent


def _count(organization_id: UUID) -> int:
    from chalicelib import db

    with db.transaction(organization_id) as session:
        query = sa.text("select count(*) from import_rows where outcome = 'created'")
        return int(session.execute(query).scalar_one())


def peak_mib(database: Database, rows: int) -> int:
    """The peak memory of a fresh process that imports a file of so many rows, without the benchmark's own copies: the
    file lies on disk, and so do the pieces."""
    command = [sys.executable, "-m", "tests.benchmarks.bulk_imports_memory", str(rows)]
    organization_id = new_organization(database)
    told = subprocess.run([*command, str(organization_id)], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[-1])


def own_peak_mib() -> int:
    """The peak memory of this process alone: on Linux `ru_maxrss` would begin with that of whoever started it."""
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) // 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
