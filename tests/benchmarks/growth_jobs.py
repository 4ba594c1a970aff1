"""What an import and screenings cost in the large organization of million.py: a part of growth.py.

The real handlers do them, with S3 and SQS in memory. Cost is CPU: what the server's process of the one connection
spends on a core, and what this process does, so that a busy machine changes little. What was added is erased at the
end, events and the head of their chain too.
"""

from __future__ import annotations

import random
import resource
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from tests.benchmarks.bulk_imports_case import MemoryStorage
from tests.benchmarks.bulk_imports_peers import ask
from tests.benchmarks.million import Member
from tests.chalicelib.bulk_imports.importing import people
from tests.fakes import FakeQueues, sqs_event

ROWS, IN_A_BATCH = 1000, 50
IMPORT, SCREENING, BATCH = f"import of {ROWS:,}", "one screening", f"screening of {IN_A_BATCH}"
NAMES = tuple(f"{job}: {part}" for job in (IMPORT, SCREENING, BATCH) for part in ("database", "own process"))
WHAT_ENDED = {IMPORT: "import_rows where outcome = 'created'", SCREENING: "screenings", BATCH: "screenings"}
# Of one organization, since a moment: children before what they belong to, though nothing looks at references.
OURS = "organization_id = :organization_id"
NEW = f"{OURS} and created_at >= :since"
ERASED = {
    "import_rows": f"{OURS} and import_id in (select id from imports where {NEW})",
    "imports": NEW,
    "candidate_labels": f"{OURS} and candidate_id in (select id from candidates where {NEW})",
    "candidates": NEW,
    "documents": NEW,
    "screenings": NEW,
    "outbox": f"{OURS} and job_id in (select id from jobs where {OURS} and enqueued_at >= :since)",
    "jobs": f"{OURS} and enqueued_at >= :since",
    "events": f"{OURS} and sequence > :sequence",
    "metric_increments": "id > :counted",
}
APPLICATIONS = """
    with screened as (
        select applications.id, applications.position_id from applications
        join candidates on candidates.id = applications.candidate_id join documents on documents.id = resume_document_id
        where applications.organization_id = :organization_id and applications.status = 'active'
          and documents.status = 'clean'),
    busiest as (select position_id from screened group by 1 order by count(*) desc, 1 limit 1)
    select id, position_id from screened join busiest using (position_id) order by id limit 200
"""
# A million that was made by an earlier million.sql has texts whose pages nobody can read.
READABLE = """
    update document_texts set pages = jsonb_build_array(jsonb_build_array(1, 0, char_length(text)))
    from applications join candidates on candidates.id = applications.candidate_id
    where applications.id = any(:ids) and document_id = resume_document_id and jsonb_array_length(pages -> 0) <> 3
"""


@dataclass(slots=True)
class Cost:
    """Milliseconds on a core."""

    database: float = 0.0
    own: float = 0.0


@contextmanager
def spending(backend: int) -> Iterator[Cost]:
    """What the server's process and this one spend meanwhile."""

    def now() -> tuple[float, float]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        of_server = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
        return of_server / 1e6, (used.ru_utime + used.ru_stime) * 1e3

    cost, began = Cost(), now()
    yield cost
    cost.database, cost.own = (after - before for before, after in zip(began, now(), strict=True))


def costs_of(superuser: sa.Connection, member: Member, backend_of: Callable[[], int], times: int) -> dict[str, float]:
    """The medians, by NAMES; one of each is done before and not counted."""
    from chalicelib import clients

    storage, queues = MemoryStorage(), FakeQueues()
    kept = clients.storage, clients.queues
    clients.storage, clients.queues = lambda _bucket: storage, lambda: queues  # type: ignore[assignment]
    jobs = _Jobs(member.organization_id, storage, queues, superuser)
    try:
        with erased(superuser, member.organization_id):
            medians: dict[str, float] = {}
            for name, work in ((IMPORT, jobs.import_people), (SCREENING, jobs.screen), (BATCH, jobs.screen_many)):
                work()
                backend, costs = backend_of(), list[Cost]()
                for _ in range(times):
                    with spending(backend) as cost:
                        work()
                    costs.append(cost)
                medians[f"{name}: database"] = statistics.median(cost.database for cost in costs)
                medians[f"{name}: own process"] = statistics.median(cost.own for cost in costs)
            jobs.check(times + 1)
            return medians
    finally:
        clients.storage, clients.queues = kept


