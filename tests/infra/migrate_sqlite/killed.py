"""Runs the migration over and over, killed at each table: in the middle, before its commit and right after it.

Prints how many of the runs were killed; the last one is left alone, and its exit code is this one's.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from chalicelib import db, migrations
from chalicelib.events import repository
from infra.migrate_sqlite import writing
from infra.migrate_sqlite.__main__ import main


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(do: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **more: Any) -> Any:
        do(*arguments, **more)
        die()

    return wrapped


def run_until(table: str, point: str, arguments: list[str]) -> None:
    """In a child: everything up to this point of this table, and not a line more."""
    write = writing.write

    def write_table(organization_id: Any, items: Any, progress: Any) -> Any:
        is_here = bool(items) and items[0].table == table
        if is_here and point == "inside":
            writing.write_batch = then_die(writing.write_batch)
        if is_here and point == "before_commit":
            repository.append = then_die(repository.append)
        written = write(organization_id, items, progress)
        if is_here:
            die()
        return written

    writing.write = write_table
    main(arguments)


def was_killed(table: str, point: str, arguments: list[str]) -> bool:
    child = os.fork()
    if child == 0:
        run_until(table, point, arguments)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


if __name__ == "__main__":
    # Once for all children.
    import_module("infra.migrate_sqlite.running")
    migrations.newest()
    writing.BATCH = 7
    tables, given = sys.argv[1].split(","), sys.argv[2:]
    points = [(table, point) for table in tables for point in ("inside", "after_commit")]
    kills = sum(
        was_killed(table, point, given) for table, point in [*points[:7], ("candidates", "before_commit"), *points[7:]]
    )
    print("killed", kills)
    assert db.engine.cache_info().currsize == 0, "children must not share a connection"
    sys.exit(main(given))
