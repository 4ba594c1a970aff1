"""Messages for tests, made through the API, and mail services that fail as the real one can."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

from chalicelib.mail_form import OUTREACH_HEADER
from tests.api import ApiClient, Reply
from tests.factories import Json, new_application, new_candidate, new_position
from tests.house import Cloud

EMAIL = "grace@navy.example"


def application_of(api: ApiClient, **candidate: object) -> Json:
    """Grace Hopper, with an address, put forward for a position."""
    return new_application(api, new_candidate(api, **{"email": EMAIL, **candidate}), new_position(api))


def asked(api: ApiClient, application: Json | None = None, template: str = "standard", **values: object) -> Reply:
    """The answer to the wish for a message about an application."""
    about = {"application_id": application["id"]} if application else {}
    return api.post("/api/outreach", {**about, "template": template, **values})


def draft_of(api: ApiClient, cloud: Cloud, application: Json | None = None, **values: Any) -> Json:
    """A written message; about an application of its own when none is given."""
    accepted = asked(api, application or application_of(api), **values)
    assert accepted.status == 202, accepted
    cloud.drain()
    job = api.get(accepted.headers["location"]).json
    assert job["status"] == "succeeded", job
    return read(api, job["result"]["outreach_id"])


def read(api: ApiClient, outreach_id: str) -> Json:
    message: Json = api.get(f"/api/outreach/{outreach_id}").json
    return message


def send(api: ApiClient, message: Json, body: object = None) -> Reply:
    return api.post(f"/api/outreach/{message['id']}/send", body)


def mails_of(cloud: Cloud, message: Json) -> list[EmailMessage]:
    """What the mail service took of a message."""
    mails = [
        message_from_string(mail["raw_data"], _class=EmailMessage, policy=policy.default) for mail in cloud.mails()
    ]
    return [mail for mail in mails if mail[OUTREACH_HEADER] == message["id"]]


@dataclass(slots=True)
class FakeMail:
    """A mail service that does as `script` says, call by call (an error is raised), and takes every message after."""

    script: list[Exception | str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    calls: int = 0

    def send(self, message: EmailMessage) -> str:
        self.calls += 1
        told = self.script.pop(0) if self.script else "taken"
        if isinstance(told, Exception):
            raise told
        self.taken.append(message)
        return f"mail-{self.calls}"
