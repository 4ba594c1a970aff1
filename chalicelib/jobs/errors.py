"""What can go wrong with jobs."""

from __future__ import annotations

from chalicelib.errors import Conflict, NotFound


class JobNotFound(NotFound):
    """No such job in this organization."""

    code = "job_not_found"


class Superseded(Conflict):
    """Another attempt has taken this job over or finished it; this one must leave no trace."""

    code = "job_superseded"
