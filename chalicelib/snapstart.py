"""The API's container as Lambda SnapStart keeps it: initialized once, copied for every container that follows.

A copy must share nothing that is to be its own: open connections, and the state of a random number generator. Ids and
secrets come from the operating system's and differ anyway (docs/decisions/0014).
"""

from __future__ import annotations

import random
from importlib import import_module

# What the first request would load otherwise.
WARM = ("boto3", "sqlalchemy.orm", "pg8000")


def prepare() -> None:
    """Have Lambda call us around the snapshot; elsewhere nothing happens."""
    try:
        hooks = import_module("snapshot_restore_py")  # a part of Lambda's runtime
    except ImportError:
        return
    hooks.register_before_snapshot(before_snapshot)
    hooks.register_after_restore(after_restore)


def before_snapshot() -> None:
    """Load what requests need, and leave no connection open that its copies would all speak on."""
    for name in WARM:
        import_module(name)
    _close_connections()


def after_restore() -> None:
    """Become a container of its own."""
    random.seed()
    _close_connections()


def _close_connections() -> None:
    from chalicelib import db

    if db.engine.cache_info().currsize:
        db.engine().dispose()
