"""The old application's database, read as it stands: never written, and not while somebody else writes it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from infra.migrate_sqlite.errors import Mistake
from infra.migrate_sqlite.legacy import CORE, KEYS, LEFT_BEHIND

MAGIC = b"SQLite format 3\x00"
# https://sqlite.org/fileformat.html#file_format_version_numbers
READ_VERSION_AT, WITH_LOG = 19, b"\x02"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Every row of every table in the order in which the old application wrote them. Of tables that are left behind
    there are keys alone: nobody needs to read the secrets of others to count them."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    strange: dict[str, int] = field(default_factory=dict)
    """Tables that no release of the old application had, with their rows."""


def read(path: Path) -> Source:
    """The whole file. Raises Mistake when it is no such database, is damaged, or is being written."""
    _check_file(path)
    before = _state(path)
    try:
        with _opened(path) as connection:
            source = _read_all(connection)
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise Mistake(f"{path.name} is being written; stop the old application first") from error
        raise Mistake(f"{path.name} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise Mistake(f"{path.name} is damaged ({error}); take a backup of it") from error
    if _state(path) != before:
        raise Mistake(f"{path.name} was written while it was read; stop the old application first")
    return source


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            beginning = file.read(len(MAGIC))
    except OSError as error:
        raise Mistake(f"{path.name} cannot be opened: {error.strerror}") from error
    if beginning != MAGIC:
        raise Mistake(f"{path.name} is no SQLite database")
    # A journal may be kept empty; a write-ahead log goes with the last who closes the file.
    for ending, least in (("-journal", 1), ("-wal", 0)):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size >= least:
            raise Mistake(f"{beside.name} lies beside it, so somebody has it open; stop the old application first")


def _state(path: Path) -> tuple[int, int]:
    state = os.stat(path)
    log = path.with_name(path.name + "-wal")
    return state.st_size, state.st_mtime_ns + (log.stat().st_mtime_ns if log.exists() else 0)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    # Without isolation level, so that the one transaction below is ours: it holds a shared lock, under which nobody
    # else can commit. With a write-ahead log even a reader would write beside the file, so there it takes no lock, and
    # whoever writes meanwhile is noticed afterwards.
    with path.open("rb") as file:
        file.seek(READ_VERSION_AT)
        has_log = file.read(1) == WITH_LOG
    uri = f"file:{quote(str(path.resolve()))}?mode=ro" + ("&immutable=1" if has_log else "")
    with closing(sqlite3.connect(uri, uri=True, timeout=1, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.execute("begin")
        yield connection


def _read_all(connection: sqlite3.Connection) -> Source:
    there = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
    if missing := [name for name in CORE if name not in there]:
        raise Mistake(f"this is no database of the old RecruitPro: it has no table {', '.join(missing)}")
    # A page is damaged long before anything asks for it.
    found = connection.execute("pragma integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise Mistake("the file is damaged; take a backup of it")
    known = there & KEYS.keys()
    tables = {name: _rows(connection, name) for name in KEYS if name in known}
    counts = {name: _count(connection, name) for name in known}
    names = sorted(name for name in there - KEYS.keys() if not name.startswith(("sqlite_", "alembic_version")))
    strange = {name: _count(connection, name) for name in names}
    return Source(tables, counts, tuple(name for name in KEYS if name not in there), strange)


def _rows(connection: sqlite3.Connection, table: str) -> list[Row]:
    columns = [row["name"] for row in connection.execute(f'pragma table_info("{table}")')]
    key = KEYS[table]
    if key not in columns:
        raise Mistake(f"this is no database of the old RecruitPro: {table} has no column {key}")
    wanted = f'"{key}"' if table in LEFT_BEHIND else "*"
    return [dict(row) for row in connection.execute(f'select {wanted} from "{table}" order by rowid')]  # noqa: S608


def _count(connection: sqlite3.Connection, table: str) -> int:
    name = table.replace('"', '""')
    return int(connection.execute(f'select count(*) from "{name}"').fetchone()[0])  # noqa: S608
