"""The published document says what is served: all of it, and nothing else."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chalicelib.http import answers, openapi
from chalicelib.http.admission import Access
from chalicelib.http.docs_page import calls
from chalicelib.http.publishing.calls import resolved
from chalicelib.http.publishing.schemas import Problem
from chalicelib.http.publishing.sharing import codes_of
from chalicelib.http.routes import Route
from chalicelib.settings import VERSION, settings
from tests.api import ApiClient

Json = dict[str, Any]


@pytest.fixture(scope="module")
def table() -> list[Route]:
    import app

    return app.app.table


@pytest.fixture(scope="module")
def document() -> Json:
    """The document as anybody gets it."""
    reply = ApiClient().get("/api/openapi.json")
    assert reply.status == 200
    document: Json = reply.json
    return document


def operation(document: Json, route: Route) -> Json:
    found: Json = document["paths"][route.path][route.method.lower()]
    return found


def response(document: Json, route: Route, status: int) -> Json:
    return resolved(operation(document, route)["responses"][str(status)], document)


def parameters(document: Json, method: str, path: str) -> dict[str, Json]:
    found = [resolved(item, document) for item in document["paths"][path][method]["parameters"]]
    return {item["name"]: item for item in found}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_document_is_valid_openapi_3_1(document: Json) -> None:
    OpenAPIV31SpecValidator(document).validate()

    assert document["openapi"].startswith("3.1")
    assert (document["info"]["title"], document["info"]["version"]) == ("RecruitPro", VERSION)
    assert document["servers"] == [{"url": "/"}]


def test_every_route_that_is_served_is_published_and_nothing_else(document: Json) -> None:
    import app

    served = {
        (method, path)
        for path, methods in app.app.routes.items()
        for method, entry in methods.items()
        if not entry.view_name.startswith(("preflight_", "not_allowed_"))
    }
    published = {(method.upper(), path) for method, path, _ in calls(document)}

    assert published == served
    assert {("GET", "/api/openapi.json"), ("GET", "/api/docs"), ("POST", "/api/candidates")} <= published


def test_operations_are_named_by_their_view_each_once(document: Json, table: list[Route]) -> None:
    names = [item["operationId"] for _, _, item in calls(document)]

    assert sorted(names) == sorted(route.view.__name__ for route in table)
    assert len(set(names)) == len(names)


def test_both_ways_to_say_who_one_is_are_published(document: Json, table: list[Route]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {name: (scheme["type"], scheme["scheme"]) for name, scheme in schemes.items()} == {
        "bearer": ("http", "bearer"),
        "api_key": ("http", "bearer"),
    }
    for route in table:
        if route.access is Access.PUBLIC:
            continue
        told = operation(document, route)["responses"]
        assert {"401", "403", "429"} <= told.keys(), route.path
        assert "bad_api_key" in codes_of(response(document, route, 401))
        refused = "scope_missing" if route.gate.scope else "not_for_api_keys"
        assert refused in codes_of(response(document, route, 403)), route.path
        limited = response(document, route, 429)["headers"]
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= limited.keys(), route.path


def test_heavy_calls_tell_their_weight(document: Json) -> None:
    search = document["paths"]["/api/candidates/search"]["get"]["x-cost"]
    export = document["paths"]["/api/exports"]["post"]["x-cost"]

    assert (search, export, document["paths"]["/api/candidates"]["get"]["x-cost"]) == (5, 20, 1)


def test_every_reference_leads_somewhere(document: Json) -> None:
    targets = set(references(document))

    assert len(targets) > 80
    assert all(resolved({"$ref": target}, document) for target in targets)


def test_every_component_is_referred_to_and_reads_well(document: Json) -> None:
    used = set(references(document))
    for kind in ("schemas", "responses", "parameters", "headers"):
        unused = {name for name in document["components"][kind] if f"#/components/{kind}/{name}" not in used}
        assert not unused - {"Retry-After"}, kind
    assert {"CandidatePage", "ApplicationPage", "NewCandidate", "CandidateView"} <= set(
        document["components"]["schemas"]
    )
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in document["components"]["schemas"])


def test_every_refusal_of_a_route_is_named_with_its_meaning(document: Json, table: list[Route]) -> None:
    for route in table:
        for refusal in route.refusals:
            codes = codes_of(response(document, route, refusal.status))
            assert codes[refusal.code], (route.path, refusal.code)


def test_every_refusal_is_a_problem_document(document: Json, table: list[Route]) -> None:
    for route in table:
        for status in operation(document, route)["responses"]:
            content = response(document, route, int(status)).get("content", {})
            if int(status) >= 400 and status != "503":
                assert list(content) == ["application/problem+json"], (route.path, status)


def test_the_published_problem_has_the_fields_of_the_one_that_is_sent() -> None:
    sent = json.loads(answers.problem(404, "Not found", "not_found", "no such thing", "r-1"))

    assert set(sent) | {"errors"} == set(Problem.model_fields)
    assert Problem.model_validate(sent).code == "not_found"


def test_a_role_is_asked_for_exactly_where_it_is_checked(document: Json, table: list[Route]) -> None:
    for route in table:
        item = operation(document, route)
        by_key = [{"api_key": [str(route.gate.scope)]}] if route.gate.scope else []
        assert item["security"] == ([] if route.access is Access.PUBLIC else [{"bearer": []}, *by_key])
        assert item.get("x-cost") == (route.gate.cost if route.is_counted else None)
        assert item["x-role"] == route.access.name.lower()
        codes = {
            code
            for status in ("401", "403")
            if status in item["responses"]
            for code in codes_of(response(document, route, int(status)))
        }
        assert ("role_not_sufficient" in codes) == (route.access > Access.VIEWER), route.path
        assert ("bad_token" in codes) == (route.access > Access.PUBLIC), route.path


def test_lists_publish_their_limits(document: Json, table: list[Route]) -> None:
    lists = [route for route in table if "limit" in route.query.model_fields]
    assert len(lists) >= 7
    for route in lists:
        found = parameters(document, "get", route.path)
        assert found["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
        assert found["skip"]["schema"]["minimum"] == 0
        assert "bad_cursor" in codes_of(response(document, route, 400))


def test_query_parameters_carry_enums_formats_and_no_null(document: Json) -> None:
    found = parameters(document, "get", "/api/candidates")

    assert found["position_id"]["schema"] == {"type": "string", "format": "uuid"}
    assert found["sort"]["schema"]["default"] == "-created_at"
    assert "-created_at" in resolved({"$ref": found["sort"]["schema"]["$ref"]}, document)["enum"]
    assert '"null"' not in json.dumps(list(found.values()))
    assert parameters(document, "get", "/api/candidates/search")["q"]["required"] is True


def test_each_id_of_a_path_is_a_required_uuid(document: Json, table: list[Route]) -> None:
    for route in table:
        found = parameters(document, route.method.lower(), route.path)
        in_path = {name for name, item in found.items() if item["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", route.path))
        assert all(found[name]["required"] and found[name]["schema"]["format"] == "uuid" for name in in_path)
        assert ("404" in operation(document, route)["responses"]) >= bool(in_path), route.path


def test_every_post_takes_an_idempotency_key_and_nothing_else_does(document: Json, table: list[Route]) -> None:
    for route in table:
        found = parameters(document, route.method.lower(), route.path)
        assert ("Idempotency-Key" in found) == (route.method == "POST"), route.path
    created = document["paths"]["/api/candidates"]["post"]["responses"]
    assert "Idempotency-Replayed" in created["201"]["headers"]
    assert "idempotency_key_reused" in codes_of(resolved(created["409"], document))


# There is no version that anybody could have seen: all figures of a file are removed at once, and a sign-in or a
# membership stands or has ended.
WITHOUT_VERSION = {
    "DELETE /api/salary-data",
    "DELETE /api/users/me/sign-ins/{sign_in_id}",
    "DELETE /api/users/{user_id}/sign-ins",
    "DELETE /api/projects/{project_id}/members/{user_id}",
}


def test_every_change_and_removal_takes_the_version_it_was_decided_on(document: Json, table: list[Route]) -> None:
    for route in table:
        takes_version = "If-Match" in parameters(document, route.method.lower(), route.path)
        assert takes_version == ("412" in operation(document, route)["responses"])
        if route.method in {"PATCH", "DELETE"} and f"{route.method} {route.path}" not in WITHOUT_VERSION:
            assert takes_version, route.path
            shown = document["paths"][route.path]["get"]["responses"]["200"]
            assert "ETag" in shown["headers"], route.path


def test_what_has_no_version_promises_none(document: Json) -> None:
    assert "ETag" not in document["paths"]["/api/jobs/{job_id}"]["get"]["responses"]["200"]["headers"]
    assert "ETag" not in document["paths"]["/api/auth/register"]["post"]["responses"]["201"]["headers"]
    assert "ETag" in document["paths"]["/api/candidates"]["post"]["responses"]["201"]["headers"]


def test_answers_without_a_body_have_none_and_say_where_to_go(document: Json) -> None:
    removed = document["paths"]["/api/candidates/{candidate_id}"]["delete"]["responses"]["204"]
    content = document["paths"]["/api/documents/{document_id}/content"]["get"]["responses"]["302"]
    accepted = document["paths"]["/api/documents/{document_id}/analyze"]["post"]["responses"]["202"]

    assert "content" not in removed
    assert "content" not in content
    assert "Location" in content["headers"]
    assert "Location" in accepted["headers"]
    assert accepted["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/JobView"}


def test_health_publishes_that_it_shows_the_same_when_unhealthy(document: Json) -> None:
    unhealthy = document["paths"]["/api/health"]["get"]["responses"]["503"]

    assert unhealthy["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/HealthView"}


def test_only_counted_calls_tell_a_rate(document: Json, table: list[Route]) -> None:
    for route in table:
        headers = response(document, route, route.status)["headers"]
        assert ("RateLimit" in headers) == route.is_counted
        assert ("429" in operation(document, route)["responses"]) == route.is_counted
        assert "X-Request-Id" in headers


def test_a_field_that_cannot_be_emptied_is_not_published_as_nullable(document: Json) -> None:
    fields = document["components"]["schemas"]["ProjectChange"]["properties"]

    assert fields["name"]["type"] == "string"
    assert {"type": "null"} in fields["client"]["anyOf"]


def test_bodies_take_no_unknown_field_and_answers_hold_all_of_theirs(document: Json, table: list[Route]) -> None:
    schemas = document["components"]["schemas"]
    for route in table:
        if route.body is not None:
            assert schemas[route.body.__name__]["additionalProperties"] is False
    assert set(schemas["JobView"]["required"]) == set(schemas["JobView"]["properties"])


def test_each_tag_says_what_its_domain_is(document: Json) -> None:
    about = {tag["name"]: tag["description"] for tag in document["tags"]}

    assert {tag for _, _, item in calls(document) for tag in item["tags"]} == set(about)
    assert about["positions"] == "Openings for candidates, each with its requirements and its pipeline of stages."
    assert all(about.values())


def test_the_same_routes_give_the_same_document(table: list[Route]) -> None:
    first, second = (json.dumps(openapi.document(table, settings())) for _ in range(2))

    assert first == second


def test_the_document_needs_no_sign_in_and_may_be_kept(document: Json) -> None:
    reply = ApiClient().get("/api/openapi.json")

    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert "ratelimit" not in reply.headers
    again = ApiClient().get("/api/openapi.json", headers={"If-None-Match": f"W/{reply.headers['etag']}"})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", reply.headers["etag"])
    assert ApiClient().get("/api/openapi.json", headers={"If-None-Match": '"other"'}).status == 200


def test_an_unknown_parameter_is_refused_here_too() -> None:
    assert ApiClient().get("/api/openapi.json", version="3").wrong_fields == {"version"}


def test_starting_the_app_builds_no_document() -> None:
    """A container that never publishes pays nothing for it."""
    late = "{'chalicelib.http.openapi', 'chalicelib.http.docs_page'}"
    check = f"import sys, app; sys.exit(bool({late} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", check], check=False, timeout=60).returncode == 0


def test_descriptions_are_the_docstrings(document: Json, table: list[Route]) -> None:
    for route in table:
        words = " ".join(inspect.cleandoc(route.view.__doc__ or "").split())
        assert words.startswith(operation(document, route)["summary"]), route.path


def test_what_a_post_made_is_linked_to_the_calls_that_take_its_id(document: Json) -> None:
    made = document["paths"]["/api/candidates"]["post"]["responses"]["201"]["links"]
    accepted = document["paths"]["/api/market-research"]["post"]["responses"]["202"]["links"]

    assert made["get_candidate"] == {
        "operationId": "get_candidate",
        "parameters": {"candidate_id": "$response.body#/id"},
    }
    assert {"get_job", "cancel_job"} <= set(accepted)
    assert "links" not in document["paths"]["/api/auth/login"]["post"]["responses"]["200"]
