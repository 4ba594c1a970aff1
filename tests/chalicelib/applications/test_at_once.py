"""Two people act on the same applications in the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest

from chalicelib import db
from chalicelib.events.models import Actor
from chalicelib.positions import service as positions
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import at_once, move, new_application, new_candidate, new_position


@pytest.mark.parametrize("round_number", range(3))
def test_the_same_application_made_twice_at_once_is_made_once(api: ApiClient, round_number: int) -> None:
    candidate, position = new_candidate(api), new_position(api)
    wish = {"candidate_id": candidate["id"], "position_id": position["id"]}

    replies = at_once(*(lambda: api.post("/api/applications", wish) for _ in range(2)))

    made, refused = sorted(replies, key=lambda reply: reply.status)
    assert (made.status, refused.status, refused.code) == (201, 409, "already_applied")
    assert refused.json["application_id"] == made.json["id"]
    assert api.get("/api/applications").json["total"] == 1


@pytest.mark.parametrize("round_number", range(3))
def test_of_two_who_move_one_application_at_once_one_is_told(api: ApiClient, round_number: int) -> None:
    application = new_application(api)

    replies = at_once(*(lambda to=to: move(api, application, "applied", to) for to in ("screen", "interview")))

    moved, refused = sorted(replies, key=lambda reply: reply.status)
    assert (moved.status, refused.status, refused.code) == (200, 409, "stage_moved_on")
    assert refused.json["current_stage"] == moved.json["stage"]
    now = api.get(f"/api/applications/{application['id']}").json
    assert (now["stage"], len(now["history"])) == (moved.json["stage"], 2)


@pytest.mark.parametrize("round_number", range(3))
def test_of_two_who_race_for_the_last_opening_one_is_hired(api: ApiClient, round_number: int) -> None:
    position = new_position(api, openings=1)
    rivals = [new_application(api, new_candidate(api), position) for _ in range(2)]

    replies = at_once(*(lambda rival=rival: move(api, rival, "applied", "hired") for rival in rivals))

    hired, refused = sorted(replies, key=lambda reply: reply.status)
    assert (hired.status, refused.status, refused.code) == (200, 409, "no_openings_left")
    assert api.get("/api/applications", stage="hired").json["total"] == 1


def test_whoever_applies_while_the_position_is_being_closed_comes_too_late(tenant: Tenant) -> None:
    api, candidate, position = tenant.api, new_candidate(tenant.api), new_position(tenant.api)
    wish = {"candidate_id": candidate["id"], "position_id": position["id"]}
    with ThreadPoolExecutor(1) as pool:
        with db.transaction(tenant.id) as session:
            row = positions.get(session, tenant.id, UUID(position["id"]), lock=True)
            values = {"status": "closed", "stages": ["new", "hired"]}
            positions.change(session, row, values, actor=Actor("user", tenant.user_id), now=datetime.now(UTC))
            session.flush()
            applying = pool.submit(api.post, "/api/applications", wish)
            time.sleep(0.5)
            assert not applying.done()
        assert applying.result().code == "position_closed"
    assert api.get("/api/applications").json["total"] == 0
