"""The cells of a row, or a flat JSON object, read as a candidate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.bulk_imports import cells, contacts
from chalicelib.bulk_imports.candidate_row import CandidateRow, Findings, education, experience
from chalicelib.bulk_imports.rows import RawRow

CONSENT_SOURCE = "import file"
"""Where a consent comes from when the file gives its day and no more."""


def read_cells(row: RawRow, columns: dict[str, str], found: Findings) -> CandidateRow | None:
    """The candidate whose fields stand in `columns` (field -> column); None when there is no name to go by."""

    def cell(name: str) -> Any:
        column = columns.get(name)
        return None if column is None else row.values.get(column)

    name = _read_name(cell, found)
    location = found.read("location", cells.line, cell("location"))
    headline = found.read("headline", cells.line, cell("headline"))
    candidate = CandidateRow(
        line=row.line,
        name=name or "",
        email=found.read("email", contacts.email, cell("email")),
        phone=found.read("phone", contacts.phone, cell("phone"), region=contacts.region_of(location)),
        location=location,
        headline=headline,
        summary=found.read("summary", cells.prose, cell("summary")),
        skills=found.read("skills", cells.labels, cell("skills")) or [],
        experience=_read_employer(cell, headline, found),
        education=_read_education(cell, found),
        links=_read_links(cell, found),
        source=found.read("source", cells.line, cell("source")),
        tags=found.read("tags", cells.labels, cell("tags")) or [],
        consent=_read_consent(cell, found),
    )
    return candidate if name else None


def _read_name(cell: Callable[[str], Any], found: Findings) -> str | None:
    """The name, or first and last name together."""
    before = len(found.problems)
    name = found.read("name", cells.line, cell("name"))
    if name is None:
        first = found.read("first_name", cells.line, cell("first_name"))
        last = found.read("last_name", cells.line, cell("last_name"))
        name = found.read("name", cells.line, " ".join(part for part in (first, last) if part))
    if name is None and len(found.problems) == before:
        found.add("name", "name_missing", "a candidate needs a name")
    return name


def _read_employer(cell: Callable[[str], Any], headline: str | None, found: Findings) -> list[dict[str, Any]]:
    employer = found.read("employer", cells.line, cell("employer"))
    if employer is None:
        return []
    return [experience(title=headline, organization=employer, is_current=True)]


def _read_education(cell: Callable[[str], Any], found: Findings) -> list[dict[str, Any]]:
    institution = found.read("institution", cells.line, cell("institution"))
    degree = found.read("degree", cells.line, cell("degree"))
    return [education(institution=institution, degree=degree)] if institution or degree else []


def _read_links(cell: Callable[[str], Any], found: Findings) -> list[str]:
    every = found.read("links", contacts.links, cell("links")) or []
    for site in ("linkedin", "github", "website"):
        if one := found.read(site, contacts.link, cell(site), site=site):
            every.append(one)
    distinct = list(dict.fromkeys(every))
    if len(distinct) > contacts.LINKS_MAX:
        found.add("links", "too_many", f"at most {contacts.LINKS_MAX} of them")
    return distinct


def _read_consent(cell: Callable[[str], Any], found: Findings) -> dict[str, str] | None:
    before = len(found.problems)
    given_at = found.read("consent_given_at", cells.consent_moment, cell("consent_given_at"))
    source = found.read("consent_source", cells.line, cell("consent_source"))
    if source and given_at is None and len(found.problems) == before:
        found.add("consent_given_at", "consent_undated", "the source of a consent is named, but not its day")
    return {"source": source or CONSENT_SOURCE, "given_at": given_at} if given_at else None
