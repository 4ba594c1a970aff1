"""Every place in the database where something about a person stands: exports read these, erasures empty them.

A test compares them with the catalog: a table with a candidate, an application or a document in it is listed here, or
named in ELSEWHERE with the reason why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session


class Fate(StrEnum):
    """What becomes of a person's rows."""

    DELETED = "deleted"
    CASCADED = "cascaded"
    BLANKED = "blanked"


@dataclass(frozen=True, slots=True)
class Place:
    """A table, which of its rows are about the person, and what an erasure does to them; `blank` is the `set` clause
    for rows that stay because they count something."""

    table: str
    about: str
    fate: Fate = Fate.DELETED
    blank: str = ""


# In the order in which foreign keys let them go.
PLACES = (
    Place("screenings", "candidate_id = any(cast(:candidates as uuid[]))"),
    Place("outreach", "candidate_id = any(cast(:candidates as uuid[]))"),
    Place(
        "scorecards",
        "interview_id in (select id from interviews where application_id = any(cast(:applications as uuid[])))",
    ),
    Place(
        "interviewers",
        "interview_id in (select id from interviews where application_id = any(cast(:applications as uuid[])))",
        Fate.CASCADED,
    ),
    Place("interviews", "application_id = any(cast(:applications as uuid[]))"),
    Place("stage_changes", "application_id = any(cast(:applications as uuid[]))"),
    Place(
        "import_rows",
        "candidate_id = any(cast(:candidates as uuid[]))",
        Fate.BLANKED,
        "before = null, problems = null, candidate_id = null",
    ),
    Place("merged_applications", "kept_application_id = any(cast(:applications as uuid[]))"),
    Place("applications", "candidate_id = any(cast(:candidates as uuid[]))"),
    Place("document_releases", "document_id = any(cast(:documents as uuid[]))", Fate.CASCADED),
    Place("document_texts", "document_id = any(cast(:documents as uuid[]))", Fate.CASCADED),
    Place("documents", "id = any(cast(:documents as uuid[]))"),
    Place(
        "candidate_merges",
        "(candidate_id = any(cast(:candidates as uuid[])) or duplicate_id = any(cast(:candidates as uuid[])))",
        Fate.CASCADED,
    ),
    Place("candidate_labels", "candidate_id = any(cast(:candidates as uuid[]))", Fate.CASCADED),
    Place("retention_warnings", "candidate_id = any(cast(:candidates as uuid[]))", Fate.CASCADED),
    Place("candidates", "id = any(cast(:candidates as uuid[]))"),
)
# Tables that name one of the three and are no place of their own.
ELSEWHERE: Mapping[str, str] = {
    "events": "their values are erased and the chain stays (history.py)",
    "erasures": "the certificate itself: an id and counts",
    "imports": "the document is the organization's file; previews that show the person are blanked (traces.py)",
    "salary_data": "published pay, of nobody in particular",
    "application_marks": "the id of an application that is gone, for a minute, until the sums of reports leave it out",
    "counted_applications": "the same: an id, a day and what alike applications have in common, for a minute",
    "positions": "the document they were read from is the organization's own",
}


@dataclass(frozen=True, slots=True)
class Footprint:
    """The ids of everything about a person, and the words that tell who it is."""

    candidates: tuple[UUID, ...]
    applications: tuple[UUID, ...]
    documents: tuple[UUID, ...]
    stored: tuple[str, ...]
    """Each document with the versions that its row tells of."""
    others: tuple[UUID, ...]
    imports: tuple[UUID, ...]
    import_files: tuple[UUID, ...]
    names: tuple[str, ...]
    locks: Mapping[str, str]
    """Until when malware among the documents is kept by a lock, at the latest."""

    def as_parameters(self, organization_id: UUID) -> dict[str, object]:
        return {
            "organization_id": organization_id,
            "candidates": _texts(self.candidates),
            "applications": _texts(self.applications),
            "documents": _texts(self.documents),
            "import_files": _texts(self.import_files),
            "ids": _texts((*self.candidates, *self.applications, *self.documents, *self.others)),
            "names": list(self.names),
        }


def _texts(ids: tuple[UUID, ...]) -> list[str]:
    return [str(each) for each in ids]


FOOTPRINT = sa.text("""
    with recursive people as (
        select id, name, email, phone, resume_document_id from candidates
        where organization_id = :organization_id and id = :candidate_id
        union
        select merged.id, merged.name, merged.email, merged.phone, merged.resume_document_id
        from candidates as merged join people on merged.merged_into = people.id
        where merged.organization_id = :organization_id),
    applied as (
        select id from applications
        where organization_id = :organization_id and candidate_id in (select id from people)),
    filed as (
        select id, concat_ws('/', id, object_version, clean_version, quarantine_version) as versions from documents
        where organization_id = :organization_id
          and (candidate_id in (select id from people) or id in (select resume_document_id from people))),
    words as (
        select distinct word from people, unnest(array[name, email, phone]) as word where char_length(word) >= 5),
    -- Imports that have ended: one that runs still needs its file.
    brought as (
        select imports.id, imports.document_id
        from imports join jobs on jobs.organization_id = imports.organization_id and jobs.id = imports.job_id
        where imports.organization_id = :organization_id and jobs.status not in ('queued', 'running')
          and (exists (select from import_rows
                       where import_rows.organization_id = imports.organization_id
                         and import_rows.import_id = imports.id
                         and import_rows.candidate_id in (select id from people))
               or exists (select from words where strpos(lower(imports.preview::text), lower(word)) > 0)))
    select
        array(select id from people) as candidates,
        array(select id from applied) as applications,
        array(select id from filed) as documents,
        array(select versions from filed) as stored,
        array(select id from screenings
              where organization_id = :organization_id and candidate_id in (select id from people)
              union all
              select id from outreach
              where organization_id = :organization_id and candidate_id in (select id from people)
              union all
              select id from interviews
              where organization_id = :organization_id and application_id in (select id from applied)) as others,
        array(select id from brought) as imports,
        array(select distinct document_id from brought) as import_files,
        array(select word from words) as names,
        (select coalesce(jsonb_object_agg(id, quarantined_until), '{}') from documents
         where organization_id = :organization_id and id in (select id from filed)
           and quarantined_until is not null) as locks
""")


def footprint_of(session: Session, organization_id: UUID, candidate_id: UUID) -> Footprint:
    """Everything about a candidate, deleted or not, and about those merged into them; empty when there is no such
    person any more."""
    row = session.execute(FOOTPRINT, {"organization_id": organization_id, "candidate_id": candidate_id}).one()
    found: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row._mapping.items()
    }
    return Footprint(**found)
