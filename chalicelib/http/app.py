"""The Chalice application: mounts each domain's routes, answers what no route does, and publishes itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from chalice.app import Chalice, Response

from chalicelib import reporting
from chalicelib.errors import RecruitProError
from chalicelib.http import answers
from chalicelib.http.publishing.routes import routes_about
from chalicelib.http.requests import Request, of_chalice
from chalicelib.http.routes import Route, Routes, as_response, https_only
from chalicelib.logs import log

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class MethodNotAllowed(RecruitProError):
    """The path exists, but not with this method."""

    code = "method_not_allowed"
    title = "Method not allowed"
    status = 405


class Api(Chalice):
    """Chalice with our conventions for what its routes leave open."""

    def __init__(self, app_name: str) -> None:
        super().__init__(app_name, configure_logs=False)
        self.table: list[Route] = []

    def __call__(self, event: Any, context: Any) -> Any:
        name = f"{event.get('httpMethod')} {event.get('resource')}"
        with reporting.invocation(name, reporting.HTTP) as ended_with:
            answer = super().__call__(event, context)
            ended_with(answer["statusCode"])
            return answer

    def mount(self, routes: Routes) -> None:
        """Serve and publish the routes of one domain."""
        self.register_blueprint(routes)
        self.table.extend(routes.table)

    def publish(self) -> None:
        """Serve the document and the page about every mounted route, themselves included; nothing is built yet."""
        self.mount(routes_about(self.table))

    def close(self, paths: Collection[str] | None = None) -> None:
        """Answer every other method on each of `paths` (all that are served): OPTIONS for browsers, 405 for the rest.
        API Gateway would answer those with a 403 of its own; by routes of ours they are problem documents everywhere.
        """
        served: dict[str, set[str]] = defaultdict(set)
        for path, methods in self.routes.items():
            if paths is None or path in paths:
                served[path] |= set(methods)
        for path, served_methods in served.items():
            allowed = [method for method in METHODS if method in served_methods]
            missing = [method for method in METHODS if method not in served_methods]
            self._route_rest(path, ["OPTIONS"], answers.preflight([*allowed, "OPTIONS"]))
            self._route_rest(path, missing, None, allowed=", ".join([*allowed, "OPTIONS"]))

    def _route_rest(self, path: str, methods: list[str], answer: answers.Answer | None, allowed: str = "") -> None:
        def handle(**_path_values: str) -> Response:
            request: Request = of_chalice(self.current_request)
            try:
                told = https_only(request) or answer or _not_allowed(request, allowed)
            except Exception as error:
                log.exception("request_broke")
                reporting.report(error)
                told = answers.of_bug(request.id)
            return as_response(told, request)

        name = f"{'preflight' if answer else 'not_allowed'}_{path.strip('/').replace('/', '_')}"
        self.route(path, methods=methods, content_types=[], name="".join(c for c in name if c.isalnum() or c == "_"))(
            handle
        )


def _not_allowed(request: Request, allowed: str) -> answers.Answer:
    error = MethodNotAllowed(f"this path takes {allowed}")
    error.headers["Allow"] = allowed
    return answers.of_error(error, request.id)
