"""The structured logger: one JSON line per fact, a constant event name with fields, ids and no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.logging.types import LogRecord

from chalicelib.redaction import redacted
from chalicelib.settings import settings


class LineFormatter(LambdaPowertoolsFormatter):
    """One fact as one line of JSON, without what an exception may have quoted of a person."""

    def serialize(self, log: LogRecord) -> str:
        return redacted(super().serialize(log))


log = Logger(
    service="recruitpro",
    level=settings().log_level,
    logger_formatter=LineFormatter(utc=True),
    log_uncaught_exceptions=False,
)


@contextmanager
def log_context(**fields: object) -> Iterator[None]:
    """Every line logged meanwhile carries these fields. Kept per thread: the local server and pump have many."""
    before = dict(log.thread_safe_get_current_keys())
    log.thread_safe_append_keys(**fields)
    try:
        yield
    finally:
        log.thread_safe_clear_keys()
        log.thread_safe_append_keys(**before)
