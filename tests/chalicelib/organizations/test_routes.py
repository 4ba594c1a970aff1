"""One's own organization: everybody sees it, its admins change it."""

from __future__ import annotations

import pytest

from tests.chalicelib.second_factor.factors import enable
from tests.chalicelib.users.people import colleague, signed_in
from tests.conftest import Tenant
from tests.house import Database

OWN = "/api/organization"


def test_everybody_sees_their_organization_and_nobody_elses(tenant: Tenant, other: Tenant, database: Database) -> None:
    _, email = colleague(database, tenant, "viewer")

    reply = signed_in(email).get(OWN)

    settings = {"requires_second_factor", "retention_days", "retention_warning_days"}
    assert set(reply.json) == {"id", "name", "created_at", "updated_at"} | settings
    assert (reply.json["id"], reply.json["requires_second_factor"]) == (str(tenant.id), False)
    assert reply.headers["etag"] == '"1"'
    assert other.api.get(OWN).json["id"] == str(other.id)


def test_an_admin_changes_what_is_given_and_leaves_an_event(tenant: Tenant, other: Tenant, database: Database) -> None:
    # Or they could do nothing but set one up from the second change on.
    enable(tenant.api, database)
    before, theirs = tenant.api.get(OWN).json, other.api.get(OWN).json

    named = tenant.api.patch(OWN, {"name": "  Harbour & Lane "})
    strict = tenant.api.patch(OWN, {"requires_second_factor": True}, {"If-Match": named.headers["etag"]})

    assert (named.json["name"], named.json["requires_second_factor"]) == ("Harbour & Lane", False)
    assert (strict.json["name"], strict.json["requires_second_factor"]) == ("Harbour & Lane", True)
    assert tenant.api.patch(OWN, {"name": "Late"}, {"If-Match": named.headers["etag"]}).code == "stale"
    assert tenant.api.get(OWN).headers["etag"] == strict.headers["etag"] == '"3"'
    events = [each for each in tenant.api.get("/api/events").json["items"] if each["action"] == "organization_changed"]
    assert [(each["before"], each["after"]) for each in events] == [
        ({"name": before["name"]}, {"name": "Harbour & Lane"}),
        ({"requires_second_factor": False}, {"requires_second_factor": True}),
    ]
    assert other.api.get(OWN).json == theirs


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"requires_second_factor": None}, "requires_second_factor"),
        ({"id": "x"}, "id"),
        ({"version": 1}, "version"),
    ],
)
def test_what_makes_no_sense_changes_nothing(tenant: Tenant, change: dict[str, object], field: str) -> None:
    before = tenant.api.get(OWN).json

    assert tenant.api.patch(OWN, change).wrong_fields == {field}
    assert tenant.api.get(OWN).json == before
