"""What stands in the database that will be lost: organizations, their people, files and ratings, made by the services;
and, for a drill of a certain size, bulk that a few statements write."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import httpx
import sqlalchemy as sa

from chalicelib import clients, db
from chalicelib.applications import service as applications
from chalicelib.auth import service as auth
from chalicelib.candidates import service as candidates
from chalicelib.clients import Bucket
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.documents import service as documents
from chalicelib.events.models import Actor
from chalicelib.migrations.roles import driver_url
from chalicelib.positions import service as positions
from chalicelib.positions.models import DEFAULT_STAGES
from chalicelib.screening import service as screening
from infra.demo import seed
from infra.demo.play import RESUMES
from infra.local.postgres import PostgresServer
from infra.restore_drill.world import World

EMAIL = seed.EMAIL
OTHERS = ("Tidewater Staffing", "Larkfield People")
FILES = ("amelia-hartley.pdf", "jose-nunez.docx")
ONLY_IN_RESUME = "harmonium"
AT_ONCE = 100
BULK_AT_ONCE = 20_000
MIB = 1024 * 1024
SKILLS = ("Python", "PostgreSQL", "AWS", "Terraform", "Kafka", "IFRS", "SAP", "Salesforce", "Gainsight", "Kubernetes")
# About 3 KB each, indexes included. Words are drawn from a few thousand, as in résumés, so the search index is real.
BULK = """
    insert into candidates (id, organization_id, name, email, phone, location, headline, summary, skills, experience,
        education, links, source, tags, created_at, updated_at)
    select gen_random_uuid(), '{organization_id}', 'Candidate ' || n, 'bulk-' || n || '@restore-drill.example',
        '+442079460' || 100 + n % 900, 'London', 'Engineer number ' || n,
        (select string_agg('w' || (abs(hashint8(n * 257 + i)) % 6000)::text, ' ') from generate_series(1, 120) as i),
        array['Python', 'PostgreSQL', 'skill-' || n % 500],
        jsonb_build_array(jsonb_build_object('title', 'Engineer', 'organization', md5(n::text), 'start', '2019-04',
            'description', repeat(md5(n::text || 'x') || ' ', 12))),
        jsonb_build_array(jsonb_build_object('institution', 'University ' || n % 300, 'degree', 'BSc')),
        array['https://example.com/' || md5(n::text)], 'import', array['bulk'], now(), now()
    from generate_series({first}::bigint, {last}::bigint) as n
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """The organization that goes on being written to, and who writes."""

    organization_id: UUID
    user_id: UUID


def fill(world: World, *, rows: int) -> Filled:
    """At least so many candidates in three organizations, with applications, two résumés that were scanned and read,
    and a screening. Our code works on the primary by now."""
    seed.seed(world.login_password)
    known = auth.find_account(EMAIL)
    assert known is not None
    filled = Filled(known.organization_id, known.id)
    for filename in FILES:
        _upload(filled, filename)
    world.drain()
    _screen(filled)
    world.drain()
    share = max(rows // 3, 1)
    for organization in (filled, *(_found(name, world.login_password) for name in OTHERS)):
        for start in range(0, share, AT_ONCE):
            _people(organization, range(start, min(start + AT_ONCE, share)))
    return filled


def write_bulk(server: PostgresServer, world: World, filled: Filled, size_mb: int, tell: Callable[[int], None]) -> None:
    """Candidates until the database is of that size; `tell` is told its MiB as it grows."""
    engine = sa.create_engine(driver_url(world.superuser_url(server)), poolclass=sa.NullPool)
    first = 1
    while True:
        with engine.begin() as connection:
            size = connection.scalar(sa.text("select pg_database_size(current_database())")) or 0
            tell(int(size) // MIB)
            if size >= size_mb * MIB:
                break
            last = first + BULK_AT_ONCE - 1
            statement = BULK.format(organization_id=filled.organization_id, first=first, last=last)
            connection.exec_driver_sql(statement)
            first = last + 1
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze")


def mark(filled: Filled, number: int) -> UUID:
    """One commit that can be known again: candidate number `number` of the drill."""
    with db.transaction(filled.organization_id) as session:
        values = {"name": f"Marker {number}", "email": f"marker-{number}@restore-drill.example", "source": "drill"}
        actor = Actor("user", filled.user_id)
        return candidates.create(session, filled.organization_id, values, actor=actor, now=utc_now()).id


def _found(name: str, password: str) -> Filled:
    email = name.split()[0].lower() + "@restore-drill.example"
    with db.transaction(role=Role.SIGN_IN) as session:
        wish = {"organization": name, "name": "Robin Drill", "email": email, "password": password}
        organization, user = auth.found(session, **wish, request_id=None, now=utc_now())
        return Filled(organization.id, user.id)


def _people(filled: Filled, numbers: range) -> None:
    """Candidates in one transaction, every third of them put forward for a position of theirs."""
    actor, now = Actor("user", filled.user_id), utc_now()
    with db.transaction(filled.organization_id) as session:
        wish = {"title": "Backend engineer", "status": "open", "openings": 1, "stages": list(DEFAULT_STAGES)}
        position = positions.create(session, filled.organization_id, wish, actor=actor, now=now)
        session.flush()
        for number in numbers:
            values = {
                "name": f"Robin Number {number}",
                "email": f"robin-{number}@restore-drill.example",
                "skills": [SKILLS[(number * step) % len(SKILLS)] for step in (1, 3)][: 1 + number % 2],
                "summary": "Nine years of building payment and booking systems, the last four as the lead of five.",
            }
            person = candidates.create(session, filled.organization_id, values, actor=actor, now=now)
            if number % 3 == 0:
                ids = {"candidate_id": person.id, "position_id": position.id}
                applications.apply(session, filled.organization_id, **ids, source="drill", actor=actor, now=now)


def _upload(filled: Filled, filename: str) -> None:
    content = (RESUMES / filename).read_bytes()
    values = {
        "filename": filename,
        "content_type": mimetypes.guess_type(filename)[0],
        "size_bytes": len(content),
        "kind": "resume",
    }
    storage, actor = clients.storage(Bucket.UPLOADS), Actor("user", filled.user_id)
    with db.transaction(filled.organization_id) as session:
        _document, form = documents.announce(
            session, storage, filled.organization_id, values, actor=actor, now=utc_now()
        )
    httpx.post(form.url, data=form.fields, files={"file": (filename, content)}, timeout=30).raise_for_status()


def _screen(filled: Filled) -> None:
    first = sa.text("select id from applications order by id limit 1")
    with db.transaction(filled.organization_id) as session:
        application_id = session.scalars(first).one()
        actor = Actor("user", filled.user_id)
        screening.ask(session, filled.organization_id, application_id, actor=actor, now=utc_now())
