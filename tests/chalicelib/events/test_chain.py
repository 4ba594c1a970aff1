"""The events of an organization are numbered without gaps, chained, and kept from change."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from chalicelib import db
from tests.api import ApiClient
from tests.chalicelib.events.chain import breaks, head_of, rows_of
from tests.conftest import Tenant
from tests.factories import as_superuser, at_once, move, new_application, new_candidate, new_position, new_project
from tests.house import Database


def live_through_much(api: ApiClient) -> None:
    """Every kind of write, with every kind of value."""
    project = new_project(api, name="Ångström “Ø”", target_hires=3, tags=["a", "b"])
    position = new_position(api, project_id=project["id"], salary_min=10.10, salary_max=99999999.99, openings=2)
    wish = {"requirements": [{"id": "x", "text": 'Ünïcode 👩🏽‍💻 "quoted" \\ back', "kind": "must"}], "salary_min": 20}
    assert api.patch(f"/api/positions/{position['id']}", wish).status == 200
    candidate = new_candidate(api, experience=[{"title": "Lead", "is_current": True}], consent=None, name="李 \u202e小")
    application = new_application(api, candidate, position)
    assert move(api, application, "applied", "hired").status == 200
    assert api.post(f"/api/applications/{application['id']}/withdraw", {"reason": "x"}).status == 200
    assert api.delete(f"/api/candidates/{candidate['id']}").status == 204
    assert api.post(f"/api/candidates/{candidate['id']}/restore").status == 200


def test_the_chain_holds_through_every_kind_of_write(tenant: Tenant, database: Database) -> None:
    live_through_much(tenant.api)

    rows = rows_of(database, tenant.id)

    assert len(rows) >= 10
    assert breaks(rows, head_of(database, tenant.id)) == []
    shown = tenant.api.get("/api/events").json["items"]
    assert [(item["sequence"], item["hash"]) for item in shown] == [
        (row["sequence"], row["hash"].hex()) for row in rows
    ]


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("update events set after = jsonb_set(after, '{name}', '\"Eve\"') where {third}", ["3: values"]),
        ("update events set action = 'candidate_hired' where {third}", ["3: body"]),
        ("update events set actor_id = gen_random_uuid() where {third}", ["3: body"]),
        ("update events set occurred_at = occurred_at - interval '1 day' where {third}", ["3: body"]),
        ("update events set digests = '{{}}', after = null where {third}", ["3: values", "3: body"]),
        ("update events set body_hash = sha256('x') where {third}", ["3: body", "3: chain"]),
        ("update events set hash = sha256('x') where {third}", ["3: chain", "4: chain"]),
        ("delete from events where {third}", ["3: missing"]),
        ("delete from events where organization_id = :id and sequence >= 3", ["head"]),
    ],
)
def test_whoever_tampers_breaks_the_chain(
    tenant: Tenant, database: Database, tampering: str, broken: list[str]
) -> None:
    for name in ("Ada", "Grace", "Edsger"):
        new_candidate(tenant.api, name=name)
    third = "organization_id = :id and sequence = 3"
    with as_superuser(database) as connection:
        connection.execute(sa.text(re.sub("{third}", third, tampering).replace("{{}}", "{}")), {"id": tenant.id})

    assert breaks(rows_of(database, tenant.id), head_of(database, tenant.id)) == broken


def test_eight_writers_at_once_leave_no_gap(tenant: Tenant, database: Database) -> None:
    position = new_position(tenant.api)

    def write(number: int) -> Callable[[], object]:
        def act() -> object:
            candidate = new_candidate(tenant.api, name=f"N{number}")
            return move(tenant.api, new_application(tenant.api, candidate, position), "applied", "screen")

        return act

    before = len(rows_of(database, tenant.id))
    replies = at_once(*(write(number) for number in range(8)))  # type: ignore[arg-type]

    assert [reply.status for reply in replies] == [200] * 8
    rows = rows_of(database, tenant.id)
    assert len(rows) == before + 24
    assert breaks(rows, head_of(database, tenant.id)) == []


def test_each_organization_has_a_chain_of_its_own(tenant: Tenant, other: Tenant, database: Database) -> None:
    for api in (tenant.api, other.api, tenant.api):
        new_candidate(api)

    for organization in (tenant, other):
        assert breaks(rows_of(database, organization.id), head_of(database, organization.id)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update events set action = 'nothing'",
        "delete from events",
        "truncate events",
        "delete from event_heads",
        "alter table events disable row level security",
        "drop table events",
        "update stage_changes set note = null",
        "delete from stage_changes",
    ],
)
@pytest.mark.parametrize("role", list(db.Role))
def test_the_application_cannot_change_what_happened(tenant: Tenant, role: db.Role, statement: str) -> None:
    if role is db.Role.ERASER and "stage_changes" in statement:
        pytest.skip("steps of an application are deleted with the person they tell of")
    new_application(tenant.api)
    with pytest.raises(DBAPIError) as refused, db.transaction(tenant.id, role) as session:
        session.execute(sa.text(statement))

    assert db.sql_state(refused.value) == "42501"


def test_no_event_is_written_for_another_organization(tenant: Tenant, other: Tenant, database: Database) -> None:
    with pytest.raises(DBAPIError) as refused, db.transaction(tenant.id) as session:
        session.execute(sa.text("select append_events(:other, '[]')"), {"other": other.id})

    assert db.sql_state(refused.value) == "42501"
    assert breaks(rows_of(database, other.id), head_of(database, other.id)) == []
