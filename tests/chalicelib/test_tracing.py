"""A trace is taken over from a caller in the form that W3C gave it and no other; it knows what the database cost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from chalicelib import db, tracing
from tests import log_watch
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.log_lines import reading

ID, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SANE = f"00-{ID}-{PARENT}-01"


@pytest.mark.parametrize(
    "header", [SANE, f" {SANE}\t", f"00-{ID}-{PARENT}-00", f"01-{ID}-{PARENT}-01", f"cc-{ID}-{PARENT}-01-what-comes"]
)
def test_a_sane_traceparent_is_taken_over(header: str) -> None:
    assert tracing.asked_for({"traceparent": header}) == ID


INSANE = [
    "",
    ID,
    f"ff-{ID}-{PARENT}-01",
    f"00-{'0' * 32}-{PARENT}-01",
    f"00-{ID}-{'0' * 16}-01",
    f"00-{ID.upper()}-{PARENT}-01",
    f"00-{ID[:-1]}g-{PARENT}-01",
    f"00-{ID}-{PARENT}-01-more",
    f"00-{ID}-{PARENT}-1",
    f"{SANE}\n",
    f"{SANE}\r\nX-Evil: 1",
    f"01-{ID}-{PARENT}-01-\x1b[31m\x00",
    f'00-{ID}-{PARENT}-01","level":"ERROR',
    f"01-{ID}-{PARENT}-01-{'a' * 100_000}",
    f"{SANE},{SANE}",
    "00-" + "٤" * 32 + f"-{PARENT}-01",
    "00-ada@example.org-+436641234567-01",
]


@pytest.mark.parametrize("header", INSANE)
def test_whatever_else_stands_there_is_not(header: str) -> None:
    assert tracing.asked_for({"traceparent": header}) is None


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736", ID),
        ("Self=1-67891234-12456789abcdef012345678;Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=1", ID),
        ("Root=1-00000000-000000000000000000000000", None),
        ("Root=1-4bf92f35-77b34da6a3ce929d0e0e47360", None),
        ("Root=1-4BF92F35-77b34da6a3ce929d0e0e4736", None),
        (f"Root={ID}", None),
        ("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736\n", None),
    ],
)
def test_without_one_the_trace_of_api_gateway_is_taken_over(header: str, found: str | None) -> None:
    assert tracing.asked_for({"x-amzn-trace-id": header}) == found
    assert tracing.asked_for({"x-amzn-trace-id": header, "traceparent": SANE.replace("4b", "5b")}) == ID.replace(
        "4b", "5b"
    )


def test_what_is_sent_to_others_names_the_trace_and_a_parent_of_its_own() -> None:
    assert tracing.traceparent() is None
    with tracing.following(ID):
        sent = [tracing.traceparent() or "" for _ in range(3)]

    assert {tracing.asked_for({"traceparent": each}) for each in sent} == {ID}
    assert len(set(sent)) == 3
    assert tracing.trace_id() is None


def test_a_share_of_traces_is_sampled_and_always_the_same() -> None:
    ids = [tracing.new_id() for _ in range(20_000)]
    sampled = {each for each in ids if tracing.is_sampled(each, 0.1)}

    assert 0.08 < len(sampled) / len(ids) < 0.12
    assert sampled <= {each for each in ids if tracing.is_sampled(each, 0.2)}
    assert [tracing.is_sampled(ID, rate) for rate in (0.0, 1.0)] == [False, True]


def test_a_trace_knows_its_statements_and_what_they_took(tenant: Tenant) -> None:
    with tracing.following(None) as trace, db.transaction(tenant.id) as session:
        session.execute(sa.text("select pg_sleep(:seconds)"), {"seconds": 0.05})
        session.execute(sa.text("select :one"), {"one": 1})

    # What says whose transaction it is travels with the first, and counts for none.
    assert trace.statements == 2
    assert 50 <= trace.database_ms <= trace.ms


def test_a_request_answers_the_trace_it_belongs_to(api: ApiClient) -> None:
    taken, made, other = (api.get("/api/users/me", headers) for headers in ({"traceparent": SANE}, None, None))

    assert taken.headers["x-trace-id"] == ID
    new = {made.headers["x-trace-id"], other.headers["x-trace-id"]}
    assert len(new - {ID}) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in new)
    assert api.get("/api/candidates/x", {"traceparent": SANE}).headers["x-trace-id"] == ID, "refusals too"


@pytest.mark.parametrize("header", [header for header in INSANE if header])
def test_nothing_of_an_insane_header_comes_back_or_into_the_log(api: ApiClient, header: str) -> None:
    with reading("DEBUG") as lines:
        answer = api.get("/api/users/me", {"traceparent": header, "x-amzn-trace-id": header})

    [line] = lines.all()
    assert answer.status == 200
    assert line["trace_id"] == answer.headers["x-trace-id"] != ID
    assert header not in lines.text
    assert "X-Evil" not in lines.text + str(answer.headers)
    assert len(lines.text) < 1000
    assert log_watch.finds(lines.text) == []


def test_one_line_tells_what_a_request_cost(tenant: Tenant) -> None:
    candidate = new_candidate(tenant.api)
    with reading() as lines:
        for _ in range(2):
            tenant.api.get(f"/api/candidates/{candidate['id']}", {"traceparent": SANE, "X-Request-Id": "mine"})

    told = lines.all()
    assert [line["message"] for line in told] == ["request_served"] * 2
    line = told[-1]
    assert (line["trace_id"], line["request_id"], line["status"]) == (ID, "mine", 200)
    assert (line["organization_id"], line["user_id"]) == (str(tenant.id), str(tenant.user_id))
    assert line["route"] == "GET /api/candidates/{candidate_id}"
    assert line["cold_start"] is False
    assert 2 <= line["statements"] <= 6
    assert 0 < line["database_ms"] < line["ms"]


def test_the_first_line_of_a_container_says_so(monkeypatch: pytest.MonkeyPatch, api: ApiClient) -> None:
    monkeypatch.setattr(tracing, "_cold", [True])
    with reading() as lines:
        api.get("/api/users/me")
        api.get("/api/users/me")

    assert [line["cold_start"] for line in lines.of("request_served")] == [True, False]


def test_a_sampled_request_tells_each_statement_and_no_parameter(
    tenant: Tenant, configure: Callable[..., None]
) -> None:
    sampled = next(each for each in iter(tracing.new_id, "") if tracing.is_sampled(each, 0.5))
    passed_over = next(each for each in iter(tracing.new_id, "") if not tracing.is_sampled(each, 0.5))
    configure(log_sample_rate="0.5")
    with reading() as lines:
        for trace_id in (sampled, passed_over):
            wish = {"name": "Grace Hopper", "email": "grace@example.org", "phone": "+436641234567"}
            made = tenant.api.post("/api/candidates", wish, {"traceparent": f"00-{trace_id}-{PARENT}-01"})
            assert made.status == (201 if trace_id == sampled else 409)

    statements = lines.of("statement_done")
    assert {line["trace_id"] for line in statements} == {sampled}
    assert {line["level"] for line in statements} == {"DEBUG"}
    assert any("append_events" in line["statement"] for line in statements)
    assert all(line["ms"] >= 0 and len(line["statement"]) <= 400 for line in statements)
    [first, second] = lines.of("request_served")
    assert (first["trace_id"], second["trace_id"]) == (sampled, passed_over)
    assert 0 < first["statements"] <= len(statements), "those that begin and end a transaction are told as well"
    assert "Hopper" not in lines.text
    assert log_watch.finds(lines.text) == []


def test_without_a_share_nobody_is_sampled(api: ApiClient) -> None:
    with reading() as lines:
        api.get("/api/users/me")

    assert lines.of("statement_done") == []
