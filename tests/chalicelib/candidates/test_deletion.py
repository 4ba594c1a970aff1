"""Candidates go out of sight and come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.api import ApiClient
from tests.chalicelib.candidates.test_routes import FULL
from tests.factories import as_superuser, new_candidate
from tests.house import Database


def test_a_deleted_candidate_is_out_of_sight_and_comes_back_whole(api: ApiClient) -> None:
    candidate = new_candidate(api, **FULL)
    path = f"/api/candidates/{candidate['id']}"

    assert (api.delete(path).status, api.delete(path).status) == (204, 404)
    assert [api.get(path).code, api.patch(path, {}).code] == ["candidate_not_found"] * 2
    assert api.get("/api/candidates").json["total"] == api.get("/api/candidates/search", q="zoe").json["total"] == 0
    assert api.get("/api/candidates", skill="python").json["items"] == []

    restored = api.post(f"{path}/restore")
    assert (restored.status, restored.headers["etag"]) == (200, '"3"')
    assert restored.json == {**candidate, "updated_at": restored.json["updated_at"]}
    assert api.get("/api/candidates", skill="python").json["total"] == 1
    assert api.get("/api/candidates/search", q="zoe").json["total"] == 1
    assert (api.post(f"{path}/restore").status, api.post(f"{path}/restore").code) == (404, "candidate_not_found")


@pytest.mark.parametrize(("days", "status"), [(29.99, 200), (31, 404)])
def test_a_candidate_comes_back_within_thirty_days(
    api: ApiClient, database: Database, days: float, status: int
) -> None:
    candidate = new_candidate(api)
    api.delete(f"/api/candidates/{candidate['id']}")
    with as_superuser(database) as connection:
        aged = sa.text("update candidates set deleted_at = deleted_at - cast(:age as interval) where id = :id")
        connection.execute(aged, {"age": timedelta(days=days), "id": candidate["id"]})

    assert api.post(f"/api/candidates/{candidate['id']}/restore").status == status
