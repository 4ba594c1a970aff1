"""After objects were deleted: `python -m infra.restore_objects --bucket clean` brings back the files that rows name.

Nothing is brought back but what a living row names, so nobody who was erased and nothing infected: a row of either
names no file. What a row names is proven by its SHA-256, be it under another version or in the bucket of uploads. Exit
code 0 when every file is there, 1 when some are missing for good (each is named), 2 when something does not answer.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chalicelib import clients, db
from chalicelib.clients import Bucket, Copy, KeptVersion, ObjectVersion
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.documents import repository as documents
from chalicelib.documents.models import Document, DocumentStatus
from chalicelib.documents.service import subject_of
from chalicelib.errors import Unavailable
from chalicelib.events import chain
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.privacy import remembered

ALL_THERE, SOME_MISSING, UNKNOWN = 0, 1, 2
SYSTEM = Actor("system")
# Files of the bucket of uploads are needed until they have a verdict.
UNDECIDED = (DocumentStatus.SCANNING, DocumentStatus.SCAN_FAILED)


class Outcome(StrEnum):
    """What became of one document's file."""

    WHOLE = "is there"
    UNDELETED = "was marked as deleted, and is no more"
    FOUND = "was there as another version, which the row names now"
    COPIED = "was copied from the uploads once more"
    MISSING = "is missing for good"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which bucket, whose files, and from when: versions stored later (by whoever did the damage) are not looked at."""

    bucket: Bucket
    at: datetime
    is_dry: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row says that its file is."""

    key: str
    version: str


def restore(wish: Wish, document: Document, place: Place) -> Outcome:
    """Bring one file back, or find out what could be done. Raises StorageUnavailable."""
    storage = clients.storage(wish.bucket)
    versions = sorted(storage.versions(place.key), key=lambda each: each.stored_at, reverse=True)
    if any(each.version == place.version and not each.is_marker for each in versions):
        return _undelete(wish, place, versions)
    if wish.bucket is Bucket.UPLOADS:
        return Outcome.MISSING
    for each in versions:
        if not each.is_marker and each.stored_at <= wish.at and _is_it(document, wish.bucket, place.key, each.version):
            _undelete(wish, place, versions)
            return _name(wish, document, place, each.version, Outcome.FOUND)
    return _copy_again(wish, document, place)


def _undelete(wish: Wish, place: Place, versions: Sequence[KeptVersion]) -> Outcome:
    """Remove the marks that hide a file: a bucket's rule would delete what is hidden for long."""
    markers = [each for each in versions if each.is_marker]
    for each in markers:
        if not wish.is_dry:
            clients.storage(wish.bucket).delete(place.key, each.version)
    return Outcome.UNDELETED if markers else Outcome.WHOLE


def _is_it(document: Document, bucket: Bucket, key: str, version: str) -> bool:
    hashing = _Digest()
    clients.storage(bucket).fetch(key, version, hashing)
    return document.sha256 == hashing.digest.hexdigest()


class _Digest:
    """A stream that is hashed and forgotten."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        self.digest.update(chunk)


def _copy_again(wish: Wish, document: Document, place: Place) -> Outcome:
    """From the bucket of uploads, if what was uploaded is still there."""
    uploaded = clients.storage(Bucket.UPLOADS).versions(document.object_key)
    for each in uploaded:
        if not each.is_marker and _is_it(document, Bucket.UPLOADS, document.object_key, each.version):
            if wish.is_dry:
                return Outcome.COPIED
            source = ObjectVersion(Bucket.UPLOADS, document.object_key, each.version)
            assert document.sha256 is not None
            copy = Copy(place.key, document.content_type, document.sha256)
            return _name(wish, document, place, clients.storage(Bucket.CLEAN).copy(source, copy), Outcome.COPIED)
    return Outcome.MISSING


def _name(wish: Wish, document: Document, place: Place, version: str, outcome: Outcome) -> Outcome:
    """Let the row name another version with the same bytes, unless somebody has changed it meanwhile."""
    if wish.is_dry:
        return outcome
    with db.transaction(document.organization_id) as session:
        row = documents.find(session, document.organization_id, document.id, lock=True)
        if row is not None and row.is_clean and row.clean_version == place.version:
            values, subject = {"clean_version": version}, subject_of(row)
            events.change(session, row, values, "document_file_restored", subject, actor=SYSTEM, now=utc_now())
    return outcome


def wanted(wish: Wish, organization_id: UUID, erased: frozenset[UUID]) -> Iterator[tuple[Document, Place]]:
    """The living documents whose file should lie in the bucket, but for those of somebody who was erased: a restored
    database may have them back for a while."""
    query = sa.select(Document).where(Document.organization_id == organization_id, Document.deleted_at.is_(None))
    is_clean = wish.bucket is Bucket.CLEAN
    query = query.where(
        Document.status == DocumentStatus.CLEAN if is_clean else Document.status.in_(UNDECIDED),
        (Document.clean_version if is_clean else Document.object_version).is_not(None),
        Document.created_at <= wish.at,
    )
    with db.transaction(organization_id) as session:
        found = list(session.scalars(query.order_by(Document.id)))
    for each in found:
        if each.candidate_id not in erased:
            key, version = (each.clean_key, each.clean_version) if is_clean else (each.object_key, each.object_version)
            yield each, Place(str(key), str(version))


def main(arguments: Sequence[str] | None = None, console: Console | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.restore_objects", description=__doc__)
    parser.add_argument("--bucket", choices=[Bucket.CLEAN.value, Bucket.UPLOADS.value], required=True)
    parser.add_argument("--organization", type=UUID, action="append", help="only this one; may be given repeatedly")
    parser.add_argument("--at", type=_moment, default=utc_now(), help="as it was then: 2026-11-20T09:00:00Z")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    told, console = parser.parse_args(arguments), console or Console()
    wish = Wish(Bucket(told.bucket), told.at, told.dry_run)
    try:
        return _report(*_restore_all(wish, told.organization, console), wish, console)
    except Unavailable as error:
        console.print(f"[red]{error.detail}[/]")
        return UNKNOWN


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _restore_all(wish: Wish, only: list[UUID] | None, console: Console) -> tuple[Counter[Outcome], list[Document]]:
    erased = frozenset(each for record in remembered.since(date.min) for each in record.candidates)
    with db.transaction(role=Role.AUDITOR) as session:
        organizations = only or chain.organization_ids(session)
    counts, missing = Counter[Outcome](), list[Document]()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        for organization_id in progress.track(organizations, description="Organizations"):
            for document, place in wanted(wish, organization_id, erased):
                outcome = restore(wish, document, place)
                counts[outcome] += 1
                if outcome is Outcome.MISSING:
                    missing.append(document)
    return counts, missing


def _report(counts: Counter[Outcome], missing: list[Document], wish: Wish, console: Console) -> int:
    for document in missing:
        console.print(f"missing: organization {document.organization_id}, document {document.id}", soft_wrap=True)
    for outcome in Outcome:
        if counts[outcome]:
            console.print(f"{counts[outcome]:,} × {outcome.value}", soft_wrap=True)
    console.print(f"{counts.total():,} files of the bucket {wish.bucket.value}" + (", dry run" if wish.is_dry else ""))
    return SOME_MISSING if missing else ALL_THERE


if __name__ == "__main__":
    raise SystemExit(main())
