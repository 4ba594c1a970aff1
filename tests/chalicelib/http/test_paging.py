"""Lists: bounds, totals, cursors that neither repeat nor skip, and cursors that fit no other list."""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest

from tests import factories, records
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.house import Database

LISTS = [
    "projects",
    "positions",
    "candidates",
    "applications",
    "documents",
    "imports",
    "jobs",
    "events",
    "users",
    "invitations",
    "api-keys",
]
MEMBERS = {"items", "total", "skip", "limit", "next_cursor", "total_is_exact"}
SORTS = ["created_at", "-created_at", "name", "-name", "updated_at", "-updated_at"]
MANY_PROJECTS = """
    insert into projects (id, organization_id, name, created_by, created_at, updated_at)
    select uuidv7(), :organization_id, 'Project ' || number, :user_id, now(), now()
    from generate_series(1, :count) as number
"""
MANY_CANDIDATES = """
    insert into candidates (id, organization_id, name, created_at, updated_at)
    select gen_random_uuid(), :organization_id, (array['Ada', 'ada', 'Åsa', 'Zoë', ''' or 1=1'])[mod(number, 5) + 1],
        timestamptz '2026-01-01 12:00:00.000001Z' + mod(number, 3) * interval '1 microsecond',
        timestamptz '2026-01-01 12:00Z' + mod(number, 2) * interval '1 hour'
    from generate_series(1, :count) as number
"""


@pytest.fixture(autouse=True)
def unlimited(tenant: Tenant, configure: Callable[..., None]) -> None:
    configure(rate_limit_enabled="false")


def add(database: Database, tenant: Tenant, statement: str, count: int) -> None:
    records.rows(database, statement, organization_id=tenant.id, user_id=tenant.user_id, count=count)


def page_of(api: ApiClient, path: str, **query: object) -> dict[str, Any]:
    reply = api.get(f"{path}?{urlencode(query)}")
    assert reply.status == 200, reply
    page: dict[str, Any] = reply.json
    return page


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=1001",
        "limit=ten",
        "limit=1.5",
        "limit=",
        "limit=99999999999999999999999",
        "skip=-1",
        "skip=ten",
        "skip=99999999999999999999",
        "skip=NaN",
        "limit=null",
    ],
)
def test_a_part_that_makes_no_sense_answers_422(api: ApiClient, kind: str, query: str) -> None:
    reply = api.get(f"/api/{kind}?{query}")

    assert (reply.status, reply.code, reply.wrong_fields) == (422, "invalid", {query.split("=")[0]}), reply


@pytest.mark.parametrize("kind", LISTS)
def test_every_list_has_the_same_shape_and_default_limit(api: ApiClient, kind: str) -> None:
    page = page_of(api, f"/api/{kind}")

    assert set(page) == MEMBERS
    assert (page["skip"], page["limit"], page["total_is_exact"], page["next_cursor"]) == (0, 100, True, None)
    assert page["total"] == len(page["items"])


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (1000, 7)])
def test_the_bounds_of_limit_are_allowed(api: ApiClient, limit: int, count: int) -> None:
    for number in range(7):
        factories.new_project(api, name=f"Project {number}")

    assert len(page_of(api, "/api/projects", limit=limit)["items"]) == count


def test_a_page_beyond_the_end_is_empty_and_still_knows_the_total(api: ApiClient) -> None:
    factories.new_project(api)

    page = page_of(api, "/api/projects", skip=2**31 - 1)

    assert (page["items"], page["total"], page["next_cursor"], page["total_is_exact"]) == ([], 1, None, True)


def test_newest_first_unless_said(api: ApiClient) -> None:
    ids = [factories.new_project(api, name=f"Project {number}")["id"] for number in range(5)]

    assert [item["id"] for item in page_of(api, "/api/projects")["items"]] == ids[::-1]
    assert [item["id"] for item in page_of(api, "/api/projects", skip=1, limit=2)["items"]] == ids[3:1:-1]


