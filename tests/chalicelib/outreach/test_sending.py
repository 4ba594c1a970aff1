"""A message is sent at most once: under double delivery, crashes, lost answers, and people in a hurry."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.clock import utc_now
from chalicelib.db import DatabaseUnavailable
from chalicelib.jobs import relay, running
from chalicelib.mail import MailRefused, MailUnavailable, MailUnconfirmed
from chalicelib.outreach import sending
from functions.run_default_jobs import run_default_jobs
from infra.local import delivery
from tests import records
from tests.api import ApiClient, Reply
from tests.chalicelib.outreach.drafts import EMAIL, FakeMail, application_of, draft_of, mails_of, read, send
from tests.conftest import Tenant
from tests.factories import at_once, new_candidate, new_position
from tests.house import Cloud, Database, settings_for


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> FakeMail:
    """A mail service that fails as it is told to."""
    fake = FakeMail()
    monkeypatch.setattr(clients, "mail", lambda: fake)
    return fake


def sent(api: ApiClient, cloud: Cloud, message: Any, body: object = None) -> tuple[Any, Any]:
    """The message and its job after everything that follows from sending it."""
    accepted = send(api, message, body)
    assert accepted.status == 202, accepted
    cloud.drain()
    return read(api, message["id"]), api.get(accepted.headers["location"]).json


def taken_from(cloud: Cloud) -> list[dict[str, Any]]:
    """The messages of the default queue; they stay taken."""
    return delivery.take_batch(cloud.client("sqs"), cloud.source("default"), wait_seconds=1)


def event_of(cloud: Cloud, messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The messages as Lambda gets them."""
    return delivery.sqs_event(messages, cloud.source("default"))


def outreach_events(database: Database, tenant: Tenant) -> list[str]:
    return [name for name in records.actions(database, tenant.id) if name.startswith("outreach")]


def revive(cloud: Cloud, messages: list[dict[str, Any]]) -> None:
    """Let the messages of an attempt that died come back, and take over what it left when its lease is over."""
    delivery.deliver(cloud.client("sqs"), cloud.source("default"), messages)
    relay.sweep(utc_now() + timedelta(seconds=370))
    cloud.drain()


