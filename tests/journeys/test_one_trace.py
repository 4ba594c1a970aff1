"""Whatever follows from what somebody asks for is found in the log, and at the receivers', by one id."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_string

from tests import log_watch
from tests.api import ApiClient
from tests.chalicelib.outbound.receivers import receiving
from tests.chalicelib.webhooks.hooks import new_webhook
from tests.conftest import Tenant
from tests.factories import read_document
from tests.house import Cloud
from tests.journeys.test_from_upload_to_rating import POSITION, RESUMES
from tests.log_lines import reading

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HOPS = {
    "scan_document",
    "analyze_document",
    "screen_candidate",
    "generate_outreach",
    "send_outreach",
    "deliver_webhook",
}


def journey(api: ApiClient, cloud: Cloud) -> None:
    """From an upload to a mail."""
    position = api.post("/api/positions", POSITION).json
    document = read_document(api, cloud, "amelia-hartley.pdf", (RESUMES / "amelia-hartley.pdf").read_bytes())
    wish = {"candidate_id": document["candidate_id"], "position_id": position["id"]}
    application = api.post("/api/applications", wish).json
    assert api.post(f"/api/applications/{application['id']}/screenings").status == 202
    cloud.drain()
    job = api.post("/api/outreach", {"application_id": application["id"], "template": "standard"}).json
    cloud.drain()
    outreach_id = api.get(f"/api/jobs/{job['id']}").json["result"]["outreach_id"]
    assert api.post(f"/api/outreach/{outreach_id}/send").status == 202
    cloud.drain()


def test_one_trace_runs_from_a_request_to_mails_and_webhooks(tenant: Tenant, cloud: Cloud) -> None:
    caller = replace(tenant.api, headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    mails_before = len(cloud.mails())
    with receiving() as receiver:
        new_webhook(tenant.api, receiver.url, events=["*"])
        cloud.drain()
        told_before = len(receiver.received)
        with reading() as lines:
            journey(caller, cloud)

        attempts, requests = lines.of("job_attempted"), lines.of("request_served")
        assert [line for line in lines.all() if line.get("trace_id") != TRACE] == []
        assert {line["kind"] for line in attempts} == HOPS
        assert {line["outcome"] for line in attempts} == {"succeeded"}
        assert len({(line["job_id"], line["attempt"]) for line in attempts}) == len(attempts), "one line an attempt"
        assert {line["organization_id"] for line in [*attempts, *requests]} == {str(tenant.id)}
        assert all(line["statements"] > 0 < line["database_ms"] < line["ms"] for line in attempts)
        assert all(0 <= line["wait_ms"] < 60_000 for line in attempts)
        told = receiver.received[told_before:]
        assert len(told) == len([line for line in attempts if line["kind"] == "deliver_webhook"]) >= 8
        assert {request.headers["traceparent"].split("-")[1] for request in told} == {TRACE}
    [mail] = cloud.mails()[mails_before:]
    assert message_from_string(mail["raw_data"])["X-RecruitPro-Trace"] == TRACE
    assert log_watch.finds(lines.text) == []
