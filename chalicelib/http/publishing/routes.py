"""HTTP for the contract itself. It needs no sign-in and no database, and is made when first asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property

from chalicelib.http.admission import Access
from chalicelib.http.answers import JSON, Answer
from chalicelib.http.publishing.schemas import HtmlPage, Json, OpenApiDocument
from chalicelib.http.requests import Request
from chalicelib.http.routes import Call, Nothing, Route, Routes
from chalicelib.settings import settings

HTML = "text/html; charset=utf-8"
CACHED = "public, max-age=300"


class Publication:
    """What is published about a table of routes; each part is made once, when it is first asked for."""

    def __init__(self, table: Sequence[Route]) -> None:
        self._table = table

    # Imported late: a container that never publishes does not load what writes the document and the page.
    @cached_property
    def document(self) -> Json:
        """The OpenAPI document."""
        from chalicelib.http.openapi import document

        return document(self._table, settings())

    @cached_property
    def document_text(self) -> str:
        """The document as it is sent."""
        return json.dumps(self.document, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def page_text(self) -> str:
        """The page as it is sent."""
        from chalicelib.http.docs_page import page

        return page(self.document)

    @property
    def page_policy(self) -> str:
        """What a browser may load for the page: its own style, and nothing else."""
        from chalicelib.http.docs_page import content_security_policy

        return content_security_policy()


def routes_about(table: Sequence[Route]) -> Routes:
    """The routes that publish `table`, to be mounted last; they stand in the table themselves."""
    routes = Routes(__name__, tag="contract")
    publication = Publication(table)

    @routes.serve(
        "GET",
        "/api/openapi.json",
        access=Access.PUBLIC,
        is_counted=False,
        opens_transaction=False,
        answer=OpenApiDocument,
    )
    def get_openapi(call: Call[Nothing, Nothing]) -> Answer:
        """This API as an OpenAPI 3.1 document."""
        return cacheable(call.request, publication.document_text, JSON)

    @routes.serve("GET", "/api/docs", access=Access.PUBLIC, is_counted=False, opens_transaction=False, answer=HtmlPage)
    def get_docs(call: Call[Nothing, Nothing]) -> Answer:
        """This API as a page to read."""
        answer = cacheable(call.request, publication.page_text, HTML)
        answer.headers["Content-Security-Policy"] = publication.page_policy
        return answer

    return routes


def cacheable(request: Request, text: str, content_type: str) -> Answer:
    """`text` to be kept for five minutes, or 304 for who has exactly this text already."""
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": CACHED, "ETag": etag}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Answer(status=304, headers=headers, content_type=content_type)
    return Answer(text, headers=headers, content_type=content_type)
