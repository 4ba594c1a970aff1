"""Running the migration in this process, and what came of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from infra.migrate_sqlite import __main__ as migrate_sqlite
from tests import records
from tests.house import Database
from tests.infra.migrate_sqlite.old import Old

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: exit code, what it said, and its report by table and key."""

    code: int
    out: str
    err: str
    lines: list[dict[str, Any]]

    def line(self, table: str, key: str) -> dict[str, Any]:
        """What the report says of one row; it says it once."""
        [line] = [each for each in self.lines if (each["table"], each["id"]) == (table, key)]
        return line

    def codes(self, table: str, key: str) -> set[tuple[str | None, str]]:
        """The decisions on one row: field and code."""
        return {(each["field"], each["code"]) for each in self.line(table, key)["decisions"]}


@dataclass(frozen=True, slots=True)
class Home:
    """An organization that rows become part of."""

    database: Database
    name: str
    run: Callable[..., Ran]

    def rows(self, query: str, **values: object) -> list[dict[str, Any]]:
        """What PostgreSQL holds; `:organization` is this one."""
        where = "(select id from organizations where name = :organization_name)"
        return records.rows(
            self.database, query.replace(":organization_id", where), organization_name=self.name, **values
        )

    def count(self, table: str, where: str = "true") -> int:
        query = f"select count(*) as n from {table} where organization_id = :organization_id and {where}"
        return int(self.rows(query)[0]["n"])

    def row(self, table: str, where: str, **values: object) -> dict[str, Any]:
        [row] = self.rows(f"select * from {table} where organization_id = :organization_id and {where}", **values)
        return row


def new_home(database: Database, folder: Path) -> Home:
    """A name that no organization has yet."""
    name = f"Old House {next(_numbers)}"

    def run(file: Path, *more: str) -> Ran:
        report = folder / "report.jsonl"
        report.unlink(missing_ok=True)
        arguments = ["--sqlite", str(file), "--organization", name, "--report", str(report), *more]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = migrate_sqlite.main(arguments)
        lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
        return Ran(code, out.getvalue(), err.getvalue(), [json.loads(line) for line in lines])

    return Home(database, name, run)


@pytest.fixture
def home(database: Database, tmp_path: Path) -> Home:
    return new_home(database, tmp_path)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Old]:
    """A database to be filled."""
    made = Old(tmp_path)
    yield made
    made.connection.close()
