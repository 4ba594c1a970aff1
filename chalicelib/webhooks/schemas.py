"""Bodies and answers of webhooks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from chalicelib.errors import Invalid
from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, NotNull, UtcTime, View
from chalicelib.outbound.policy import Policy
from chalicelib.outbound.urls import LONGEST_URL, parse
from chalicelib.settings import settings
from chalicelib.webhooks.models import EVERYTHING, DeliveryStatus, DisabledCode


def _allowed(text: str) -> str:
    try:
        Policy.of(settings()).check(parse(text))
    except Invalid as refusal:
        raise ValueError(refusal.detail) from None
    return text


def _plain(names: list[str]) -> list[str]:
    if EVERYTHING in names and len(names) > 1:
        raise ValueError('"*" stands alone')
    return list(dict.fromkeys(names))


Url = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL), AfterValidator(_allowed)]
Action = Annotated[str, StringConstraints(max_length=64, pattern=r"^(\*|[a-z]+(_[a-z]+)*)$")]
Events = Annotated[list[Action], Field(min_length=1, max_length=100), AfterValidator(_plain)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class NewWebhook(Body):
    """`events` are actions as `GET /api/events` names them (`application_moved`), or `["*"]` for all of them. `url` is
    https, to a host on the public internet."""

    url: Url
    events: Events
    description: Description | None = None
    is_active: bool = True


class WebhookChange(NotNull):
    """Only what is given changes. `is_active: true` takes up again what was disabled."""

    never_null = ("url", "events", "is_active")

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    is_active: bool | None = None


class WebhookQuery(PageQuery):
    """All of them."""


class DeliveryQuery(PageQuery):
    status: DeliveryStatus | None = None
    type: Action | None = None


class WebhookView(View):
    """`failing_since`: nothing was accepted since then. `disabled_code` says why we stopped: `gone` (the receiver
    answered 410), `failing` (five days without success); null when a person did."""

    id: UUID
    url: str
    events: list[str]
    description: str | None
    is_active: bool
    failing_since: UtcTime | None
    disabled_at: UtcTime | None
    disabled_code: DisabledCode | None
    previous_secret_until: UtcTime | None
    created_by: UUID | None
    created_at: UtcTime
    updated_at: UtcTime


class SecretView(BaseModel):
    """The signing secret, shown this once. The one before it signs as well until `previous_secret_until`."""

    secret: str
    previous_secret_until: UtcTime | None


class NewWebhookView(WebhookView):
    """`secret` is shown this once: keep it to check signatures with."""

    secret: str


class AttemptView(BaseModel):
    """One request: how long it took, what was answered, and why that did not do."""

    at: UtcTime
    duration_ms: int
    status: int | None
    error_code: str | None


class DeliveryView(View):
    """One event for one webhook. `event_id` is the `webhook-id` of every attempt; `next_attempt_at` is null while one
    is under way. `history` holds the last 32 attempts."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    type: str
    status: DeliveryStatus
    attempts: int
    next_attempt_at: UtcTime | None
    last_attempt_at: UtcTime | None
    response_status: int | None
    error_code: str | None
    duration_ms: int | None
    history: list[AttemptView]
    created_at: UtcTime
    finished_at: UtcTime | None