def test_a_total_is_exact_up_to_ten_thousand(tenant: Tenant, database: Database) -> None:
    add(database, tenant, MANY_PROJECTS, 10_000)
    at_the_edge = page_of(tenant.api, "/api/projects", limit=1)
    assert (at_the_edge["total"], at_the_edge["total_is_exact"]) == (10_000, True)

    add(database, tenant, MANY_PROJECTS, 1)
    for query in ({"limit": 1}, {"skip": 9_999, "limit": 10}, {"skip": 10_000, "limit": 10}, {"skip": 20_000}):
        page = page_of(tenant.api, "/api/projects", **query)
        assert (page["total"], page["total_is_exact"]) == (10_000, False), query
    assert page_of(tenant.api, "/api/projects", status="archived")["total_is_exact"]


def test_a_cursor_reaches_every_row_of_a_long_list(tenant: Tenant, database: Database) -> None:
    add(database, tenant, MANY_PROJECTS, 2_345)

    items = factories.page_through(tenant.api, "/api/projects", 1000)

    assert len(items) == len({item["id"] for item in items}) == 2_345


def test_a_cursor_carries_its_position(tenant: Tenant, database: Database) -> None:
    add(database, tenant, MANY_PROJECTS, 25)
    first = page_of(tenant.api, "/api/projects", limit=10)
    second = page_of(tenant.api, "/api/projects", limit=4, cursor=first["next_cursor"])
    third = page_of(tenant.api, "/api/projects", limit=100, cursor=second["next_cursor"])

    assert [(page["skip"], page["limit"], page["total"]) for page in (first, second, third)] == [
        (0, 10, 25),
        (10, 4, 25),
        (14, 100, 25),
    ]
    assert third["next_cursor"] is None
    ids = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 25


@pytest.mark.parametrize("sort", SORTS)
def test_ties_are_broken_by_id_and_pages_agree_with_the_whole(tenant: Tenant, database: Database, sort: str) -> None:
    add(database, tenant, MANY_CANDIDATES, 43)
    whole = page_of(tenant.api, "/api/candidates", sort=sort)["items"]

    walked = factories.page_through(tenant.api, "/api/candidates", 5, sort=sort)
    skipped = [
        item
        for skip in range(0, 43, 7)
        for item in page_of(tenant.api, "/api/candidates", sort=sort, skip=skip, limit=7)["items"]
    ]

    assert walked == skipped == whole
    column = sort.removeprefix("-")
    for before, after in pairwise(whole):
        if before[column] == after[column]:
            assert (before["id"] < after["id"]) is not sort.startswith("-")


@pytest.mark.parametrize("sort", SORTS)
def test_a_walk_neither_repeats_nor_skips_while_the_list_changes(tenant: Tenant, database: Database, sort: str) -> None:
    add(database, tenant, MANY_CANDIDATES, 40)
    before = {item["id"] for item in page_of(tenant.api, "/api/candidates")["items"]}
    doomed = sorted(before)[::4]

    seen, cursor = [], None
    while True:
        query = {"sort": sort, "limit": 6, **({"cursor": cursor} if cursor else {})}
        page = page_of(tenant.api, "/api/candidates", **query)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        add(database, tenant, MANY_CANDIDATES, 2)
        if doomed:
            # The row that the cursor stands on goes too, when it is its turn.
            assert tenant.api.delete(f"/api/candidates/{doomed.pop()}").status == 204
        assert len(seen) < 200

    stayed = before & {item["id"] for item in page_of(tenant.api, "/api/candidates", limit=1000)["items"]}
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def test_a_cursor_outlives_the_row_it_stands_on(api: ApiClient) -> None:
    ids = [factories.new_project(api, name=f"Project {number}")["id"] for number in range(4)][::-1]
    first = page_of(api, "/api/projects", limit=2)
    assert api.delete(f"/api/projects/{ids[1]}").status == 204

    second = page_of(api, "/api/projects", limit=2, cursor=first["next_cursor"])

    assert [item["id"] for item in second["items"]] == ids[2:]


