"""Reads along with whatever our logger writes in the tests, and tells of each line that no log may hold.

It looks at a line before anything is redacted: that is the second lock, and the first one is to hold by itself.
"""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

from chalicelib.logs import log

LOGGER = "recruitpro"
METRIC = '{"_aws"'
PASSWORDS = ("correct-horse-7-staples", "app-of-tests", "owner-of-tests", "a-secret-that-only-tests-know-0123456789")
# Whom the builders of tests/factories.py and the fixtures of tests/conftest.py make up.
PEOPLE = ("Grace Hopper", "Ada Admin", "Ada Lovelace", "Zephyrine Quillfeather")
NEEDLES = {
    "a mail address": re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+"),
    "a phone number": re.compile(r"(?<![\w.:+-])\+[1-9]\d{6,14}\b"),
    "an access token": re.compile(r"\beyJ[\w-]{8,}"),
    "a refresh token or a link": re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w-])"),
    "an API key": re.compile(r"\brp_[0-9A-Za-z]{20,}"),
    "a secret of a webhook": re.compile(r"\bwhsec_[\w+/=-]{8,}"),
    "a password": re.compile("|".join(map(re.escape, PASSWORDS))),
    "a name": re.compile("|".join(map(re.escape, PEOPLE))),
}
# What every record has. `msg` is ours to choose; these are not.
OF_PYTHON = frozenset(vars(logging.makeLogRecord({}))) - {"msg"}


def finds(text: str) -> list[str]:
    """Which of the things that no log may hold stand in `text`."""
    return [what for what, pattern in NEEDLES.items() if pattern.search(text)]


class LogWatch(logging.Handler):
    """Keeps of each bad line its event, the field and what was found there; never the text itself."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.found: list[str] = []
        self.lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        for field, value in _fields(record).items():
            self.found += [f"{what} in `{field}` of {record.getMessage()!r}" for what in finds(str(value))]

    def read_metrics(self, output: str) -> None:
        """Look through the metrics in what a test printed."""
        for line in output.splitlines():
            if line.startswith(METRIC):
                self.found += [f"{what} in a metric" for what in finds(line)]

    def take(self) -> list[str]:
        """What was found since the last time."""
        found, self.found = self.found, []
        return found


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record).items() if name not in OF_PYTHON}
    fields |= log.thread_safe_get_current_keys()
    if record.exc_info and record.exc_info[1] is not None:
        fields["exception"] = "".join(traceback.format_exception(record.exc_info[1]))
    return fields


WATCH = LogWatch()


def install() -> None:
    """Begin to read along with every line down to DEBUG; what is printed stays as the settings have it."""
    logger = logging.getLogger(LOGGER)
    for handler in logger.handlers:
        handler.setLevel(max(handler.level, logger.level))
    logger.setLevel(logging.DEBUG)
    logger.addHandler(WATCH)


def remove() -> None:
    """Read no further."""
    logging.getLogger(LOGGER).removeHandler(WATCH)
