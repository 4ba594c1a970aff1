"""Bodies and query strings: what cannot be read, and every wrong field at once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.http import requests
from chalicelib.http.requests import BadJson, RepeatedHeader
from chalicelib.projects.schemas import NewProject
from tests.api import ApiClient

PROJECT = {"name": "Search"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'name': 'Search'}",
        b'{"name": "Search"} trailing',
        b'{"name": NaN}',
        b'{"name": "Search", "target_hires": Infinity}',
        b'{"target_hires": -Infinity}',
        b'{"name": "Search", "target_hires": 1e400}',
        b'{"name": "Search", "target_hires": ' + b"9" * 401 + b"}",
        b'{"name": "Search", "name": "Other"}',
        b'{"name": "Search", "n\\u0061me": "Other"}',
        b'{"name": "Search", "tags": [{"a": 1, "a": 1}]}',
        b'{"name": "tab\there"}',
        b'{"name": "Search", "target_hires": ' + b"9" * 5000 + b"}",
        b"[" * 100 + b"]" * 100,
        b'{"name":' * 900 + b"1" + b"}" * 900,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 100_000,
        b"\xef\xbb\xbf" + b'{"name": "Search"}',
    ],
)
def test_what_is_no_json_answers_400(api: ApiClient, body: bytes) -> None:
    reply = api.post("/api/projects", body)

    assert (reply.status, reply.code) == (400, "bad_json"), reply
    assert api.get("/api/projects").json["total"] == 0


@pytest.mark.parametrize("body", [b'{"name": "\xff\xfe"}', b'{"name": "\xc3("}', b'{"name": "\xed\xa0\x80"}'])
def test_bytes_that_are_no_utf8_are_no_json(body: bytes) -> None:
    request = of_event(body)

    with pytest.raises(BadJson):
        requests.parse_body(request, NewProject)


def of_event(body: bytes, headers: dict[str, list[str]] | None = None) -> requests.Request:
    """The request of an API Gateway event whose body came as bytes."""
    from chalice.app import Request as ChaliceRequest

    event = {
        "httpMethod": "POST",
        "headers": {"content-type": "application/json"}
        | {name: values[-1] for name, values in (headers or {}).items()},
        "multiValueHeaders": headers,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {
            "httpMethod": "POST",
            "path": "/api/projects",
            "resourcePath": "/api/projects",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "stageVariables": None,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
        "path": "/api/projects",
    }
    return requests.of_chalice(ChaliceRequest(event))


@pytest.mark.parametrize("body", [[], "text", 7, None, True, [PROJECT]])
def test_json_that_is_no_object_answers_422(api: ApiClient, body: object) -> None:
    reply = api.post("/api/projects", json.dumps(body).encode())

    assert (reply.status, reply.code, reply.wrong_fields) == (422, "invalid", {"body"}), reply


@pytest.mark.parametrize("declared", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_a_body_of_another_type_answers_415(api: ApiClient, declared: str) -> None:
    reply = api.post("/api/projects", PROJECT, {"Content-Type": declared})

    assert (reply.status, reply.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "declared", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/merge+json"]
)
def test_json_may_be_declared_in_every_way_it_is(api: ApiClient, declared: str) -> None:
    assert api.post("/api/projects", PROJECT, {"Content-Type": declared}).status == 201


def test_a_body_over_one_mebibyte_answers_413_and_costs_no_parsing(api: ApiClient) -> None:
    largest = b'{"name": "Search"' + b" " * (1024 * 1024 - 18) + b"}"
    assert len(largest) == 1024 * 1024

    assert api.post("/api/projects", largest).status == 201
    reply = api.post("/api/projects", largest + b" ")
    assert (reply.status, reply.code) == (413, "body_too_large")


def test_every_wrong_field_is_said_at_once(api: ApiClient) -> None:
    wish = {
        "title": "",
        "department": "x" * 201,
        "location": ["not", "a", "text"],
        "description": "x" * 20_001,
        "experience_years_min": 61,
        "openings": "many",
        "status": "sleeping",
        "salary_min": -1,
        "currency": "euro",
        "requirements": [{"id": "a", "text": "Python", "kind": "perhaps", "weight": 9}, 7],
        "stages": ["applied"],
        "project_id": "no-id",
        "tittle": "a typo",
    }

    reply = api.post("/api/positions", wish)

    assert (reply.status, reply.code) == (422, "invalid"), reply
    assert reply.wrong_fields == {
        "title",
        "department",
        "location",
        "description",
        "experience_years_min",
        "openings",
        "status",
        "salary_min",
        "currency",
        "requirements.0.kind",
        "requirements.0.weight",
        "requirements.1",
        "stages",
        "project_id",
        "tittle",
    }
    assert {"field": "tittle", "message": "there is no such field"} in reply.json["errors"]
    assert all(set(error) == {"field", "message"} for error in reply.json["errors"])
    assert api.get("/api/positions").json["total"] == 0


def test_wrong_values_are_not_repeated_to_the_caller(api: ApiClient) -> None:
    wish = {"email": "ada@example.com", "password": ["my secret word"], "organization": 7, "name": "Ada"}

    reply = api.post("/api/auth/register", wish)

    assert reply.wrong_fields == {"password", "organization"}
    assert b"secret word" not in reply.body


def places_of_text(value: Any, field: str = "") -> list[str]:
    """The dotted names of all texts in a body."""
    if isinstance(value, str):
        return [field]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, item in items for place in places_of_text(item, f"{field}.{name}".strip("."))]


def with_text(value: Any, text: str) -> Any:
    """The same body with `text` put into every text."""
    if isinstance(value, str):
        return value + text
    if isinstance(value, dict):
        return {name: with_text(item, text) for name, item in value.items()}
    return [with_text(item, text) for item in value] if isinstance(value, list) else value


BODIES: dict[str, dict[str, Any]] = {
    "/api/projects": {"name": "Search", "client": "Acme", "summary": "Some", "tags": ["a", "b"]},
    "/api/positions": {
        "title": "Engineer",
        "description": "Do",
        "requirements": [{"id": "a", "text": "Python", "kind": "must"}],
        "stages": ["applied", "hired"],
    },
    "/api/candidates": {
        "name": "Grace",
        "email": "grace@example.com",
        "skills": ["COBOL"],
        "experience": [{"title": "Admiral", "description": "Navy"}],
        "links": ["https://example.com/"],
    },
    "/api/documents": {"filename": "cv.pdf", "content_type": "application/pdf", "size_bytes": 1, "kind": "resume"},
    "/api/auth/register": {
        "organization": "Acme",
        "name": "Ada",
        "email": "a@example.com",
        "password": "long-enough-7",
    },
    "/api/auth/login": {"email": "ada@example.com", "password": "long-enough-7"},
    "/api/auth/refresh": {"refresh_token": "abc"},
}


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("text", ["\x00", "\ud800", "\udfff\ud800"])
def test_what_is_no_text_is_refused_in_every_field(api: ApiClient, path: str, text: str) -> None:
    reply = api.post(path, with_text(BODIES[path], text))

    assert (reply.status, reply.code) == (422, "invalid"), reply
    assert set(places_of_text(BODIES[path])) <= reply.wrong_fields


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "\ud800", "\udc00tag"])
def test_what_is_no_text_is_refused_in_field_names(api: ApiClient, name: str) -> None:
    reply = api.post("/api/projects", {**PROJECT, name: 1})

    assert (reply.status, reply.code) == (422, "invalid"), reply


@pytest.mark.parametrize("text", ["👩🏽‍💻", "a\ufffdb", "עברית", "e\u0301", "\u202eevil", "日本語", "\U0010ffff"])
def test_all_that_is_text_comes_back_as_it_was(api: ApiClient, text: str) -> None:
    created = api.post("/api/projects", {"name": text})

    assert created.status == 201, created
    assert api.get(created.headers["location"]).json["name"] == text


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=ten&skip=-1&status=asleep", {"limit", "skip", "status"}),
        ("stauts=active", {"stauts"}),
        ("limit=5&limit=6", {"limit"}),
        ("status=%00", {"status"}),
        ("limit=", {"limit"}),
        ("limit=5&limit=6&status=active&status=active", {"limit", "status"}),
    ],
)
def test_every_wrong_parameter_is_said_at_once(api: ApiClient, query: str, fields: set[str]) -> None:
    reply = api.get(f"/api/projects?{query}")

    assert (reply.status, reply.wrong_fields) == (422, fields), reply


def test_a_change_cannot_empty_what_must_not_be_empty(api: ApiClient) -> None:
    location = api.post("/api/projects", PROJECT).headers["location"]

    reply = api.patch(location, {"name": None, "status": None, "client": None, "colour": 1})

    assert reply.status == 422
    assert {"name", "status", "colour"} <= reply.wrong_fields, reply.json
    assert api.get(location).json["name"] == "Search"


def test_a_smaller_limit_for_bodies_holds(api: ApiClient, configure: Callable[..., None]) -> None:
    configure(body_max_bytes="1024")

    assert api.post("/api/projects", {"name": "x", "summary": "y" * 1100}).status == 413


@pytest.mark.parametrize("name", requests.ONCE)
def test_a_header_that_may_stand_once_is_not_taken_twice(name: str) -> None:
    request = of_event(b"{}", {name.title(): ["a", "a"], "Accept": ["a", "b"]})

    assert request.repeated == (name,)
    with pytest.raises(RepeatedHeader, match=name):
        request.check()


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, ["203.0.113.5"], "192.0.2.1"),
        (0, ["203.0.113.5, 198.51.100.1"], "192.0.2.1"),
        (1, [], "192.0.2.1"),
        (1, ["198.51.100.1"], "192.0.2.1"),
        (1, ["203.0.113.5, 198.51.100.1"], "203.0.113.5"),
        (1, ["6.6.6.6, 203.0.113.5, 198.51.100.1"], "203.0.113.5"),
        (1, ["6.6.6.6", "203.0.113.5, 198.51.100.1"], "203.0.113.5"),
        (1, ["6.6.6.6, , 2001:DB8::0:5 , 198.51.100.1"], "2001:db8::5"),
        (1, ["no address, 198.51.100.1"], "192.0.2.1"),
        (2, ["6.6.6.6, 203.0.113.5, 198.51.100.2, 198.51.100.1"], "203.0.113.5"),
        (2, ["203.0.113.5, 198.51.100.1"], "192.0.2.1"),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(
    configure: Callable[..., None], hops: int, forwarded: list[str], address: str
) -> None:
    configure(trusted_proxy_hops=str(hops))

    assert of_event(b"{}", {"X-Forwarded-For": forwarded} if forwarded else {}).address == address


@pytest.mark.parametrize(
    "path",
    [
        "/api//projects",
        "/api/projects//",
        "/api/projects/",
        "//api/projects",
        "/API/projects",
        "/api/Projects",
        "/api%2fprojects",
        "/api/projects;a=b",
        "/api/./projects",
        "/api/projects/..%2fprojects",
    ],
)
def test_a_path_is_written_in_one_way(api: ApiClient, path: str) -> None:
    reply = api.get(path)

    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json"), reply


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/projects", {"name": "Search", "target_hires": "5"}, "target_hires"),
        ("/api/projects", {"name": "Search", "is_private": "yes"}, "is_private"),
        ("/api/projects", {"name": "Search", "target_hires": True}, "target_hires"),
        ("/api/positions", {"title": "Engineer", "salary_min": "+5"}, "salary_min"),
        ("/api/positions", {"title": "Engineer", "salary_min": "٥"}, "salary_min"),
        ("/api/api-keys", {"name": "x", "scopes": ["events:read"], "expires_at": 4102444800}, "expires_at"),
        ("/api/api-keys", {"name": "x", "scopes": ["events:read"], "expires_at": "4102444800"}, "expires_at"),
        ("/api/api-keys", {"name": "x", "scopes": ["events:read"], "expires_at": "2100-01-01T00:00Z"}, "expires_at"),
    ],
)
def test_no_text_passes_for_a_number_and_no_number_for_a_time(
    api: ApiClient, path: str, body: dict[str, Any], field: str
) -> None:
    reply = api.post(path, body)

    assert (reply.status, reply.wrong_fields) == (422, {field})


def test_a_whole_number_may_be_written_with_a_point(api: ApiClient) -> None:
    reply = api.post("/api/projects", b'{"name": "Search", "target_hires": 5.0}')

    assert (reply.status, reply.json["target_hires"]) == (201, 5)
