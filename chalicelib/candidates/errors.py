"""What can go wrong with candidates."""

from __future__ import annotations

from uuid import UUID

from chalicelib.errors import Conflict, Invalid, NotFound


class CandidateNotFound(NotFound):
    """No such candidate in this organization."""

    code = "candidate_not_found"


class CandidateExists(Conflict):
    """The organization knows a candidate with this email."""

    code = "candidate_exists"

    def __init__(self, candidate_id: UUID | None) -> None:
        known = {} if candidate_id is None else {"candidate_id": str(candidate_id)}
        super().__init__("a candidate with this email is on file", **known)


class EmptySearch(Invalid):
    """The query holds no word to search for."""

    code = "empty_search"
