"""What can go wrong with interviews."""

from __future__ import annotations

from chalicelib.errors import Conflict, Forbidden, NotFound


class InterviewNotFound(NotFound):
    """No such interview in this organization."""

    code = "interview_not_found"


class InterviewerBusy(Conflict):
    """Somebody has another interview at this time; `interviewer_ids` says who, as far as the caller may know."""

    code = "interviewer_busy"


class ApplicationNotActive(Conflict):
    """Who was rejected or stepped back is not interviewed."""

    code = "application_closed"


class InterviewOver(Conflict):
    """Only what is still to come can be moved, or given other interviewers."""

    code = "interview_over"


class InterviewMarked(Conflict):
    """An interview with scorecards is part of a decision: it can be cancelled, not removed."""

    code = "interview_has_scorecards"


class NotHeld(Conflict):
    """There is nothing to mark: the interview has not begun, was called off, or nobody came."""

    code = "interview_not_held"


class NotInterviewer(Forbidden):
    """Only who conducts an interview gives marks in it."""

    code = "not_interviewer"
