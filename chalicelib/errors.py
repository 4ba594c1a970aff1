"""The family of errors: named for what happened, sorted by what to do about it.

A domain error subclasses one kind and sets `code` (lower_snake, stable: callers depend on it). Each edge answers kinds
from one table: HTTP by `status`, a job by `retries`. Anything outside this family is a bug.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID


class RecruitProError(Exception):
    """Something a caller can understand and act on. `detail` is safe to show, `extra` joins the problem document, and
    `headers` the HTTP answer."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Error"
    status: ClassVar[int] = 500
    retries: ClassVar[bool] = False

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra
        self.headers: dict[str, str] = {}


class BadRequest(RecruitProError):
    """The request itself cannot be understood."""

    code = "bad_request"
    title = "Bad request"
    status = 400


class Unauthenticated(RecruitProError):
    """Nobody we know is asking."""

    code = "unauthenticated"
    title = "Sign in first"
    status = 401


class Forbidden(RecruitProError):
    """We know who asks, and they may not."""

    code = "forbidden"
    title = "Not allowed"
    status = 403


class NotFound(RecruitProError):
    """There is no such thing for this caller: another organization's id reads exactly like one that never was."""

    code = "not_found"
    title = "Not found"
    status = 404


class Moved(NotFound):
    """It goes by another id now: HTTP says 308, with the same path and the new id in `Location`; a job fails, as it
    does without the thing."""

    code = "moved"
    title = "Moved"
    status = 308

    def __init__(self, detail: str, *, old_id: UUID, new_id: UUID) -> None:
        super().__init__(detail, new_id=str(new_id))
        self.old_id, self.new_id = old_id, new_id


class Conflict(RecruitProError):
    """The wish was clear, but the present state does not allow it."""

    code = "conflict"
    title = "Conflict"
    status = 409


class Gone(RecruitProError):
    """It was here, and nobody will get it again."""

    code = "gone"
    title = "Gone"
    status = 410


class Stale(RecruitProError):
    """The caller decided on a version that has moved on since."""

    code = "stale"
    title = "Changed meanwhile"
    status = 412


class Invalid(RecruitProError):
    """The content is wrong, and sending it again will not help: HTTP says 422, a job fails at once."""

    code = "invalid"
    title = "Invalid content"
    status = 422

    def __init__(self, detail: str, errors: list[dict[str, str]] | None = None, **extra: object) -> None:
        if errors is not None:
            extra["errors"] = errors
        super().__init__(detail, **extra)


class TooManyRequests(RecruitProError):
    """The caller is over its rate; `Retry-After` says when to come back."""

    code = "rate_limited"
    title = "Too many requests"
    status = 429

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.headers["Retry-After"] = str(retry_after_seconds)


class Unavailable(RecruitProError):
    """Something we depend on does not answer now: HTTP says 503, a job is tried again later."""

    code = "unavailable"
    title = "Temporarily unavailable"
    status = 503
    retries = True
