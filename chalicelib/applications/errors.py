"""What can go wrong with applications."""

from __future__ import annotations

from uuid import UUID

from chalicelib.errors import Conflict, Moved, NotFound


class ApplicationNotFound(NotFound):
    """No such application in this organization."""

    code = "application_not_found"


class ApplicationMerged(ApplicationNotFound, Moved):
    """Two candidates were one person and had applied to one position; the other application has this one's history."""

    code = "application_merged"

    def __init__(self, old_id: UUID, new_id: UUID) -> None:
        Moved.__init__(self, f"this application was merged into {new_id}", old_id=old_id, new_id=new_id)


class AlreadyApplied(Conflict):
    """The candidate is put forward for this position already."""

    code = "already_applied"

    def __init__(self, application_id: UUID) -> None:
        super().__init__("this candidate has applied to this position", application_id=str(application_id))


class PositionClosed(Conflict):
    """The position takes no applications."""

    code = "position_closed"


class StageMovedOn(Conflict):
    """Somebody moved the application meanwhile."""

    code = "stage_moved_on"

    def __init__(self, current: str) -> None:
        super().__init__(f"the application is in {current} by now; look again", current_stage=current)


class StageNotAllowed(Conflict):
    """The application cannot go to the stage asked for."""

    code = "stage_not_allowed"


class NoOpeningsLeft(Conflict):
    """Every opening of the position is filled."""

    code = "no_openings_left"


class NotOpen(Conflict):
    """The application is closed (or open) already."""

    code = "application_not_in_that_state"
