"""What happened over HTTP, counted in the transaction in which it happened. Jobs, candidates and documents are counted
by triggers of their tables (0017_metrics.sql)."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from chalicelib import db
from chalicelib.db import DatabaseUnavailable
from chalicelib.logs import log


def served(method: str, path: str, status: int, seconds: float) -> str:
    """The statement that counts one answer; `path` is the route's, with names in place of ids."""
    labels = ", ".join(f"'{label}'" for label in (method, path, str(status)))
    values = f"('http_requests', array[{labels}], {seconds:.6f})"
    return f"insert into metric_increments (name, labels, observed) values {values}"  # noqa: S608 - a route's own names


def count_now(statement: str) -> None:
    """Count what has no transaction of its own. Never fails: while the database is away, it is not counted."""
    try:
        db.write_at_once(statement)
    except (DatabaseUnavailable, DBAPIError) as error:
        log.warning("request_not_counted", reason=type(error).__name__)
