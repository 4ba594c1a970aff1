"""Routes: a Chalice Blueprint whose views get a parsed, admitted call in one transaction, and whose errors are
problem documents. Chalice turns our exceptions into a 500 before HTTP middleware sees them, so each view is wrapped."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

from chalice.app import Blueprint, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from chalicelib import db, reporting, tracing
from chalicelib.api_keys.scopes import scope_of
from chalicelib.clock import utc_now
from chalicelib.counters import facts
from chalicelib.db import DatabaseUnavailable, Role
from chalicelib.errors import Forbidden, Moved, NotFound, RecruitProError, Stale
from chalicelib.events.models import Actor
from chalicelib.http import answers, idempotency
from chalicelib.http.admission import Access, Admission, Caller, Gate, admit
from chalicelib.http.answers import Answer
from chalicelib.http.requests import BodyTooLarge, Request, of_chalice, parse_body, parse_query, path_id
from chalicelib.logs import cost_of, log, traced
from chalicelib.settings import settings

BodyT = TypeVar("BodyT", bound=BaseModel)
QueryT = TypeVar("QueryT", bound=BaseModel)
NOBODY = UUID(int=0)


class Nothing(BaseModel):
    """A body or query string in which nothing may stand."""

    model_config = ConfigDict(extra="forbid")


class HttpsRequired(Forbidden):
    """Plain HTTP is refused here."""

    code = "https_required"


@dataclass(slots=True)
class Call(Generic[BodyT, QueryT]):
    """What a view gets: who calls, what they sent (checked), and the transaction in which it happens."""

    request: Request
    now: datetime
    body: BodyT
    query: QueryT
    ids: dict[str, UUID]
    _session: Session | None
    _caller: Caller | None

    @property
    def session(self) -> Session:
        assert self._session is not None, "this route opens its own transactions"
        return self._session

    @property
    def caller(self) -> Caller:
        assert self._caller is not None, "this route is public"
        return self._caller

    @property
    def organization_id(self) -> UUID:
        return self.caller.organization_id

    @property
    def actor(self) -> Actor:
        """The caller, as events name them."""
        return Actor(self.caller.kind, self.caller.user_id, self.request.id, self.request.address or None)

    def transaction(self, role: Role = Role.APP) -> AbstractContextManager[Session]:
        """A transaction of the caller's, for a view that opens its own: they see what they may see."""
        return _transaction(self._caller, role)

    def check_fresh(self, version: int) -> None:
        """Raises Stale when the caller decided on another version of the thing than this one."""
        wanted = self.request.headers.get("if-match")
        if wanted is None or wanted.strip() == "*":
            return
        if f'"{version}"' not in [tag.strip().removeprefix("W/") for tag in wanted.split(",")]:
            raise Stale("this has changed since you read it; read it again", current_etag=f'"{version}"')


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API, as it is served and as it is published."""

    method: str
    path: str
    view: Callable[[Any], Answer | BaseModel]
    access: Access
    body: type[BaseModel] | None
    query: type[BaseModel]
    answer: type[BaseModel] | None
    status: int
    role: Role
    opens_transaction: bool
    keeps_answer: bool
    is_body_optional: bool
    is_counted: bool
    tag: str
    gate: Gate
    refusals: tuple[type[RecruitProError], ...] = field(default=())


class Routes(Blueprint):
    """The routes of one domain."""

    def __init__(self, import_name: str, *, tag: str) -> None:
        super().__init__(import_name)
        self.tag = tag
        self.table: list[Route] = []

    def serve(
        self,
        method: str,
        path: str,
        *,
        access: Access = Access.VIEWER,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] = Nothing,
        answer: type[BaseModel] | None = None,
        status: int = 200,
        role: Role = Role.APP,
        opens_transaction: bool = True,
        keeps_answer: bool = True,
        is_body_optional: bool = False,
        is_counted: bool = True,
        serves_restricted: bool = False,
        cost: int = 1,
        refusals: tuple[type[RecruitProError], ...] = (),
    ) -> Callable[[Callable[[Any], Answer | BaseModel]], Callable[[Any], Answer | BaseModel]]:
        """Serve `method path` by the decorated view. Shapes and refusals given here are what the API publishes.

        A call takes `cost` from what its caller may ask in a minute. `serves_restricted` is for what somebody may do
        who still has to set up the second factor that their organization asks for. Which scope opens it to an API key
        stands in chalicelib/api_keys/scopes.py.
        """
        scope = scope_of(method, path, is_for_admins=access is Access.ADMIN) if access is not Access.PUBLIC else None
        gate = Gate(access, scope, cost, serves_restricted, is_read=method == "GET")

        def decorate(view: Callable[[Any], Answer | BaseModel]) -> Callable[[Any], Answer | BaseModel]:
            route = Route(
                method,
                path,
                view,
                access,
                body,
                query,
                answer,
                status,
                role,
                opens_transaction,
                keeps_answer,
                is_body_optional,
                is_counted,
                self.tag,
                gate,
                refusals,
            )
            self.table.append(route)

            def handle(**path_values: str) -> Response:
                return respond(route, of_chalice(self.current_request), path_values)

            handle.__name__ = view.__name__
            # An empty list keeps Chalice from answering a wrong content type in its own words.
            self.route(path, methods=[method], content_types=[], name=view.__name__)(handle)
            return view

        return decorate


def respond(route: Route, request: Request, path_values: dict[str, str]) -> Response:
    """Serve one request: whatever happens, an answer of ours with all our headers."""
    started = time.perf_counter()
    trace_id = tracing.asked_for(request.headers)
    with traced(trace_id, request_id=request.id, route=f"{route.method} {route.path}") as trace:
        is_counted = False
        try:
            answer = _serve(route, request, path_values, started)
            is_counted = route.opens_transaction
        except RecruitProError as error:
            # A database out of reach would be waited for a second time, and count nothing.
            is_counted = isinstance(error, DatabaseUnavailable) and db.state_behind(error) is None
            log.thread_safe_append_keys(refusal=error.code)
            told = _with_new_place(error, request) if isinstance(error, Moved) else error
            answer = answers.of_error(told, request.id)
        except Exception as error:
            log.exception("request_broke")
            reporting.report(error)
            answer = answers.of_bug(request.id)
        if not is_counted:
            _count_alone(route, answer, started)
        log.info("request_served", status=answer.status, **cost_of(trace))
        answer.headers["X-Trace-Id"] = trace.id
    return as_response(answer, request)


def _with_new_place(error: Moved, request: Request) -> RecruitProError:
    """The same, with the URL that was asked for in `Location`, the new id in place of the old one; NotFound when the
    old id stands elsewhere, since that URL would lead to itself."""
    asked = _target(request)
    place = re.sub(re.escape(str(error.old_id)), str(error.new_id), asked, flags=re.IGNORECASE)
    if place == asked:
        unknown = NotFound(error.detail)
        unknown.headers = error.headers
        return unknown
    error.headers["Location"] = place
    return error


def _target(request: Request) -> str:
    query = urlencode([(name, value) for name, values in request.query.items() for value in values])
    return quote(request.path, safe="/%:@!$&'()*+,;=~") + ("?" if query else "") + query


def as_response(answer: Answer, request: Request) -> Response:
    """`answer` with the headers that every answer carries."""
    headers: dict[str, str | list[str]] = {
        **answers.security_headers(is_https=request.is_https),
        **answers.cors_headers(request.headers),
        "X-Request-Id": request.id,
        **{name: answers.one_line(value) for name, value in answer.headers.items()},
    }
    text = answer.text()
    if text or answer.status not in {204, 302, 308}:
        headers["Content-Type"] = answer.content_type
    return Response(body=text, status_code=answer.status, headers=headers)


def _serve(route: Route, request: Request, path_values: dict[str, str], started: float) -> Answer:
    request.check()
    not_secure = https_only(request)
    if not_secure is not None:
        return not_secure
    if len(request.raw_body) > settings().body_max_bytes:
        raise BodyTooLarge(f"a body may hold {settings().body_max_bytes} bytes at most")
    admission = admit(request, route.gate) if route.is_counted else Admission()
    if admission.caller is not None:
        log.thread_safe_append_keys(**_who(admission.caller))
    try:
        answer = _call(route, request, path_values, admission.caller, started)
    except RecruitProError as error:
        error.headers = {**admission.headers, **error.headers}
        raise
    answer.headers = {**admission.headers, **answer.headers}
    return answer


def _who(caller: Caller) -> dict[str, UUID]:
    return {"organization_id": caller.organization_id, f"{caller.kind}_id": caller.user_id}


def https_only(request: Request) -> Answer | None:
    """What plain HTTP gets where HTTPS is forced: a redirect, or a refusal of what is not just read. A caller says to
    which host they came, so the redirect leads to hosts that we know for ours, and nowhere else."""
    if not settings().force_https or request.is_https:
        return None
    host = request.headers.get("host", "").lower()
    if request.method not in {"GET", "HEAD"} or host not in settings().allowed_hosts:
        return answers.of_error(HttpsRequired("use HTTPS"), request.id)
    return Answer(status=308, headers={"Location": f"https://{host}{_target(request)}"})


def _call(route: Route, request: Request, path_values: dict[str, str], caller: Caller | None, started: float) -> Answer:
    ids = {name: path_id(value) for name, value in path_values.items()}
    if ids:
        log.thread_safe_append_keys(path_ids=ids)
    query = parse_query(request, route.query)
    body = parse_body(request, route.body, is_optional=route.is_body_optional) if route.body else Nothing()
    now = utc_now()
    organization_id = caller.organization_id if caller else NOBODY
    key = idempotency.key_of(request, organization_id, caller.user_id if caller else None)
    with _transaction(caller, route.role) if route.opens_transaction else nullcontext() as session:
        if session is not None and key is not None and route.keeps_answer:
            stored = idempotency.stored_answer(session, key, now)
            if stored is not None:
                _count_with(session, route, stored, started)
                return stored
        result = route.view(Call(request, now, body, query, ids, session, caller))
        answer = result if isinstance(result, Answer) else Answer(result, status=route.status)
        if session is not None and key is not None and route.keeps_answer:
            session.flush()
            idempotency.keep(session, key, answer, now)
        if session is not None:
            _count_with(session, route, answer, started)
    return answer


def _count_with(session: Session, route: Route, answer: Answer, started: float) -> None:
    """Count an answer in the transaction that it tells of: neither can come to be without the other."""
    if route.is_counted:
        db.add_to_commit(session, _fact(route, answer, started))


def _count_alone(route: Route, answer: Answer, started: float) -> None:
    """Count an answer that tells of no transaction: a refusal, or what views did that open their own."""
    if route.is_counted:
        facts.count_now(_fact(route, answer, started))


def _fact(route: Route, answer: Answer, started: float) -> str:
    return facts.served(route.method, route.path, answer.status, time.perf_counter() - started)


def _transaction(caller: Caller | None, role: Role) -> AbstractContextManager[Session]:
    if caller is None:
        return db.transaction(NOBODY, role)
    user_role = caller.role.name.lower()
    return db.transaction(caller.organization_id, role, user_id=caller.user_id, user_role=user_role)
