"""What keeps a migration from running."""

from __future__ import annotations


class Mistake(Exception):
    """The operator has to do something first; the text says what, in one line, and holds no password."""
