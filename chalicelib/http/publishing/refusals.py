"""Which errors a call may answer with: those its route names, and those that our conventions add."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from chalicelib.api_keys.errors import BadApiKey, NotForApiKeys, ScopeMissing
from chalicelib.auth.tokens import BadToken
from chalicelib.db import DatabaseUnavailable
from chalicelib.errors import Invalid, NotFound, RecruitProError, Stale, TooManyRequests, Unauthenticated
from chalicelib.http.admission import Access, NotYourRole, SecondFactorSetupRequired
from chalicelib.http.idempotency import BadIdempotencyKey, InProgress, KeyReused
from chalicelib.http.limits import LimiterUnavailable
from chalicelib.http.paging import BadCursor
from chalicelib.http.publishing.views import honours_if_match
from chalicelib.http.requests import BadJson, BodyTooLarge, RepeatedHeader, WrongContentType
from chalicelib.http.routes import HttpsRequired, Route

Refusal = type[RecruitProError]


class InternalError(RecruitProError):
    """A fault of ours; the request id helps us to find it."""

    code = "internal_error"
    title = "Internal error"
    status = 500


def refusals_of(route: Route) -> dict[int, list[Refusal]]:
    """All errors of a call by status, each once, in the order of statuses."""
    by_status: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in dict.fromkeys([*_by_convention(route), *route.refusals]):
        by_status[refusal.status].append(refusal)
    return dict(sorted(by_status.items()))


def keeps_answers(route: Route) -> bool:
    """Whether the same POST with the same Idempotency-Key gets the stored answer."""
    return route.method == "POST" and route.keeps_answer and route.opens_transaction


def _by_convention(route: Route) -> Iterator[Refusal]:
    yield RepeatedHeader
    yield Invalid
    yield InternalError
    yield from _of_access(route)
    yield from _of_content(route)
    if honours_if_match(route.view):
        yield Stale
    if route.is_counted or route.opens_transaction:
        yield DatabaseUnavailable


def _of_access(route: Route) -> Iterator[Refusal]:
    if route.access > Access.PUBLIC:
        yield from (Unauthenticated, BadToken, BadApiKey)
        yield NotForApiKeys if route.gate.scope is None else ScopeMissing
        if not route.gate.serves_restricted:
            yield SecondFactorSetupRequired
    if route.access > Access.VIEWER:
        yield NotYourRole
    yield HttpsRequired
    if route.is_counted:
        yield TooManyRequests
        if route.access is Access.PUBLIC and not route.gate.is_read:
            yield LimiterUnavailable


def _of_content(route: Route) -> Iterator[Refusal]:
    if route.method != "GET":
        yield BodyTooLarge
    if route.body is not None:
        yield from (BadJson, WrongContentType)
    if "cursor" in route.query.model_fields:
        yield BadCursor
    if "{" in route.path and not any(issubclass(refusal, NotFound) for refusal in route.refusals):
        yield NotFound
    if route.method == "POST":
        yield BadIdempotencyKey
    if keeps_answers(route):
        yield from (KeyReused, InProgress)
