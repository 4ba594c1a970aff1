"""Rows that go past the session's flush are those that it would have written."""

from __future__ import annotations

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.events.models import Actor
from chalicelib.positions import service as positions
from chalicelib.positions.models import DEFAULT_STAGES
from tests.api import ApiClient
from tests.conftest import Tenant


def test_what_was_left_out_is_as_the_database_has_it_by_itself(tenant: Tenant, api: ApiClient) -> None:
    wish = {"title": "Nurse", "status": "open", "openings": 1, "stages": list(DEFAULT_STAGES)}
    with db.transaction(tenant.id) as session:
        actor = Actor("user", tenant.user_id)
        position = positions.create(session, tenant.id, wish, actor=actor, now=utc_now())
        assert position.requirements == []

    (shown,) = api.get("/api/positions").json["items"]
    assert (shown["title"], shown["requirements"]) == ("Nurse", [])
