"""The log as CloudWatch gets it, for tests to read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.logs import LineFormatter, Sampled
from tests.log_watch import LOGGER

Line = dict[str, Any]


class Lines:
    """What was written so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def all(self) -> list[Line]:
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, message: str) -> list[Line]:
        """Those of one event name, oldest first."""
        return [line for line in self.all() if line["message"] == message]


@contextmanager
def reading(level: str = "INFO") -> Iterator[Lines]:
    """Meanwhile every line of this level or above, and of sampled traces every line there is."""
    stream, logger = io.StringIO(), logging.getLogger(LOGGER)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    handler.addFilter(Sampled(level))
    # What the local stack says of itself is no line of the application.
    handler.addFilter(lambda record: record.name == LOGGER)
    logger.addHandler(handler)
    try:
        yield Lines(stream)
    finally:
        logger.removeHandler(handler)
