"""What there is to ask about: organizations with people and positions; and one who asks, as a process that may die."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.documents import service as documents
from chalicelib.documents.models import object_key
from chalicelib.events.models import Actor
from tests import records
from tests.api import ApiClient
from tests.chaos.stores import FolderStorage
from tests.factories import new_application, new_candidate, new_position
from tests.house import Database
from tests.queue_jobs import CallFailed, Entry, JobQueues

ORGANIZATIONS, CANDIDATES = 4, 8
# How the addresses of those begin who are there to be erased.
LEAVER = "leaver-"
PASSWORD = "correct-horse-7-staples"
POSITION = {
    "title": "Senior Backend Engineer",
    "experience_years_min": 5,
    "requirements": [
        {"id": "python", "text": "5+ years of Python", "kind": "must", "weight": 5},
        {"id": "postgresql", "text": "PostgreSQL", "kind": "must", "weight": 4},
        {"id": "lead", "text": "Led a team", "kind": "nice", "weight": 2},
    ],
}
RESUME = """{name}
{email}

Summary
Backend engineer with nine years of Python and PostgreSQL.

Experience
Senior Engineer, Tidewater Payments, 2019 - present
Led a team of five; PostgreSQL, AWS.
Engineer, Larkfield Travel, 2015 - 2019
Booking engine in Python.

Skills
Python, PostgreSQL, AWS, Docker
"""


@dataclass(frozen=True, slots=True)
class House:
    """One organization: its admin, a position, and the applications for it."""

    organization_id: str
    user_id: str
    email: str
    position_id: str
    application_ids: tuple[str, ...]

    @property
    def id(self) -> UUID:
        return UUID(self.organization_id)

    @property
    def actor(self) -> Actor:
        return Actor("user", UUID(self.user_id))


# Effects of jobs of several kinds, and of the erasures that others run into.
TOLD = ["candidate_erasure_requested", "candidate_erased", "outreach_written", "market_researched", "export_written"]


def build(database: Database, path: Path, hook_url: str) -> None:
    """Make the organizations through the API, and keep their ids in a file for those who ask. Each has a webhook that
    tells the server at `hook_url`; the first has another one beside it."""
    houses = [_house(number, hook_url) for number in range(ORGANIZATIONS)]
    for house in houses:
        # Half the candidates have a résumé that has been read.
        records.rows(database, TEXTS, organization=house.organization_id, text=RESUME.format(name="Jo", email="-"))
    path.write_text(json.dumps([asdict(house) for house in houses]))


TEXTS = """
    with resume as (
        insert into documents (id, organization_id, kind, filename, content_type, size_bytes, candidate_id, status,
            object_key, object_version, clean_key, clean_version, sha256, upload_expires_at, created_at, updated_at,
            analysis_status)
        select gen_random_uuid(), organization_id, 'resume', 'cv.txt', 'text/plain', 1, id, 'clean', 'none', 'none',
            'none', 'none', repeat('0', 64), now(), now(), now(), 'succeeded'
        from candidates where organization_id = cast(:organization as uuid) and name ~ '[02468]$'
        returning id, organization_id)
    insert into document_texts (document_id, organization_id, text, pages, read_at)
    select id, organization_id, cast(:text as text), jsonb_build_array(jsonb_build_array(1, 0, length(:text))), now()
    from resume
"""


def _house(number: int, hook_url: str) -> House:
    email = f"admin-{number}@chaos.example"
    anyone = ApiClient(address=f"10.9.0.{number + 1}")
    wish = {"organization": f"Chaos {number}", "name": "Ada Admin", "email": email, "password": PASSWORD}
    ids = anyone.post("/api/auth/register", wish).json
    answer = anyone.post("/api/auth/login", {"email": email, "password": PASSWORD})
    api = ApiClient(answer.json["access_token"], anyone.address)
    position = new_position(api, **POSITION)
    people = [
        new_candidate(api, name=f"Person number {each}", email=f"person{each}@mail.example")
        for each in range(CANDIDATES)
    ]
    applications = tuple(new_application(api, person, position)["id"] for person in people)
    for events in [TOLD, ["candidate_erased"]] if number == 0 else [TOLD]:
        assert api.post("/api/webhooks", {"url": hook_url, "events": events}).status == 201
    return House(ids["organization"]["id"], ids["user"]["id"], email, position["id"], applications)


class Asker:
    """Somebody who asks for work: all that one way of asking needs."""

    def __init__(self, path: Path, storage: FolderStorage, queues: JobQueues, random: Random) -> None:
        self.houses = [
            House(**{**each, "application_ids": tuple(each["application_ids"])})
            for each in json.loads(path.read_text())
        ]
        self.storage, self.queues, self.random = storage, queues, random

    def house(self) -> House:
        """An organization; the first asks as much as all others together."""
        return self.random.choice([self.houses[0], *self.houses])

    @contextmanager
    def transaction(self, house: House) -> Iterator[Session]:
        with db.transaction(house.id) as session:
            yield session

    def upload(self, house: House, files: list[tuple[str, str, bytes]]) -> None:
        """Announce files (kind, name, content) in one transaction, then store them."""
        with self.transaction(house) as session:
            announced = self.announce(session, house, files)
        self.store(announced)

    def announce(
        self,
        session: Session,
        house: House,
        files: list[tuple[str, str, bytes]],
        *,
        candidate_id: UUID | None = None,
    ) -> list[tuple[str, bytes]]:
        """Announce files; the key and content of each."""
        announced = []
        for kind, name, content in files:
            content_type = "text/csv" if name.endswith(".csv") else "text/plain"
            values: dict[str, Any] = {"kind": kind, "filename": name, "content_type": content_type}
            values |= {"size_bytes": len(content), "candidate_id": candidate_id}
            document, _ = documents.announce(session, self.storage, house.id, values, actor=house.actor, now=utc_now())
            announced.append((object_key(house.id, document.id), content))
        return announced

    def store(self, announced: list[tuple[str, bytes]], *, is_told: bool = False) -> None:
        """Store each file and tell the scan queue of it: mostly once, sometimes twice, and unless `is_told`, sometimes
        not at all."""
        for key, content in announced:
            self.storage.put(key, content, content_type="text/plain")
            told = [self.notify(key) for _ in range(self.random.choices([1, 2, 0], [90, 6, 4])[0])]
            while is_told and not any(told):
                told.append(self.notify(key))

    def notify(self, key: str) -> bool:
        """What S3 says of a new object; it may get lost. Whether it certainly was not."""
        body = json.dumps({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": key}}}]})
        try:
            self.queues.send_batch("scan", [Entry(body)])
        except CallFailed:
            return False
        return True
