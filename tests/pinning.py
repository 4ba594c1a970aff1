"""Statements that would pin a connection of RDS Proxy to one client, so that nobody else could use it: none may be sent
by the application. Every statement of the whole test run is looked at, once for each text."""

from __future__ import annotations

import os
import re
from typing import Any

import sqlalchemy as sa

from chalicelib.migrations.roles import APP

LONGEST_TEXT_BYTES = 16 * 1024
_QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_FIRST_WORD = re.compile(
    r"(set|reset|prepare|execute|deallocate|discard|declare|listen|unlisten|notify|load)\b(?!_)", re.IGNORECASE
)
_ANYWHERE = re.compile(
    r"\bcreate\s+(or\s+replace\s+)?((global|local)\s+)?temp(orary)?\b|\binto\s+temp(orary)?\b"
    r"|\b(nextval|setval|currval|lastval|pg_notify)\s*\("
    r"|\bpg_(try_)?advisory_(lock|unlock)\w*\s*\("
    r"|\bset_config\s*\([^()]*,\s*false\s*\)",
    re.IGNORECASE,
)


def pins(statement: str) -> bool:
    """Whether RDS Proxy would give this statement's connection to its client for good (locks that end with their
    transaction, and settings made by `set_config(..., true)`, do not)."""
    if len(statement.encode()) > LONGEST_TEXT_BYTES:
        return True
    plain = _QUOTED.sub(lambda found: "''" if found[0].startswith("'") else " ", statement)
    return _ANYWHERE.search(plain) is not None or any(
        _FIRST_WORD.match(part.strip()) is not None for part in plain.split(";")
    )


# What these tests send by themselves on the application's connection, to see what comes of it.
ON_PURPOSE = (
    "tests/chalicelib/migrations/test_private_projects.py::test_no_index_is_lost_to_the_policies",
    "tests/chalicelib/migrations/test_rights.py::test_each_role_may_do_no_more_than_its_purpose_needs",
    "tests/chalicelib/test_db.py::test_a_lock_that_takes_too_long_is_unavailable",
    "tests/chalicelib/test_wire.py::test_a_commit_that_postgresql_refuses_is_an_error_and_leaves_the_connection_well",
)


class StatementLog:
    """What the application's role sends, from now on and by whatever engine."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.pinning: dict[str, str] = {}
        sa.event.listen(sa.Engine, "before_cursor_execute", self._look)

    def close(self) -> None:
        """Look no more."""
        sa.event.remove(sa.Engine, "before_cursor_execute", self._look)

    def _look(self, connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement in self.texts or connection.engine.url.username != APP:
            return
        test = os.environ.get("PYTEST_CURRENT_TEST", "between tests")
        if test.startswith(ON_PURPOSE):
            return
        self.texts.add(statement)
        if pins(statement):
            self.pinning[statement] = test