def test_a_message_goes_out_with_all_that_its_sender_wrote(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    draft = draft_of(tenant.api, cloud, language="de")
    edited = {"subject": "Grüße aus Zürich – 95 000 €", "body": "Guten Tag,\n\nkommen Sie?\n\nAda"}
    assert tenant.api.patch(f"/api/outreach/{draft['id']}", edited).status == 200

    message, job = sent(tenant.api, cloud, draft)

    [mail] = mails_of(cloud, draft)
    assert mail["Subject"] == edited["subject"]
    assert mail.get_content().replace("\r\n", "\n").strip() == edited["body"]
    assert mail["To"].addresses[0].addr_spec == EMAIL
    assert mail["From"].addresses[0].addr_spec == "hello@recruitpro.example"
    assert mail["Reply-To"].addresses[0].addr_spec == tenant.email
    assert (message["status"], message["sent_to"], message["sent_by"]) == ("sent", EMAIL, str(tenant.user_id))
    assert message["sent_at"] > message["created_at"]
    assert job["status"] == "succeeded"
    assert job["result"] == {"outreach_id": draft["id"], "mail_id": message["mail_id"]}
    assert outreach_events(database, tenant) == [
        "outreach_created",
        "outreach_written",
        "outreach_changed",
        "outreach_sending",
        "outreach_handed_over",
        "outreach_sent",
    ]


def test_what_was_sent_or_is_on_its_way_stays_as_it_is(api: ApiClient, cloud: Cloud) -> None:
    draft = draft_of(api, cloud)
    path = f"/api/outreach/{draft['id']}"
    assert send(api, draft).status == 202

    for status in ("sending", "sent"):
        assert read(api, draft["id"])["status"] == status
        assert send(api, draft, {"confirm": True}).code == "outreach_not_sendable"
        assert api.patch(path, {"subject": "x"}).code == "outreach_not_a_draft"
        assert api.delete(path).code == "outreach_not_a_draft"
        cloud.drain()
    assert len(mails_of(cloud, draft)) == 1


def test_what_is_not_written_yet_is_not_sent(api: ApiClient) -> None:
    asked = api.post("/api/outreach", {"application_id": application_of(api)["id"], "template": "standard"})
    assert asked.status == 202
    [waiting] = api.get("/api/outreach").json["items"]

    assert send(api, waiting).code == "outreach_not_sendable"


def test_of_many_who_send_at_once_one_does(api: ApiClient, cloud: Cloud) -> None:
    draft = draft_of(api, cloud)

    def attempt() -> Reply:
        return send(api, draft)

    replies = at_once(*[attempt] * 6)

    assert sorted(reply.status for reply in replies) == [202] + [409] * 5
    cloud.drain()
    assert len(mails_of(cloud, draft)) == 1


def test_a_job_that_is_delivered_twice_sends_once(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    draft = draft_of(tenant.api, cloud)
    assert send(tenant.api, draft).status == 202
    event = event_of(cloud, taken_from(cloud))

    for _ in range(2):
        assert run_default_jobs(event, delivery.context("run_default_jobs")) == {"batchItemFailures": []}

    assert len(mails_of(cloud, draft)) == 1
    assert outreach_events(database, tenant).count("outreach_sent") == 1


@pytest.mark.parametrize("line", ["after the claim", "before the commit", "after the commit"])
def test_a_process_killed_after_the_mail_service_took_the_message_sends_no_second_one(
    tenant: Tenant, cloud: Cloud, database: Database, line: str
) -> None:
    """The claim of the job's end is the first line after the call, so all three lie behind it."""
    draft = draft_of(tenant.api, cloud)
    job_id = send(tenant.api, draft).json["id"]
    messages = taken_from(cloud)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.chalicelib.jobs.crashing", "functions.run_default_jobs", line],
        input=json.dumps(event_of(cloud, messages)),
        env=dict(os.environ) | settings_for(database, cloud),
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(mails_of(cloud, draft)) == 1

    revive(cloud, messages)

    message, job = read(tenant.api, draft["id"]), tenant.api.get(f"/api/jobs/{job_id}").json
    assert len(mails_of(cloud, draft)) == 1
    if line == "after the commit":
        assert (message["status"], job["status"]) == ("sent", "succeeded")
        return
    assert (message["status"], message["error_code"]) == ("unconfirmed", "send_unconfirmed")
    assert (message["sent_to"], message["handed_over_at"] is not None) == (EMAIL, True)
    assert (job["status"], job["error"]["code"]) == ("failed", "send_unconfirmed")
    assert outreach_events(database, tenant).count("outreach_unconfirmed") == 1

    # Nothing but a person's word sends it again: no retry of the job, no redelivery.
    assert tenant.api.post(f"/api/jobs/{job_id}/retry").status == 200
    messages = taken_from(cloud)
    for _ in range(2):
        run_default_jobs(event_of(cloud, messages), delivery.context("run_default_jobs"))
    assert len(mails_of(cloud, draft)) == 1
    assert read(tenant.api, draft["id"])["status"] == "unconfirmed"


def test_a_process_that_dies_before_the_message_is_handed_over_sends_it_later(
    api: ApiClient, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    draft = draft_of(api, cloud)
    assert send(api, draft).status == 202
    messages = taken_from(cloud)
    monkeypatch.setattr(sending, "_step", die)
    with suppress(Killed):
        run_default_jobs(event_of(cloud, messages), delivery.context("run_default_jobs"))
    assert mails_of(cloud, draft) == []
    monkeypatch.undo()

    revive(cloud, messages)

    assert len(mails_of(cloud, draft)) == 1
    assert read(api, draft["id"])["status"] == "sent"


def test_an_unconfirmed_message_is_sent_again_by_who_means_it(api: ApiClient, cloud: Cloud, mail: FakeMail) -> None:
    draft = draft_of(api, cloud)
    mail.script = [MailUnconfirmed("no answer")]
    lost, job = sent(api, cloud, draft)
    assert (lost["status"], job["status"], mail.calls) == ("unconfirmed", "failed", 1)
    assert job["error"]["code"] == "mail_unconfirmed"
    assert api.patch(f"/api/outreach/{draft['id']}", {"subject": "x"}).code == "outreach_not_a_draft"
    assert api.delete(f"/api/outreach/{draft['id']}").code == "outreach_not_a_draft"

    refused = send(api, draft)

    assert (refused.status, refused.code, refused.json["reasons"]) == (409, "confirmation_needed", ["unconfirmed"])
    assert send(api, draft, {"confirm": False}).code == "confirmation_needed"
    again, _ = sent(api, cloud, draft, {"confirm": True})
    assert (again["status"], again["error_code"], mail.calls, len(mail.taken)) == ("sent", None, 2, 1)
    # The first job is no way around: its message is another one's by now.
    assert api.post(f"/api/jobs/{job['id']}/retry").status == 200
    cloud.drain()
    assert mail.calls == 2
    assert read(api, draft["id"]) == again


def test_a_fault_of_ours_in_the_call_is_no_reason_to_send_again(api: ApiClient, cloud: Cloud, mail: FakeMail) -> None:
    draft = draft_of(api, cloud)
    mail.script = [RuntimeError("who knows")]

    message, _ = sent(api, cloud, draft)

    assert (message["status"], mail.calls) == ("unconfirmed", 1)


def test_a_database_that_fails_after_the_call_leaves_the_message_unconfirmed(
    api: ApiClient, cloud: Cloud, mail: FakeMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_of(api, cloud)
    finishing, failures = running.finishing, [DatabaseUnavailable("down")]

    def failing(*given: Any) -> Any:
        if failures:
            raise failures.pop()
        return finishing(*given)

    monkeypatch.setattr(running, "finishing", failing)

    message, _ = sent(api, cloud, draft)

    assert (message["status"], mail.calls) == ("unconfirmed", 1)


def test_a_throttled_message_is_tried_again_and_sent_once(
    tenant: Tenant, cloud: Cloud, mail: FakeMail, database: Database
) -> None:
    draft = draft_of(tenant.api, cloud)
    mail.script = [MailUnavailable("too many"), MailUnavailable("too many")]

    message, job = sent(tenant.api, cloud, draft)

    assert (message["status"], job["status"], job["attempts"]) == ("sent", "succeeded", 3)
    assert (mail.calls, len(mail.taken)) == (3, 1)
    assert outreach_events(database, tenant)[-3:] == ["outreach_taken_back", "outreach_handed_over", "outreach_sent"]


def test_after_the_last_attempt_the_message_is_failed_and_its_job_among_the_given_up(
    api: ApiClient, cloud: Cloud, mail: FakeMail
) -> None:
    draft = draft_of(api, cloud)
    mail.script = [MailUnavailable("too many")] * 5
    dead_letters = cloud.queues["default"].dead_letter_url

    message, job = sent(api, cloud, draft)

    assert (message["status"], message["error_code"], message["handed_over_at"]) == ("failed", "mail_unavailable", None)
    assert (job["status"], job["attempts"], job["error"]["code"]) == ("failed", 5, "mail_unavailable")
    assert (mail.calls, mail.taken, cloud.waiting(dead_letters)) == (5, [], 1)

    # The mail service is back: an admin gives the given-up another chance.
    assert api.post("/api/jobs/redrive", {"queue": "default"}).json["queued"] == 1
    cloud.drain()
    assert (read(api, draft["id"])["status"], len(mail.taken)) == ("sent", 1)


def test_a_refused_message_fails_at_once_and_is_edited_and_sent_again(
    tenant: Tenant, cloud: Cloud, mail: FakeMail, database: Database
) -> None:
    api, draft = tenant.api, draft_of(tenant.api, cloud)
    mail.script = [MailRefused("the mail service does not take this message (MessageRejected)")]

    refused, job = sent(api, cloud, draft)

    assert (refused["status"], refused["error_code"], refused["sent_to"]) == ("failed", "mail_refused", None)
    assert (job["status"], job["attempts"], mail.calls) == ("failed", 1, 1)
    edited = api.patch(f"/api/outreach/{draft['id']}", {"body": "Shorter."})
    assert (edited.json["status"], edited.json["error_code"]) == ("draft", None)
    assert api.post(f"/api/jobs/{job['id']}/retry").status == 200
    cloud.drain()
    assert (read(api, draft["id"])["status"], mail.calls) == ("draft", 1)  # who edits it decides when it goes
    assert sent(api, cloud, draft)[0]["status"] == "sent"


def test_an_answer_that_comes_after_the_job_was_taken_over_is_still_noted(
    api: ApiClient, cloud: Cloud, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_of(api, cloud)
    accepted = send(api, draft)
    first = event_of(cloud, taken_from(cloud))

    class Slow:
        """Takes so long that the job is taken over meanwhile."""

        def send(self, message: Any) -> str:
            expired = "update jobs set lease_expires_at = now() - interval '1 second' where id = cast(:id as uuid)"
            records.rows(database, expired, id=accepted.json["id"])
            run_default_jobs(first, delivery.context("run_default_jobs"))
            assert read(api, draft["id"])["status"] == "unconfirmed"
            return "late-1"

    monkeypatch.setattr(clients, "mail", Slow)
    run_default_jobs(first, delivery.context("run_default_jobs"))

    message = read(api, draft["id"])
    assert (message["status"], message["mail_id"], message["error_code"]) == ("sent", "late-1", None)


def test_a_sending_called_off_in_time_leaves_a_draft(api: ApiClient, cloud: Cloud, mail: FakeMail) -> None:
    draft = draft_of(api, cloud)
    job_id = send(api, draft).json["id"]

    assert api.post(f"/api/jobs/{job_id}/cancel").json["status"] == "cancelled"

    cloud.drain()
    assert (read(api, draft["id"])["status"], mail.calls) == ("draft", 0)
    assert sent(api, cloud, draft)[0]["status"] == "sent"


def test_a_sending_called_off_too_late_is_sent_all_the_same(
    api: ApiClient, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_of(api, cloud)
    job_id = send(api, draft).json["id"]

    class CalledOff:
        def send(self, message: Any) -> str:
            assert api.post(f"/api/jobs/{job_id}/cancel").status == 200
            return "gone-1"

    monkeypatch.setattr(clients, "mail", CalledOff)
    cloud.drain()

    assert api.get(f"/api/jobs/{job_id}").json["status"] == "cancelled"
    assert (read(api, draft["id"])["status"], read(api, draft["id"])["mail_id"]) == ("sent", "gone-1")


def test_a_candidate_without_an_address_gets_a_draft_and_no_mail(api: ApiClient, cloud: Cloud) -> None:
    draft = draft_of(api, cloud, application_of(api, email=None))
    refused = send(api, draft)
    assert (refused.status, refused.code) == (409, "no_email")

    assert api.patch(f"/api/candidates/{draft['candidate_id']}", {"email": EMAIL}).status == 200

    assert sent(api, cloud, draft)[0]["status"] == "sent"


def test_an_address_that_mail_cannot_reach_is_refused(api: ApiClient, cloud: Cloud) -> None:
    draft = draft_of(api, cloud, application_of(api, email="grace.höpper@navy.example"))
    assert (send(api, draft).status, send(api, draft).code) == (409, "bad_address")


def test_without_an_address_to_send_from_nothing_is_sent(
    api: ApiClient, cloud: Cloud, configure: Callable[..., None]
) -> None:
    draft = draft_of(api, cloud)
    configure(environment="dev", token_secret_arn="arn:aws:secretsmanager:eu-central-1:1:secret:x", scanner="clamd")
    from chalicelib.auth.keys import CURRENT, key_ring
    from chalicelib.settings import settings

    assert settings().sender_address is None
    key_ring.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        secret = {CURRENT: "a-secret-that-only-tests-know-0123456789"}
        patch.setattr(clients, "secret_version", lambda _arn, stage: secret.get(stage))
        assert (send(api, draft).status, send(api, draft).code) == (409, "mail_sender_not_configured")


def test_a_rejection_of_who_is_not_rejected_needs_a_word(api: ApiClient, cloud: Cloud) -> None:
    application = application_of(api)
    early = draft_of(api, cloud, application, template="rejection")
    refused = send(api, early)
    assert (refused.code, refused.json["reasons"]) == ("confirmation_needed", ["not_rejected"])
    assert sent(api, cloud, early, {"confirm": True})[0]["status"] == "sent"

    later = draft_of(api, cloud, application, template="rejection")
    assert api.post(f"/api/applications/{application['id']}/reject", {"reason": "filled"}).status == 200
    assert sent(api, cloud, later)[0]["status"] == "sent"


def test_what_changed_since_the_draft_forbids_the_sending(api: ApiClient, cloud: Cloud) -> None:
    def drafted(number: int) -> Any:
        return draft_of(api, cloud, application_of(api, email=f"{number}@navy.example"))

    withdrawn, closed, deleted = (drafted(number) for number in range(3))
    assert api.post(f"/api/applications/{withdrawn['application_id']}/withdraw", {"reason": "x"}).status == 200
    assert api.patch(f"/api/positions/{closed['position_id']}", {"status": "closed"}).status == 200
    assert api.delete(f"/api/candidates/{deleted['candidate_id']}").status == 204

    refusals = [send(api, each, {"confirm": True}) for each in (withdrawn, closed, deleted)]

    assert [(each.status, each.code) for each in refusals] == [
        (409, "application_closed"),
        (409, "position_not_offered"),
        (409, "candidate_deleted"),
    ]


def test_what_changes_while_the_message_waits_forbids_the_sending(api: ApiClient, cloud: Cloud, mail: FakeMail) -> None:
    draft = draft_of(api, cloud)
    assert send(api, draft).status == 202
    assert api.post(f"/api/applications/{draft['application_id']}/withdraw", {"reason": "x"}).status == 200

    cloud.drain()

    message = read(api, draft["id"])
    assert (message["status"], message["error_code"], mail.calls) == ("failed", "application_closed", 0)


def test_an_application_made_after_the_draft_counts(api: ApiClient, cloud: Cloud) -> None:
    candidate, position = new_candidate(api, email=EMAIL), new_position(api)
    pair = {"candidate_id": candidate["id"], "position_id": position["id"]}
    draft = draft_of(api, cloud, {"id": None}, **pair)
    application = api.post("/api/applications", pair).json
    assert api.post(f"/api/applications/{application['id']}/withdraw", {"reason": "x"}).status == 200

    assert send(api, draft).code == "application_closed"


@pytest.mark.parametrize("body", [{"confirm": "perhaps"}, {"confirm": None}, {"force": True}])
def test_a_confirmation_is_a_plain_yes_or_no(api: ApiClient, cloud: Cloud, body: Any) -> None:
    refused = send(api, draft_of(api, cloud), body)
    assert (refused.status, refused.wrong_fields) == (422, set(body))
