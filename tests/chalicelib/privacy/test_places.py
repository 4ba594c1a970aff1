"""No table in which a person may stand is forgotten."""

from __future__ import annotations

from chalicelib.privacy.places import ELSEWHERE, PLACES
from tests import records
from tests.house import Database

TELLING = (
    "('candidate_id', 'application_id', 'document_id', 'duplicate_id', 'kept_application_id', 'source_document_id')"
)


def test_every_table_with_a_person_in_it_is_emptied_or_says_why_not(database: Database) -> None:
    tables = records.rows(
        database,
        "select distinct table_name as name from information_schema.columns"
        f" where table_schema = 'public' and column_name in {TELLING}",
    )

    known = {place.table for place in PLACES} | ELSEWHERE.keys()
    assert {row["name"] for row in tables} - known == set()


def test_every_place_is_a_table_and_named_once(database: Database) -> None:
    tables = {row["relname"] for row in records.rows(database, "select relname from pg_class where relkind = 'r'")}

    assert {place.table for place in PLACES} <= tables
    assert len({place.table for place in PLACES}) == len(PLACES)
