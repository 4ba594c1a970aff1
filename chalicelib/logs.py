"""The structured logger: one JSON line per fact, a constant event name with fields, ids and no personal data."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.logging.types import LogRecord

from chalicelib import tracing
from chalicelib.redaction import redacted
from chalicelib.settings import settings
from chalicelib.tracing import Trace

LONGEST_STATEMENT = 400


class LineFormatter(LambdaPowertoolsFormatter):
    """One fact as one line of JSON, without what an exception may have quoted of a person."""

    def __init__(self) -> None:
        # Made once: json.dumps makes an encoder for each line, and reads each event's name in search of JSON.
        encoder = json.JSONEncoder(default=str, separators=(",", ":"), ensure_ascii=False)
        super().__init__(json_serializer=encoder.encode, json_deserializer=str, utc=True)

    def serialize(self, log: LogRecord) -> str:
        return redacted(super().serialize(log))


class Sampled(logging.Filter):
    """Lets through what the level in force lets through, and of sampled traces everything. Powertools' own sampling
    switches the level of the whole process: a thread beside this one would be logged in detail as well."""

    def __init__(self, level: str) -> None:
        super().__init__()
        self._level = logging.getLevelNamesMapping()[level]

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= self._level:
            return True
        trace = tracing.current()
        return trace is not None and trace.is_sampled


def _logger() -> Logger:
    config = settings()
    level = "DEBUG" if config.log_sample_rate else config.log_level
    logger = Logger(service="recruitpro", level=level, logger_formatter=LineFormatter(), log_uncaught_exceptions=False)
    for handler in logger.handlers:
        handler.addFilter(Sampled(config.log_level))
    return logger


log = _logger()


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


@contextmanager
def traced(trace_id: str | None = None, **fields: object) -> Iterator[Trace]:
    """Begin a request or an attempt of the given trace, of a new one without: every line carries its id, and `fields`.
    A share of `log_sample_rate` of all traces is logged in detail, statement by statement."""
    with tracing.following(trace_id, sample_rate=settings().log_sample_rate) as trace:
        if trace.is_sampled:
            trace.tell = _statement_done
        with log_context(trace_id=trace.id, **fields):
            yield trace


def belongs_to(trace: Trace, trace_id: str) -> None:
    """What is in hand turns out to belong to another trace than the one it began with."""
    trace.id = trace_id
    trace.is_sampled = tracing.is_sampled(trace_id, settings().log_sample_rate)
    trace.tell = _statement_done if trace.is_sampled else None
    log.thread_safe_append_keys(trace_id=trace_id)


def cost_of(trace: Trace) -> dict[str, Any]:
    """What a line at the end of a request or an attempt tells of its cost."""
    return {
        "ms": trace.ms,
        "cold_start": tracing.is_cold_start(),
        "statements": trace.statements,
        "database_ms": trace.database_ms,
    }


def _statement_done(statement: str, seconds: float) -> None:
    log.debug("statement_done", statement=" ".join(statement.split())[:LONGEST_STATEMENT], ms=round(seconds * 1000, 2))