def cursors_like(cursor: str) -> dict[str, str]:
    """Cursors that were not given out."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    return {
        "first byte": base64.urlsafe_b64encode(bytes([raw[0] ^ 1]) + raw[1:]).decode().rstrip("="),
        "last byte": base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode().rstrip("="),
        "last letter": cursor[:-1] + chr(ord(cursor[-1]) ^ 1),
        "cut": cursor[:-4],
        "longer": cursor + "AAAA",
        "padding": cursor + "====",
        "noise": "!" + cursor,
        "blank": " " + cursor,
        "newline": cursor + "\n",
        "twice": cursor + cursor,
        "empty": "",
        "words": "next page please",
        "unicode": "ünï",
        "null": "\x00",
        "unsigned": base64.urlsafe_b64encode(b"0" * 16 + raw[16:]).decode().rstrip("="),
    }


def test_a_cursor_that_was_tampered_with_answers_400(tenant: Tenant, database: Database) -> None:
    add(database, tenant, MANY_PROJECTS, 3)
    cursor = page_of(tenant.api, "/api/projects", limit=1)["next_cursor"]

    for change, forged in cursors_like(cursor).items():
        reply = tenant.api.get(f"/api/projects?{urlencode({'cursor': forged})}")
        expected = (422, "invalid") if change == "null" else (400, "bad_cursor")
        assert (reply.status, reply.code) == expected, change
    assert tenant.api.get(f"/api/projects?{urlencode({'cursor': 'A' * 2001})}").wrong_fields == {"cursor"}


def test_a_cursor_fits_no_other_list_filter_order_or_organization(
    tenant: Tenant, other: Tenant, database: Database
) -> None:
    add(database, tenant, MANY_CANDIDATES, 3)
    add(database, tenant, MANY_PROJECTS, 3)
    cursor = page_of(tenant.api, "/api/candidates", limit=1)["next_cursor"]
    of_projects = page_of(tenant.api, "/api/projects", limit=1)["next_cursor"]

    def refused(api: ApiClient, path: str, **query: object) -> bool:
        reply = api.get(f"{path}?{urlencode(query)}")
        return (reply.status, reply.code) == (400, "bad_cursor")

    assert refused(tenant.api, "/api/projects", cursor=cursor)
    assert refused(tenant.api, "/api/candidates", cursor=of_projects)
    assert refused(tenant.api, "/api/projects", cursor=of_projects, status="active")
    assert refused(tenant.api, "/api/candidates", cursor=cursor, sort="name")
    assert refused(tenant.api, "/api/candidates", cursor=cursor, sort="created_at")
    assert refused(tenant.api, "/api/candidates", cursor=cursor, source="web")
    assert refused(other.api, "/api/candidates", cursor=cursor)
    assert page_of(tenant.api, "/api/candidates", cursor=cursor)["items"]


def test_another_key_makes_all_cursors_worthless(
    tenant: Tenant, database: Database, configure: Callable[..., None]
) -> None:
    add(database, tenant, MANY_PROJECTS, 3)
    cursor = page_of(tenant.api, "/api/projects", limit=1)["next_cursor"]
    configure(token_secret="another-secret-that-only-tests-know-123", rate_limit_enabled="false")
    signed_in = tenant.api.post("/api/auth/login", {"email": tenant.email, "password": "correct-horse-7-staples"})
    api = ApiClient(signed_in.json["access_token"])

    assert api.get(f"/api/projects?{urlencode({'cursor': cursor})}").code == "bad_cursor"
    assert tenant.api.get("/api/projects").code == "bad_token"


def test_a_filtered_list_counts_what_it_filters(api: ApiClient) -> None:
    factories.new_project(api)
    factories.new_project(api, status="on_hold")

    page = page_of(api, "/api/projects", status="on_hold")

    assert (page["total"], len(page["items"])) == (1, 1)
