"""What can go wrong with reports."""

from __future__ import annotations

from chalicelib.errors import Invalid


class BadPeriod(Invalid):
    """The period ends before it begins, or is longer than reports go."""

    code = "bad_period"
