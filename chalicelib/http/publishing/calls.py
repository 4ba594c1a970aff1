"""One call of the API as a part of the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chalicelib.http.answers import PROBLEM
from chalicelib.http.publishing.markup import Element, Piece, element, fill, prose, table
from chalicelib.http.publishing.schemas import Json
from chalicelib.http.publishing.shapes import Shapes, link_to, name_cell
from chalicelib.http.publishing.sharing import codes_of


def heading_id(tag: str) -> str:
    """Where the calls of a tag begin on the page."""
    return f"tag-{tag}"


def article_of(method: str, path: str, operation: Json, document: Json) -> Element:
    """A call: what it does, who may, what it takes, and all that it may answer."""
    shapes = Shapes(document["components"]["schemas"])
    responses = {status: resolved(response, document) for status, response in operation["responses"].items()}
    article = element("article", _heading(method, path, operation), id=operation["operationId"])
    for text in (operation["summary"], operation.get("description")):
        if text:
            article.append(fill(element("p"), prose(text)))
    fill(article, _parameters([resolved(item, document) for item in operation["parameters"]], shapes))
    fill(article, _body(operation.get("requestBody"), shapes))
    fill(article, _answers({status: it for status, it in responses.items() if not _is_refusal(it)}, shapes))
    article.append(_refusals({status: it for status, it in responses.items() if _is_refusal(it)}))
    return article


def resolved(value: Json, document: Json) -> Json:
    """`value`, or what it refers to."""
    if "$ref" not in value:
        return value
    found: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def _is_refusal(response: Json) -> bool:
    return PROBLEM in response.get("content", {})


def _heading(method: str, path: str, operation: Json) -> Element:
    link = element("a", element("code", path), href=f"#{operation['operationId']}")
    badge = element("span", method.upper(), class_=f"method {method}")
    return element("h3", badge, link, " ", element("span", operation["x-role"], class_="role", title="role needed"))


def _parameters(parameters: list[Json], shapes: Shapes) -> list[Piece]:
    if not parameters:
        return []
    rows = []
    for item in parameters:
        about = [". ", *prose(item["description"])] if "description" in item else []
        rows.append((name_cell(item["name"], item["required"], item["in"]), [*shapes.holds(item["schema"]), *about]))
    return [element("h4", "Parameters"), table(("Name", "Holds"), rows)]


def _body(body: Json | None, shapes: Shapes) -> list[Piece]:
    if body is None:
        return []
    name, schema = shapes.named(body["content"]["application/json"]["schema"])
    note = "" if body["required"] else " (may be left out)"
    about: list[Piece] = [fill(element("p"), prose(schema["description"]))] if "description" in schema else []
    return [element("h4", "Body: ", link_to(name), note), *about, shapes.fields(schema)]


def _answers(responses: Json, shapes: Shapes) -> Iterator[Element]:
    yield element("h4", "Answer")
    for status, response in responses.items():
        title = element("strong", f"{status} {response['description']}")
        headers = [name for name in response["headers"] if name in {"Location", "ETag"}]
        carries = f", with {' and '.join(headers)}" if headers else ""
        yield from _answer(title, carries, response.get("content", {}), shapes)


def _answer(title: Element, carries: str, content: Json, shapes: Shapes) -> Iterator[Element]:
    for media_type, held in content.items():
        name, schema = shapes.named(held["schema"])
        if not schema.get("properties"):
            yield element("p", title, f": {media_type}{carries}")
            continue
        summary = element("summary", title, ": ", link_to(name), carries)
        yield element("details", summary, shapes.fields(schema))
    if not content:
        yield element("p", title, f", no body{carries}")


def _refusals(responses: Json) -> Element:
    rows = [
        ([status], [element("code", code)], prose(meaning))
        for status, response in responses.items()
        for code, meaning in codes_of(response).items()
    ]
    codes = table(("Status", "Code", "Means"), rows)
    codes.set("class", "codes")
    return element("details", element("summary", element("strong", "Refusals"), f": {', '.join(responses)}"), codes)
