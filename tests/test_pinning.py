"""The log of all statements that tests/conftest.py keeps, and what it finds in them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chalicelib import db
from tests.api import ApiClient
from tests.pinning import LONGEST_TEXT_BYTES, StatementLog, pins

PINNING = [
    "SET search_path = public",
    "set local statement_timeout = 0",
    "select 1; reset all",
    "-- why not\nset role none",
    "PREPARE one AS select 1",
    "execute one",
    "deallocate one",
    "DISCARD ALL",
    "declare rows cursor for select 1",
    "listen jobs",
    "unlisten *",
    "notify jobs",
    "select pg_notify('jobs', '')",
    "load 'auto_explain'",
    "create temp table kept (id int)",
    "create local temporary table kept (id int)",
    "create or replace temporary view kept as select 1",
    "select 1 as one into temp kept",
    "select nextval('numbers')",
    "select setval('numbers', 1)",
    "select currval('numbers')",
    "select lastval()",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_lock(1)",
    "select pg_advisory_lock_shared(1)",
    "select pg_advisory_unlock_all()",
    "select set_config('role', 'none', false)",
    f"select '{'x' * LONGEST_TEXT_BYTES}'",
]
HARMLESS = [
    "update jobs set status = 'done'",
    "select set_config('app.organization_id', :id, true)",
    "select pg_advisory_xact_lock(1)",
    "select pg_try_advisory_xact_lock(1)",
    "insert into notes (text) values ('x; set role none')",
    "insert into candidate_labels (label) values ('listen') on conflict do update set label = excluded.label",
    "select id from templates",
    "-- set by the relay\nselect 1",
]


@pytest.mark.parametrize("statement", PINNING)
def test_what_pins_is_found(statement: str) -> None:
    assert pins(statement)


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_does_not_pin_passes(statement: str) -> None:
    assert not pins(statement)


def test_the_log_holds_what_the_application_sends_and_names_the_test(
    api: ApiClient, statement_log: StatementLog
) -> None:
    pinning = "set local lock_timeout = '1s'"
    api.get("/api/projects")
    with db.engine().connect() as connection:
        connection.execute(sa.text(pinning))
        connection.rollback()

    # Taken out of the log again, which else would find it at the end of the run.
    assert "test_the_log_holds" in statement_log.pinning.pop(pinning)
    assert any("from projects" in text.lower() for text in statement_log.texts)
