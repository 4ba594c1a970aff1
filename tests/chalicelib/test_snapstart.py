"""A container that starts from a snapshot shares nothing with the others that did."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from chalicelib import db, snapstart
from chalicelib.ids import new_id
from tests.conftest import Tenant
from tests.house import Database


class Runtime(ModuleType):
    """What Lambda's runtime brings along: it keeps what is to be called."""

    def __init__(self) -> None:
        super().__init__("snapshot_restore_py")
        self.called: list[str] = []
        self.before: Callable[[], None] | None = None
        self.after: Callable[[], None] | None = None

    def register_before_snapshot(self, hook: Callable[[], None]) -> None:
        self.before = hook

    def register_after_restore(self, hook: Callable[[], None]) -> None:
        self.after = hook


def test_lambda_is_told_what_to_call_and_elsewhere_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    snapstart.prepare()
    runtime = Runtime()
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", runtime)
    snapstart.prepare()

    assert (runtime.before, runtime.after) == (snapstart.before_snapshot, snapstart.after_restore)


def test_no_connection_is_used_on_both_sides_of_a_snapshot(database: Database) -> None:
    def backend() -> Any:
        with db.engine().connect() as connection:
            return connection.exec_driver_sql("select pg_backend_pid()").scalar_one()

    first = backend()
    assert backend() == first  # the pool keeps it
    snapstart.before_snapshot()
    second = backend()
    snapstart.after_restore()

    assert len({first, second, backend()}) == 3


def test_copies_draw_numbers_and_ids_of_their_own() -> None:
    random.seed(1)
    state = random.getstate()
    drawn = []
    for _ in range(2):  # two copies of one snapshot
        random.setstate(state)
        snapstart.after_restore()
        drawn.append(random.random())

    assert drawn[0] != drawn[1]
    assert new_id() != new_id()


def test_the_app_is_loaded_without_a_connection_a_secret_or_a_client(database: Database) -> None:
    """What is made while the container initializes is in every copy of it."""
    code = """
import app
from chalicelib import clients, db
assert not db.engine.cache_info().currsize, "there is an engine"
assert not clients.secret.cache_info().currsize, "a secret is kept"
cached = {name: value for name, value in vars(clients).items() if hasattr(value, "cache_info")}
made = {name for name, value in cached.items() if value.cache_info().currsize}
assert made <= {"settings"}, made  # a version's own, and the same for all of its containers
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_request_is_answered_after_a_restore(tenant: Tenant) -> None:
    snapstart.before_snapshot()
    snapstart.after_restore()

    assert tenant.api.get("/api/projects").status == 200
