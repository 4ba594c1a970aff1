"""The page shows every call, escaped, with no script and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from typing import Any

import pytest

from chalicelib.http import docs_page
from chalicelib.http.docs_page import calls
from tests.api import ApiClient, Reply

VOID = {"meta", "wbr", "link", "br"}
LOADING = {"src", "srcset", "action", "background", "data", "poster", "style"}


class Page(HTMLParser):
    """What stands in a page; fails on an element that is not closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.style = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
        self.texts.append(data)


@pytest.fixture(scope="module")
def reply() -> Reply:
    reply = ApiClient().get("/api/docs")
    assert reply.status == 200
    return reply


@pytest.fixture(scope="module")
def page(reply: Reply) -> Page:
    return Page(reply.body.decode())


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    document: dict[str, Any] = ApiClient().get("/api/openapi.json").json
    return document


def test_every_call_has_its_place_and_a_line_in_the_contents(page: Page, document: dict[str, Any]) -> None:
    names = [item["operationId"] for _, _, item in calls(document)]

    assert len(names) > 40
    assert set(names) <= set(page.ids)
    assert {f"#{name}" for name in names} <= set(page.links)


def test_every_tag_and_every_shape_with_fields_has_its_place(page: Page, document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert {f"tag-{tag['name']}" for tag in document["tags"]} <= set(page.ids)
    assert {f"schema-{name}" for name, schema in schemas.items() if schema.get("properties")} <= set(page.ids)


def test_every_link_leads_to_a_place_on_the_page_or_to_the_document(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if not link.startswith("#")} == {"openapi.json"}
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_the_codes_of_refusals_are_shown(page: Page) -> None:
    for code in ("already_applied", "stage_moved_on", "idempotency_key_reused", "bad_cursor", "role_not_sufficient"):
        assert code in page.texts


def test_limits_are_put_into_words(page: Page) -> None:
    words = "".join(page.texts)

    assert "integer, 1 to 1,000, default 100" in words
    assert "string or null, 1 to 200 characters, one line" in words
    assert "list of string (1 to 100 characters, one line), up to 50 items" in words


def test_nothing_runs_and_nothing_is_loaded(page: Page) -> None:
    assert not {"script", "img", "link", "iframe", "form", "object", "embed", "base"} & set(page.tags)
    assert not LOADING & page.attributes
    assert not [name for name in page.attributes if name.startswith("on")]
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_the_policy_allows_exactly_the_style_of_the_page(reply: Reply, page: Page) -> None:
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))

    assert page.tags.count("style") == 1
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_page_reads_on_a_phone_and_in_the_dark(page: Page, reply: Reply) -> None:
    assert b'name="viewport" content="width=device-width, initial-scale=1"' in reply.body
    assert "prefers-color-scheme: dark" in page.style
    assert "max-width: 60rem" in page.style


def test_the_page_needs_no_sign_in_and_may_be_kept(reply: Reply) -> None:
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert reply.headers["x-content-type-options"] == "nosniff"
    again = ApiClient().get("/api/docs", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_whatever_a_description_holds_is_text(document: dict[str, Any]) -> None:
    hostile = "<script>alert(1)</script> & `<b onclick='x'>` \"quoted\""
    document = {**document, "tags": [{**tag, "description": hostile} for tag in document["tags"]]}

    page = Page(docs_page.page(document))

    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<script>alert(1)</script> & " in page.texts
    assert "<b onclick='x'>" in page.texts


def test_the_same_document_gives_the_same_page(document: dict[str, Any], reply: Reply) -> None:
    assert docs_page.page(document) == docs_page.page(document) == reply.body.decode()
