"""An import is undone as a whole, but for what somebody has worked on since."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.clock import utc_now
from tests import records
from tests.api import ApiClient
from tests.chalicelib.bulk_imports.importing import (
    actions,
    ask,
    candidates,
    csv_of,
    get,
    imported,
    outcomes,
    people,
    rows_of,
    upload,
)
from tests.chalicelib.events import chain
from tests.conftest import Tenant
from tests.factories import Json, new_application, new_candidate
from tests.house import Cloud, Database


def undo(api: ApiClient, cloud: Cloud, import_id: str) -> Json:
    """The import after it was undone."""
    reply = api.post(f"/api/imports/{import_id}/undo")
    assert reply.status == 202, reply
    assert get(api, import_id)["status"] == "undoing"
    cloud.drain()
    job: Json = api.get(f"/api/jobs/{reply.json['id']}").json
    assert job["status"] == "succeeded", job
    return job


def test_what_an_import_created_is_deleted(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    kept = new_candidate(tenant.api, name="Kept")
    view = imported(tenant.api, cloud, people(1100))

    job = undo(tenant.api, cloud, view["id"])

    assert job["result"] == {"import_id": view["id"], "rows": {"deleted": 1100}}
    assert job["progress"] == {"done": 1100, "total": 1100}
    assert get(tenant.api, view["id"])["status"] == "undone"
    assert [str(row["id"]) for row in candidates(database, tenant.id)] == [kept["id"]]
    assert actions(database, tenant.id) == {"candidate_created": 1101, "candidate_deleted": 1100}
    assert chain.breaks(chain.rows_of(database, tenant.id), chain.head_of(database, tenant.id)) == []
    assert tenant.api.get("/api/candidates?skill=rust").json["total"] == 0
    assert outcomes(imported(tenant.api, cloud, people(3))) == {"created": 3}


def test_what_an_import_updated_gets_its_old_values_back(api: ApiClient, cloud: Cloud) -> None:
    known = new_candidate(api, name="Old", email="ada@example.com", location="Leeds", skills=["Maths"])
    header = ("name", "email", "location", "skills", "phone")
    first = ("New", "ada@example.com", "Bath", "", "")
    view = imported(
        api,
        cloud,
        csv_of(header, first, ("Newer", "ada@example.com", "", "Logic", "+442079460958")),
        on_duplicate="update",
    )
    assert outcomes(view) == {"updated": 2}

    job = undo(api, cloud, view["id"])

    assert job["result"]["rows"] == {"restored": 2}
    now = api.get(f"/api/candidates/{known['id']}").json
    assert {**now, "updated_at": ""} == {**known, "updated_at": ""}


def test_a_candidate_that_moved_on_stays_and_the_row_says_why(api: ApiClient, cloud: Cloud) -> None:
    view = imported(api, cloud, people(5))
    ids = [row["candidate_id"] for row in rows_of(api, view["id"])]
    api.patch(f"/api/candidates/{ids[1]}", {"headline": "Called her"})
    new_application(api, {"id": ids[2]})
    api.delete(f"/api/candidates/{ids[3]}")

    undo(api, cloud, view["id"])

    fates = ["deleted", "kept_changed", "kept_applied", "kept_deleted", "deleted"]
    assert [row["undone"] for row in rows_of(api, view["id"])] == fates
    assert [api.get(f"/api/candidates/{each}").status for each in ids] == [404, 200, 200, 404, 404]


def test_an_address_that_went_to_somebody_else_is_not_taken_back(api: ApiClient, cloud: Cloud) -> None:
    known = new_candidate(api, name="Ada", email="old@example.com", phone="+442079460958")
    content = csv_of(("name", "email", "phone"), ("Ada", "new@example.com", "+442079460958"))
    view = imported(api, cloud, content, on_duplicate="update")
    new_candidate(api, name="Eve", email="old@example.com")

    undo(api, cloud, view["id"])

    assert [row["undone"] for row in rows_of(api, view["id"])] == ["kept_email_taken"]
    assert api.get(f"/api/candidates/{known['id']}").json["email"] == "new@example.com"


def test_a_change_between_two_updates_of_an_import_is_not_lost(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    known = new_candidate(tenant.api, name="Old", email="ada@example.com")
    content = csv_of(("name", "email"), ("New", "ada@example.com"))
    view = imported(tenant.api, cloud, content, on_duplicate="update")
    tenant.api.patch(f"/api/candidates/{known['id']}", {"location": "Bath"})

    undo(tenant.api, cloud, view["id"])

    now = tenant.api.get(f"/api/candidates/{known['id']}").json
    assert (now["name"], now["location"]) == ("New", "Bath")


def test_an_import_is_undone_once_and_only_after_its_end(api: ApiClient, cloud: Cloud) -> None:
    job = ask(api, upload(api, cloud, people(2)))
    path = f"/api/imports/{job['import_id']}/undo"
    assert api.post(path).json["reason"] == "running"
    cloud.drain()
    assert api.post(path).status == 202
    assert api.post(path).json["reason"] == "undoing"
    cloud.drain()
    assert (api.post(path).code, api.post(path).json["reason"]) == ("import_not_undoable", "undone")


def test_an_import_can_be_undone_for_a_day(api: ApiClient, cloud: Cloud, database: Database) -> None:
    view = imported(api, cloud, people(2))
    assert view["undo_until"] is not None
    day_before = utc_now() - timedelta(hours=24, seconds=1)
    statement = "update jobs set finished_at = :moment where id = cast(:id as uuid)"
    records.rows(database, statement, moment=day_before, id=view["job_id"])

    assert api.post(f"/api/imports/{view['id']}/undo").json["reason"] == "too_late"
