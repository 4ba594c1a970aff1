"""What can go wrong with jobs."""

from __future__ import annotations

from chalicelib.errors import Conflict, NotFound, RecruitProError


class JobNotFound(NotFound):
    """No such job in this organization."""

    code = "job_not_found"


class JobEnded(Conflict):
    """The job has come to its end; there is nothing to call off."""

    code = "job_ended"


class JobNotCancellable(Conflict):
    """Jobs of this kind run to their end."""

    code = "job_not_cancellable"


class JobNotRetryable(Conflict):
    """Only a failed or cancelled job is tried again."""

    code = "job_not_retryable"


class Superseded(Conflict):
    """Another attempt has taken this job over or finished it; this one must leave no trace."""

    code = "job_superseded"


class JobCancelled(RecruitProError):
    """Somebody called the job off."""

    code = "job_cancelled"

    def __init__(self) -> None:
        super().__init__("the job was called off")


class JobBroke(RecruitProError):
    """A fault of ours; it may have been a passing one, so the job is tried again."""

    code = "internal_error"
    retries = True


class JobGaveUp(RecruitProError):
    """The job was started as often as it may be and never came to an end."""

    code = "job_never_finished"
