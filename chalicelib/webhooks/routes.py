"""HTTP for webhooks. Who reads where events go, and who sends them elsewhere, are admins alone."""

from __future__ import annotations

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.webhooks import repository, service
from chalicelib.webhooks.errors import (
    DeliveryNotFound,
    DeliveryPending,
    TooManyWebhooks,
    WebhookDisabled,
    WebhookNotFound,
    WebhooksOff,
)
from chalicelib.webhooks.models import Delivery, Webhook
from chalicelib.webhooks.schemas import (
    DeliveryQuery,
    DeliveryView,
    NewWebhook,
    NewWebhookView,
    SecretView,
    WebhookChange,
    WebhookQuery,
    WebhookView,
)

routes = Routes(__name__, tag="webhooks")
ALL = "/api/webhooks"
ONE = "/api/webhooks/{webhook_id}"
FILTERS = ("status", "type")


@routes.serve("GET", ALL, access=Access.ADMIN, query=WebhookQuery, answer=Page[WebhookView])
def list_webhooks(call: Call[Nothing, WebhookQuery]) -> Page[WebhookView]:
    """Webhooks, newest first."""
    return page(
        call.session, repository.matching(call.organization_id), Order.by_id(Webhook.id), call.query, WebhookView
    )


@routes.serve(
    "POST",
    ALL,
    access=Access.ADMIN,
    body=NewWebhook,
    answer=NewWebhookView,
    status=201,
    keeps_answer=False,  # it holds a secret
    refusals=(TooManyWebhooks, WebhooksOff),
)
def add_webhook(call: Call[NewWebhook, Nothing]) -> Answer:
    """Have events sent to an address, signed as the Standard Webhooks specification says. The secret to check the
    signatures with is shown this once."""
    webhook, secret = service.add(
        call.session, call.organization_id, call.body.model_dump(), actor=call.actor, now=call.now
    )
    view = NewWebhookView(**WebhookView.model_validate(webhook).model_dump(), secret=secret)
    return created(view, f"{ALL}/{webhook.id}", version=webhook.version)


@routes.serve("GET", ONE, access=Access.ADMIN, answer=WebhookView, refusals=(WebhookNotFound,))
def get_webhook(call: Call[Nothing, Nothing]) -> Answer:
    """One webhook, and whether it works."""
    webhook = service.get(call.session, call.organization_id, call.ids["webhook_id"])
    return versioned(WebhookView.model_validate(webhook), webhook.version)


@routes.serve(
    "PATCH",
    ONE,
    access=Access.ADMIN,
    body=WebhookChange,
    answer=WebhookView,
    refusals=(WebhookNotFound, WebhooksOff),
)
def change_webhook(call: Call[WebhookChange, Nothing]) -> Answer:
    """Change a webhook, or switch it on and off."""
    webhook = service.get(call.session, call.organization_id, call.ids["webhook_id"], lock=True)
    call.check_fresh(webhook.version)
    service.change(call.session, webhook, call.body.given(), actor=call.actor, now=call.now)
    return versioned(WebhookView.model_validate(webhook), webhook.version)


@routes.serve("DELETE", ONE, access=Access.ADMIN, status=204, refusals=(WebhookNotFound,))
def delete_webhook(call: Call[Nothing, Nothing]) -> Answer:
    """Remove a webhook and its secret for good. What waited to be sent to it never is."""
    webhook = service.get(call.session, call.organization_id, call.ids["webhook_id"], lock=True)
    call.check_fresh(webhook.version)
    service.remove(call.session, webhook, actor=call.actor, now=call.now)
    return no_content()


@routes.serve(
    "POST",
    f"{ONE}/rotate-secret",
    access=Access.ADMIN,
    answer=SecretView,
    keeps_answer=False,  # it holds a secret
    refusals=(WebhookNotFound,),
)
def rotate_secret(call: Call[Nothing, Nothing]) -> Answer:
    """Give a webhook a new secret, shown this once. For a day requests carry signatures by both."""
    webhook = service.get(call.session, call.organization_id, call.ids["webhook_id"], lock=True)
    call.check_fresh(webhook.version)
    secret = service.change_secret(call.session, webhook, actor=call.actor, now=call.now)
    return Answer(SecretView(secret=secret, previous_secret_until=webhook.previous_secret_until))


@routes.serve(
    "GET",
    f"{ONE}/deliveries",
    access=Access.ADMIN,
    query=DeliveryQuery,
    answer=Page[DeliveryView],
    refusals=(WebhookNotFound,),
)
def list_deliveries(call: Call[Nothing, DeliveryQuery]) -> Page[DeliveryView]:
    """What was sent to a webhook, newest first, and how each attempt went."""
    webhook = service.get(call.session, call.organization_id, call.ids["webhook_id"])
    filters = {name: value for name in FILTERS if (value := getattr(call.query, name)) is not None}
    query = repository.deliveries(call.organization_id, webhook.id, filters)
    return page(call.session, query, Order.by_id(Delivery.id), call.query, DeliveryView)


@routes.serve(
    "POST",
    f"{ONE}/deliveries/{{delivery_id}}/replay",
    access=Access.ADMIN,
    answer=DeliveryView,
    status=202,
    refusals=(WebhookNotFound, DeliveryNotFound, WebhookDisabled, DeliveryPending, WebhooksOff),
)
def replay_delivery(call: Call[Nothing, Nothing]) -> Answer:
    """Send one event once more, with the `webhook-id` it had."""
    webhook = service.get(call.session, call.organization_id, call.ids["webhook_id"])
    delivery = service.replay(call.session, webhook, call.ids["delivery_id"], actor=call.actor, now=call.now)
    return Answer(DeliveryView.model_validate(delivery), status=202)
