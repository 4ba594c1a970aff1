"""What can go wrong with candidates."""

from __future__ import annotations

from uuid import UUID

from chalicelib.errors import Conflict, Invalid, Moved, NotFound


class CandidateNotFound(NotFound):
    """No such candidate in this organization."""

    code = "candidate_not_found"


class CandidateMerged(CandidateNotFound, Moved):
    """This candidate was merged into another one, which has all that was theirs."""

    code = "candidate_merged"

    def __init__(self, old_id: UUID, new_id: UUID) -> None:
        Moved.__init__(self, f"this candidate was merged into {new_id}", old_id=old_id, new_id=new_id)


class CandidateExists(Conflict):
    """The organization knows a candidate with this email."""

    code = "candidate_exists"

    def __init__(self, candidate_id: UUID | None) -> None:
        known = {} if candidate_id is None else {"candidate_id": str(candidate_id)}
        super().__init__("a candidate with this email is on file", **known)


class EmptySearch(Invalid):
    """The query holds no word to search for."""

    code = "empty_search"


class SamePerson(Invalid):
    """A candidate cannot be merged with itself."""

    code = "same_candidate"


class AlreadyMerged(Conflict):
    """The duplicate has been merged; `candidate_id` is whom it was merged into."""

    code = "already_merged"


class MergeNotFound(NotFound):
    """These two were never merged, or that was undone, or the one that remained was merged on."""

    code = "merge_not_found"


class MergeTooOld(Conflict):
    """A merge can be undone for 30 days."""

    code = "merge_too_old"


class ChangedSinceMerge(Conflict):
    """Both had applied to one position, and what was made of the two applications has moved on: nobody can say any more
    whose step that was."""

    code = "changed_since_merge"
