"""What ends a deployment early. The text is all that somebody at a terminal sees: what is wrong, and what to do."""

from __future__ import annotations


class Stopped(Exception):
    """The command did not do what it was asked for."""


class Refused(Stopped):
    """Nothing was changed, and why."""


class Failed(Stopped):
    """Something was tried and did not work; the text says what runs now."""
