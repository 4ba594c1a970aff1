"""All queues are lost with everything in them, in the middle of work of every kind: every job still ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.clock import utc_now
from chalicelib.documents import uploads
from chalicelib.jobs import relay
from chalicelib.settings import settings
from tests import records
from tests.conftest import Tenant
from tests.factories import new_application, new_candidate, new_outreach, new_position, read_document, upload
from tests.house import Cloud, Database
from tests.samples import pdf_of


def work_of_every_queue(tenant: Tenant, cloud: Cloud) -> str:
    """An upload nobody has been told of, a second scan, a screening, a message, an export and an erasure: all asked
    for and none begun. The id of the upload's document."""
    api = tenant.api
    document = read_document(api, cloud, "Grace Hopper.pdf", pdf_of(["Grace Hopper", "grace@navy.example", "Cobol"]))
    position = new_position(api, requirements=[{"text": "Cobol", "kind": "must"}])
    application = new_application(api, {"id": document["candidate_id"]}, position)
    leaver = new_candidate(api, name="Somebody Else", email="else@tenant.example")
    cloud.drain()
    uploaded = upload(api, cloud, "Ada Lovelace.pdf", pdf_of(["Ada Lovelace", "ada@engine.example"]))
    for path in (
        f"/api/documents/{document['id']}/scan",
        f"/api/applications/{application['id']}/screenings",
        f"/api/candidates/{leaver['id']}/erase",
    ):
        assert api.post(path).status == 202, path
    assert api.post("/api/exports", {"kind": "candidates", "filters": {}}).status == 202
    new_outreach(api, application)
    return uploaded


@pytest.mark.timeout(120)
def test_every_job_ends_though_all_queues_were_lost_with_what_was_in_them(
    tenant: Tenant, cloud: Cloud, database: Database
) -> None:
    uploaded = work_of_every_queue(tenant, cloud)
    unfinished = "select id, kind from jobs where organization_id = cast(:id as uuid) and status = 'queued'"
    waiting = records.rows(database, unfinished, id=str(tenant.id))
    assert {row["kind"] for row in waiting} >= {"screen_candidate", "scan_document", "erase_candidate"}

    cloud.purge()
    cloud.drain()
    assert len(records.rows(database, unfinished, id=str(tenant.id))) == len(waiting), "nothing brings them"

    # What the schedule does each minute, once the jobs count as lost.
    relay.sweep(utc_now() + timedelta(seconds=settings().job_lost_after_seconds + 60))
    uploads.sweep(utc_now() + timedelta(seconds=settings().upload_lost_after_seconds + 60))
    cloud.drain()

    ended = records.rows(
        database, "select kind, status from jobs where organization_id = cast(:id as uuid)", id=str(tenant.id)
    )
    assert {row["status"] for row in ended} == {"succeeded"}, ended
    assert tenant.api.get(f"/api/documents/{uploaded}").json["status"] == "clean"
    assert records.outbox_of(database, tenant.id) == []