class _Jobs:
    """The work of one organization, asked for and done."""

    def __init__(
        self, organization_id: UUID, storage: MemoryStorage, queues: FakeQueues, superuser: sa.Connection
    ) -> None:
        self._organization_id, self._storage, self._queues, self._superuser = (
            organization_id,
            storage,
            queues,
            superuser,
        )
        found = superuser.execute(sa.text(APPLICATIONS), {"organization_id": organization_id}).all()
        assert len(found) >= IN_A_BATCH, "no position of the organization has applications enough"
        self._application_ids, self._position_id = [row.id for row in found], found[0].position_id
        superuser.execute(sa.text(READABLE), {"ids": self._application_ids})
        self._before = {name: self._count(name) for name in WHAT_ENDED}
        self._chance = random.Random(1)
        # Whom no run before this one has left behind, were it broken off.
        self._first = random.randrange(10_000_000, 90_000_000, ROWS)

    def import_people(self) -> None:
        """A file of people whom nobody knows."""
        self._first += ROWS
        self._storage.objects["file"] = people(ROWS, first=self._first)
        ask(self._organization_id, 1, _sha256(self._storage.objects["file"]))
        self._work_off("low")

    def screen(self) -> None:
        from chalicelib.screening import service

        self._ask(lambda common: service.ask(*common, self._chance.choice(self._application_ids), **_now()))

    def screen_many(self) -> None:
        from chalicelib.screening import batches

        chosen = self._chance.sample(self._application_ids, IN_A_BATCH)
        self._ask(lambda common: batches.ask(*common, self._position_id, chosen, **_now()))

    def check(self, times: int) -> None:
        """Raises unless all of it was done so many times."""
        done = {name: self._count(name) - before for name, before in self._before.items()}
        screened = times * (1 + IN_A_BATCH)
        assert done == {IMPORT: times * ROWS, SCREENING: screened, BATCH: screened}, done

    def _ask(self, asking: Callable[[tuple[Any, UUID]], UUID]) -> None:
        from chalicelib import db

        with db.transaction(self._organization_id) as session:
            asking((session, self._organization_id))
        self._work_off("high")

    def _work_off(self, queue: str) -> None:
        from chalicelib.jobs.consume import consume
        from chalicelib.jobs.models import QueueName
        from chalicelib.jobs.registry import WorkOf

        while self._queues.sent:
            batch = [message.as_json() for message in self._queues.sent[:10]]
            del self._queues.sent[:10]
            arn = f"arn:aws:sqs:eu-central-1:123456789012:recruitpro-local-{queue}"
            consume(sqs_event(*batch, arn=arn), WorkOf(QueueName(queue)))

    def _count(self, name: str) -> int:
        table, _, condition = WHAT_ENDED[name].partition(" where ")
        # Constants of this module.
        query = f"select count(*) from {table} where {OURS}" + (f" and {condition}" if condition else "")
        return int(self._superuser.execute(sa.text(query), {"organization_id": self._organization_id}).scalar_one())


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def _now() -> Mapping[str, Any]:
    from chalicelib.clock import utc_now
    from chalicelib.events.models import Actor

    return {"actor": Actor("system"), "now": utc_now()}


@contextmanager
def erased(superuser: sa.Connection, organization_id: UUID) -> Iterator[None]:
    """What an organization gets meanwhile is gone afterwards, and its chain of events ends where it did."""
    head = superuser.execute(
        sa.text(f"select sequence, hash, clock_timestamp() as since from event_heads where {OURS}"),
        {"organization_id": organization_id},
    ).one()
    counted = superuser.exec_driver_sql("select coalesce(max(id), 0) from metric_increments").scalar_one()
    values = {"organization_id": organization_id, "counted": counted, **head._mapping}
    try:
        yield
    finally:
        superuser.exec_driver_sql("set session_replication_role = replica")
        for table, condition in ERASED.items():
            superuser.execute(sa.text(f"delete from {table} where {condition}"), values)
        superuser.execute(
            sa.text(f"update event_heads set sequence = :sequence, hash = :hash where {OURS}"),
            values,
        )
        superuser.exec_driver_sql("reset session_replication_role")
