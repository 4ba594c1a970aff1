"""What can go wrong with people's rights."""

from __future__ import annotations

from chalicelib.errors import NotFound, Unavailable


class ErasureNotFound(NotFound):
    """The organization has no such erasure."""

    code = "erasure_not_found"


class MoreCameIn(Unavailable):
    """While somebody was erased, something new about them came in; the erasure starts over and takes it along."""

    code = "more_came_in"
