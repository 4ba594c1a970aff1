"""Emptying the places where a person stands, in the order in which foreign keys let them go."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.privacy.places import PLACES, Fate, Footprint, Place

UNTIE = sa.text("""
    update candidates set resume_document_id = null
    where organization_id = :organization_id and id = any(cast(:candidates as uuid[]))
""")
# The organization's own files, whose bytes are gone because the person stood in them.
CLOSE_FILES = sa.text("""
    update documents set deleted_at = coalesce(deleted_at, now()), clean_key = null, clean_version = null
    where organization_id = :organization_id and id = any(cast(:import_files as uuid[]))
""")
# In the order in which whoever reads a résumé locks them.
HOLD_DOCUMENTS = sa.text("""
    select id from documents
    where organization_id = :organization_id and id = any(cast(:documents as uuid[])) order by id for update
""")
HOLD = sa.text("""
    select id from candidates
    where organization_id = :organization_id and id = any(cast(:candidates as uuid[])) order by id for update
""")


def hold(session: Session, parameters: dict[str, object]) -> None:
    """Lock the person and their files: whoever adds something about them meanwhile waits, and then finds nobody."""
    session.execute(HOLD_DOCUMENTS, parameters)
    session.execute(HOLD, parameters)


def erase(session: Session, parameters: dict[str, object]) -> dict[str, int]:
    """Empty every place; how many rows of each table. `parameters` are those of a Footprint."""
    session.execute(UNTIE, parameters)
    session.execute(CLOSE_FILES, parameters)
    connection = session.connection()
    counts = {}
    for place in PLACES:
        # What a foreign key takes along is counted first: the database does not tell.
        statement = _count(place) if place.fate is Fate.CASCADED else _remove(place)
        result = connection.execute(statement, parameters)
        counts[place.table] = int(result.scalar_one()) if place.fate is Fate.CASCADED else result.rowcount
    return counts


def _mine(place: Place) -> str:
    return f"where organization_id = :organization_id and {place.about}"


def _count(place: Place) -> sa.TextClause:
    # nosemgrep: sql-with-values - places are constants
    return sa.text(f"select count(*) from {place.table} {_mine(place)}")


def _remove(place: Place) -> sa.TextClause:
    if place.fate is Fate.BLANKED:
        # nosemgrep: sql-with-values - places are constants
        return sa.text(f"update {place.table} set {place.blank} {_mine(place)}")
    # nosemgrep: sql-with-values - places are constants
    return sa.text(f"delete from {place.table} {_mine(place)}")


def nothing_came_in(found: Footprint, again: Footprint) -> bool:
    """Whether no file was added, stored or copied between two looks at a person's footprint."""
    return (
        set(again.documents) <= set(found.documents)
        and set(again.stored) <= set(found.stored)
        and set(again.import_files) <= set(found.import_files)
    )
