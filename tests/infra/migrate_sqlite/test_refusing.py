"""What keeps a migration from running is told in one line, without a password, and nothing is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests import house
from tests.factories import as_superuser
from tests.house import OWNER_PASSWORD, Database
from tests.infra.migrate_sqlite.conftest import Home
from tests.infra.migrate_sqlite.old import Old


def refused(home: Home, file: Path, *more: str) -> str:
    if "--database-url" in more:
        house.forget_settings()
    told = home.run(file, *more)
    assert (told.code, told.out, told.err.count("\n")) == (1, "", 1)
    assert home.rows("select id from organizations where id = :organization_id") == []
    return told.err.removeprefix("error: ").strip()


def test_files_that_are_no_such_database(home: Home, tmp_path: Path) -> None:
    text, empty, other = tmp_path / "text.db", tmp_path / "empty.db", tmp_path / "other.db"
    text.write_text("name,email\n")
    empty.touch()
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table users (id integer)")

    assert refused(home, tmp_path / "none.db") == "none.db cannot be opened: No such file or directory"
    assert refused(home, tmp_path).endswith("cannot be opened: Is a directory")
    assert refused(home, text) == "text.db is no SQLite database"
    assert refused(home, empty) == "empty.db is no SQLite database"
    assert refused(home, other) == (
        "this is no database of the old RecruitPro: it has no table projects, positions, candidates"
    )


def test_a_damaged_file(home: Home, old: Old) -> None:
    for number in range(300):
        old.person(f"c{number}", name="x" * 200)
    file = old.closed()
    whole = file.read_bytes()

    for start in (len(whole) // 2, 8192):
        file.write_bytes(whole[:start] + bytes([255]) * 4096 + whole[start + 4096 :])
        assert "is damaged" in refused(home, file)
    file.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refused(home, file)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_file_that_is_being_written(home: Home, old: Old, mode: str) -> None:
    file = old.closed()
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute(f"pragma journal_mode = {mode}")
        writer.execute("begin exclusive")
        writer.execute("update users set name = 'Somebody'")
        assert "stop the old application first" in refused(home, file)
        writer.execute("rollback")


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_file_is_not_touched(home: Home, old: Old, mode: str) -> None:
    file = old.closed()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"pragma journal_mode = {mode}")
    before, listing = file.read_bytes(), sorted(file.parent.iterdir())

    assert home.run(file, "--dry-run").code == 0

    assert file.read_bytes() == before
    assert sorted(file.parent.iterdir()) == sorted([*listing, file.parent / "report.jsonl"])


def test_databases_that_are_not_ready(home: Home, old: Old, database: Database, monkeypatch: Any, request: Any) -> None:
    file = old.closed()
    # Each run sets it anew; this brings back what was there.
    monkeypatch.setenv("RECRUITPRO_DATABASE_URL", database.app_url)
    request.addfinalizer(house.forget_settings)

    assert "not as the owner" in refused(home, file, "--database-url", database.owner_url)
    empty = database.app_url.rsplit("/", 1)[0] + "/postgres"
    assert refused(home, file, "--database-url", empty) == "this database has no schema of RecruitPro: migrate it first"
    nobody = "postgresql://recruitpro_app:hidden-word@127.0.0.1:9/recruitpro"
    told = refused(home, file, "--database-url", nobody)
    assert "hidden-word" not in told
    assert OWNER_PASSWORD not in told
    wrong = refused(home, file, "--database-url", "mysql://a:hidden-word@b/c")
    assert "hidden-word" not in wrong


def test_a_schema_that_is_not_the_newest(home: Home, old: Old, database: Database) -> None:
    file = old.closed()
    with as_superuser(database) as connection:
        newest = connection.scalar(sa.text("select version_num from alembic_version"))
    try:
        with as_superuser(database) as connection:
            connection.execute(sa.text("update alembic_version set version_num = '0001_first_schema'"))
        told = refused(home, file)
    finally:
        with as_superuser(database) as connection:
            connection.execute(sa.text("update alembic_version set version_num = :newest"), {"newest": newest})
    assert told.startswith("the schema stands at 0001_first_schema, this release knows")


def test_wishes_that_make_no_sense(home: Home, old: Old, configure: Callable[..., None]) -> None:
    file = old.closed()

    assert refused(home, file, "--region", "XX") == "--region: XX is no country with phone numbers; write DE or CA"
    assert refused(home, file, "--organization", " ").startswith("--organization:")
    assert refused(home, file, "--overwrite") == "No such option '--overwrite'."


def test_national_numbers_are_read_where_the_country_is_given(home: Home, old: Old) -> None:
    old.person("c1", phone="030 901820")

    assert home.run(old.closed(), "--region", "de").code == 0

    assert home.row("candidates", "true")["phone"] == "+4930901820"
