"""A notice is sent at most once: under double delivery, crashes and lost answers; and its link is never in a queue."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import clients
from chalicelib.clock import utc_now
from chalicelib.jobs import relay
from chalicelib.mail import MailRefused, MailUnavailable, MailUnconfirmed
from functions.run_default_jobs import run_default_jobs
from infra.local import delivery
from tests import records
from tests.chalicelib.auth.accounts import new_email
from tests.chalicelib.outreach.drafts import FakeMail
from tests.chalicelib.users.people import accept, invite, mails_to, token_in
from tests.conftest import Tenant
from tests.factories import Json
from tests.house import Cloud, Database, settings_for


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> FakeMail:
    """A mail service that fails as it is told to."""
    fake = FakeMail()
    monkeypatch.setattr(clients, "mail", lambda: fake)
    return fake


def taken_from(cloud: Cloud) -> list[dict[str, Any]]:
    """The messages of the default queue; they stay taken."""
    return delivery.take_batch(cloud.client("sqs"), cloud.source("default"), wait_seconds=1)


def run(cloud: Cloud, messages: list[dict[str, Any]]) -> Any:
    event = delivery.sqs_event(messages, cloud.source("default"))
    return run_default_jobs(event, delivery.context("run_default_jobs"))


def status(tenant: Tenant, invited: Json) -> str:
    said: str = tenant.api.get(f"/api/invitations/{invited['id']}").json["mail_status"]
    return said


def job_of(tenant: Tenant) -> Json:
    [job] = tenant.api.get("/api/jobs").json["items"]
    return dict(job)


def events_of(database: Database, tenant: Tenant) -> list[str]:
    return [name for name in records.actions(database, tenant.id) if name.startswith("notice")]


def test_a_job_that_is_delivered_twice_sends_once(tenant: Tenant, cloud: Cloud, database: Database) -> None:
    invited = invite(tenant.api)
    messages = taken_from(cloud)

    for _ in range(2):
        assert run(cloud, messages) == {"batchItemFailures": []}

    [mail] = mails_to(cloud, invited["email"])
    assert status(tenant, invited) == "sent"
    assert events_of(database, tenant) == ["notice_handed_over", "notice_sent"]
    [job] = records.jobs_of(database, tenant.id)
    assert (set(job["payload"]), job["status"], set(job["result"])) == ({"notice_id"}, "succeeded", {"mail_id"})
    assert token_in(mail) not in json.dumps([messages, job], default=str)


@pytest.mark.parametrize("line", ["after the claim", "after the commit"])
def test_a_process_killed_after_the_mail_service_took_a_notice_sends_no_second_one(
    tenant: Tenant, cloud: Cloud, database: Database, line: str
) -> None:
    invited = invite(tenant.api)
    messages = taken_from(cloud)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.chalicelib.jobs.crashing", "functions.run_default_jobs", line],
        input=json.dumps(delivery.sqs_event(messages, cloud.source("default"))),
        env=dict(os.environ) | settings_for(database, cloud),
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    [mail] = mails_to(cloud, invited["email"])

    delivery.deliver(cloud.client("sqs"), cloud.source("default"), messages)
    relay.sweep(utc_now() + timedelta(seconds=370))
    cloud.drain()

    assert len(mails_to(cloud, invited["email"])) == 1
    assert status(tenant, invited) == ("sent" if line == "after the commit" else "unconfirmed")
    # Whoever got it can use it, whatever we know of it.
    assert accept(token_in(mail)).status == 201


def test_a_lost_answer_leaves_the_notice_unconfirmed_until_somebody_sends_another(
    tenant: Tenant, cloud: Cloud, mail: FakeMail, database: Database
) -> None:
    mail.script = [MailUnconfirmed("no answer")]
    invited = invite(tenant.api)
    cloud.drain()
    assert (status(tenant, invited), mail.calls) == ("unconfirmed", 1)
    assert tenant.api.post(f"/api/jobs/{job_of(tenant)['id']}/retry").status == 200
    cloud.drain()
    assert mail.calls == 1

    assert tenant.api.post(f"/api/invitations/{invited['id']}/resend").status == 200
    cloud.drain()

    assert (status(tenant, invited), mail.calls, len(mail.taken)) == ("sent", 2, 1)


def test_a_throttled_notice_is_tried_again_with_a_link_that_works(
    tenant: Tenant, cloud: Cloud, mail: FakeMail, database: Database
) -> None:
    mail.script = [MailUnavailable("too many"), MailUnavailable("too many")]
    invited = invite(tenant.api)

    cloud.drain()

    assert (status(tenant, invited), mail.calls, len(mail.taken)) == ("sent", 3, 1)
    assert events_of(database, tenant)[-3:] == ["notice_taken_back", "notice_handed_over", "notice_sent"]
    assert accept(token_in(mail.taken[0])).status == 201


def test_a_refused_notice_fails_and_says_so(tenant: Tenant, cloud: Cloud, mail: FakeMail, database: Database) -> None:
    mail.script = [MailRefused("the mail service does not take this message (MessageRejected)")]
    invited = invite(tenant.api)

    cloud.drain()

    assert (status(tenant, invited), mail.calls) == ("failed", 1)
    assert (job_of(tenant)["status"], job_of(tenant)["error"]["code"]) == ("failed", "mail_refused")


def test_what_was_revoked_or_has_expired_before_it_left_is_not_sent(
    tenant: Tenant, cloud: Cloud, mail: FakeMail, database: Database
) -> None:
    revoked, expired, anew = (invite(tenant.api, new_email()) for _ in range(3))
    tenant.api.delete(f"/api/invitations/{revoked['id']}")
    past = "update invitations set expires_at = now() where id = cast(:id as uuid)"
    records.rows(database, past, id=expired["id"])
    tenant.api.post(f"/api/invitations/{anew['id']}/resend")

    cloud.drain()

    assert [message["To"].addresses[0].addr_spec for message in mail.taken] == [anew["email"]]
    codes = sorted(job["error"]["code"] for job in tenant.api.get("/api/jobs", status="failed").json["items"])
    assert codes == ["notice_obsolete"] * 3
    assert tenant.api.post(f"/api/jobs/{job_of_kind(tenant)}/cancel").code in {"job_ended", "job_not_cancellable"}


def job_of_kind(tenant: Tenant) -> str:
    job_id: str = tenant.api.get("/api/jobs", kind="send_notice").json["items"][0]["id"]
    return job_id
