"""The API as one page for people, made from the OpenAPI document: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from chalicelib.http.publishing.calls import article_of, heading_id
from chalicelib.http.publishing.markup import Element, Piece, element, fill, prose, render
from chalicelib.http.publishing.schemas import Json
from chalicelib.http.publishing.shapes import Shapes
from chalicelib.http.publishing.style import STYLE

METHODS = ("get", "post", "put", "patch", "delete")


def page(document: Json) -> str:
    """The whole page as HTML; the same document gives the same page."""
    info = document["info"]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"{info['title']} API"),
        element("style", STYLE),
    )
    main = element(
        "main",
        element("h1", f"{info['title']} API ", element("small", info["version"])),
        *_conventions(document),
        *_sections(document),
        _shapes(document),
    )
    return render(element("html", head, element("body", _contents(document), main), lang="en"))


def content_security_policy() -> str:
    """A policy under which the page's own style works and nothing else can be loaded, run, sent or framed."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


def calls(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every call as (method, path, operation)."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _calls_of(document: Json, tag: str) -> list[tuple[str, str, Json]]:
    return [call for call in calls(document) if tag in call[2]["tags"]]


def _contents(document: Json) -> Element:
    contents = element("nav", aria_label="Contents")
    for tag in document["tags"]:
        contents.append(element("h2", element("a", tag["name"], href=f"#{heading_id(tag['name'])}")))
        contents.append(
            fill(element("ul"), [_entry(*call) for call in _calls_of(document, tag["name"])]),
        )
    contents.append(element("h2", element("a", "shapes", href="#shapes")))
    return contents


def _entry(method: str, path: str, operation: Json) -> Element:
    name = element("span", method.upper(), class_=f"method {method}")
    target = fill(element("span", class_="path"), _breakable(path.removeprefix("/api")))
    return element("li", element("a", name, target, href=f"#{operation['operationId']}"))


def _breakable(path: str) -> Iterator[Piece]:
    for step in path.split("/")[1:]:
        yield from (element("wbr"), f"/{step}")


def _conventions(document: Json) -> Iterator[Element]:
    for paragraph in document["info"]["description"].split("\n\n"):
        yield fill(element("p"), prose(paragraph))
    link = element("a", "/api/openapi.json", href="openapi.json")
    yield element("p", "The same for machines, as OpenAPI 3.1: ", link, ".")


def _sections(document: Json) -> Iterator[Element]:
    for tag in document["tags"]:
        section = element("section", element("h2", tag["name"].capitalize(), id=heading_id(tag["name"])))
        section.append(fill(element("p"), prose(tag["description"])))
        yield fill(section, [article_of(*call, document) for call in _calls_of(document, tag["name"])])


def _shapes(document: Json) -> Element:
    shapes = Shapes(document["components"]["schemas"])
    section = element("section", element("h2", "Shapes", id="shapes"), element("p", "What bodies and answers hold."))
    for name, schema in shapes.objects():
        about: list[Piece] = [fill(element("p"), prose(schema["description"]))] if "description" in schema else []
        section.append(element("article", element("h3", name), *about, shapes.fields(schema), id=f"schema-{name}"))
    return section
