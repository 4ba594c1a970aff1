"""The ways of asking for work in a chaos run, each through the services and in transactions of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib.bulk_imports import exports
from chalicelib.bulk_imports import service as imports
from chalicelib.bulk_imports.errors import ImportNotUndoable
from chalicelib.bulk_imports.models import Import
from chalicelib.bulk_imports.schemas import ExportKind, NewExport
from chalicelib.clock import utc_now
from chalicelib.documents import service as documents
from chalicelib.documents.eicar import EICAR
from chalicelib.documents.models import Document, DocumentStatus
from chalicelib.market_research import salary_data
from chalicelib.market_research import service as research
from chalicelib.outreach import sending
from chalicelib.outreach import service as outreach
from chalicelib.outreach.material import Template, Wish
from chalicelib.outreach.models import Outreach, OutreachStatus
from chalicelib.screening import batches
from chalicelib.screening import service as screening
from chalicelib.settings import settings
from tests.chaos import chances, people
from tests.chaos.asking import RESUME, Asker, House

Ask = Callable[[Asker], None]
LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß"


def screen(asker: Asker) -> None:
    """Up to a dozen screenings in one transaction."""
    house = asker.house()
    with asker.transaction(house) as session:
        for application_id in asker.random.choices(house.application_ids, k=asker.random.randint(1, 12)):
            screening.ask(session, house.id, UUID(application_id), actor=house.actor, now=utc_now())


def screen_batch(asker: Asker) -> None:
    """One parent with a child for each of some applications."""
    house = asker.house()
    chosen = asker.random.sample(house.application_ids, k=asker.random.randint(2, len(house.application_ids)))
    ids = [UUID(each) for each in chosen]
    with asker.transaction(house) as session:
        batches.ask(session, house.id, UUID(house.position_id), ids, actor=house.actor, now=utc_now())


def upload_letters(asker: Asker) -> None:
    """Files that are scanned and not read: clean ones, one in six infected, one in ten refused."""
    files = []
    for _ in range(asker.random.randint(2, 8)):
        content = asker.random.choices([b"Dear all, please find attached.\n", EICAR, b"\x7fELF\x00\x01"], [74, 16, 10])[
            0
        ]
        files.append(("cover_letter", "letter.txt", content))
    asker.upload(asker.house(), files)


def upload_resumes(asker: Asker) -> None:
    """Files that are scanned and then read; of the same few people again and again, and one without anybody."""
    number = asker.random.randint(1, 30)
    text = RESUME.format(name=f"Morgan Sample{LETTERS[number - 1]}", email=f"p{number}@people.example")
    files = [("resume", "cv.txt", text.encode())]
    if asker.random.random() < 0.2:
        files.append(("resume", "list.txt", b"eggs\nmilk\nflour\n"))
    asker.upload(asker.house(), files)


def scan_again(asker: Asker) -> None:
    """Another look at documents that have a verdict."""
    house = asker.house()
    query = sa.select(Document).where(Document.organization_id == house.id, Document.kind == "cover_letter")
    with asker.transaction(house) as session:
        found = session.scalars(query.order_by(sa.func.random()).limit(4)).all()
        for document in found:
            if document.status in documents.SCANNED_AGAIN and document.object_version is not None:
                documents.scan_again(session, document, actor=house.actor, now=utc_now())


def upload_tables(asker: Asker) -> None:
    """A file of people for an import, or one of salaries: with rows that are good, bad, and known already."""
    if asker.random.random() < 0.3:
        rows = [f"Backend engineer,Leeds,GBP,{40_000 + 500 * each},2025-03-01" for each in range(12)]
        lines = ["title,location,currency,salary per year,date", *rows, "Nobody,Leeds,GBP,a lot,2025-03-01"]
        asker.upload(asker.house(), [("import", "salaries.csv", "\n".join(lines).encode())])
        return
    rows = [_person(asker) for _ in range(asker.random.randint(10, 60))]
    asker.upload(asker.house(), [("import", "people.csv", "\n".join(["name,email,phone", *rows]).encode())])


def _person(asker: Asker) -> str:
    number = asker.random.randint(1, 3000)
    email = "not an address" if number % 20 == 0 else f"row{number}@people.example"
    return f"Row Person {number},{email},"


def import_people(asker: Asker) -> None:
    """Import a file that has been found clean; every fourth time only as a rehearsal."""
    house = asker.house()
    with asker.transaction(house) as session:
        document = _clean(asker, session, house, "people.csv")
        if document is not None:
            wish: dict[str, Any] = {"mapping": {}, "is_dry_run": asker.random.random() < 0.25}
            wish["on_duplicate"] = asker.random.choice(["skip", "update", "fail"])
            imports.ask(session, document, **wish, actor=house.actor, now=utc_now())


def import_salaries(asker: Asker) -> None:
    """Import published salaries, perhaps once more."""
    house = asker.house()
    with asker.transaction(house) as session:
        document = _clean(asker, session, house, "salaries.csv")
        if document is not None:
            salary_data.ask(session, house.id, document.id, "a survey", actor=house.actor, now=utc_now())


def _clean(asker: Asker, session: Any, house: House, filename: str) -> Document | None:
    query = sa.select(Document).where(Document.organization_id == house.id, Document.filename == filename)
    found = session.scalars(query.where(Document.status == DocumentStatus.CLEAN).order_by(sa.func.random())).first()
    return found if isinstance(found, Document) else None


def undo_an_import(asker: Asker) -> None:
    """Undo an import that has ended, whether it succeeded or was called off half-way."""
    house = asker.house()
    query = sa.select(Import.id).where(
        Import.organization_id == house.id, Import.undo_status.is_(None), Import.is_dry_run.is_(False)
    )
    with asker.transaction(house) as session:
        import_id = session.scalars(query.order_by(sa.func.random())).first()
        if import_id is None:
            return
        try:
            imports.undo(
                session, imports.get(session, house.id, import_id, lock=True), actor=house.actor, now=utc_now()
            )
        except ImportNotUndoable:
            return


def export_people(asker: Asker) -> None:
    """Export candidates."""
    house = asker.house()
    with asker.transaction(house) as session:
        exports.ask(session, NewExport(kind=ExportKind.CANDIDATES), actor=house.actor, now=utc_now())


def ask_the_market(asker: Asker) -> None:
    """Two questions about a market."""
    house = asker.house()
    with asker.transaction(house) as session:
        for place in ("London", "Leeds"):
            wish = {"title": "Backend engineer", "location": place, "sector": None, "seniority": None}
            research.ask(session, house.id, wish, actor=house.actor, now=utc_now())


def write_to_candidates(asker: Asker) -> None:
    """Drafts of a few messages."""
    house = asker.house()
    with asker.transaction(house) as session:
        for application_id in asker.random.sample(house.application_ids, k=3):
            wish = Wish(asker.random.choice([Template.STANDARD, Template.EXECUTIVE, Template.TECHNICAL]))
            outreach.ask(session, house.id, wish, application_id=UUID(application_id), actor=house.actor, now=utc_now())


def send_drafts(asker: Asker) -> None:
    """Send a few drafts; each once, and not again when nobody knows whether it left."""
    house = asker.house()
    query = sa.select(Outreach.id).where(
        Outreach.organization_id == house.id, Outreach.status == OutreachStatus.DRAFT.value
    )
    with asker.transaction(house) as session:
        for outreach_id in session.scalars(query.order_by(sa.func.random()).limit(4)).all():
            message = outreach.get(session, house.id, outreach_id, lock=True)
            if message.status == OutreachStatus.DRAFT:
                address = settings().sender_address
                sending.ask(
                    session, message, is_confirmed=False, sender_address=address, actor=house.actor, now=utc_now()
                )


# How often each way of asking is taken, in comparison.
ASKS: Mapping[Ask, float] = {
    screen: 58,
    screen_batch: 12,
    upload_letters: 14,
    upload_resumes: 9,
    scan_again: 5,
    upload_tables: 9,
    import_people: 9,
    import_salaries: 2,
    undo_an_import: 6,
    export_people: 3,
    ask_the_market: 5,
    write_to_candidates: 9,
    send_drafts: 8,
    chances.cancel_some: 4,
    chances.retry_some: 2,
    chances.redrive: 2,
    people.come: 12,
    people.erase: 10,
    people.invite: 6,
    people.forget_a_password: 1,
}
