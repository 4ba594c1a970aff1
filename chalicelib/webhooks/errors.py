"""What can go wrong with webhooks."""

from __future__ import annotations

from chalicelib.errors import Conflict, NotFound


class WebhookNotFound(NotFound):
    """No such webhook in this organization."""

    code = "webhook_not_found"


class DeliveryNotFound(NotFound):
    """No such delivery of this webhook."""

    code = "delivery_not_found"


class TooManyWebhooks(Conflict):
    """Each event costs a delivery for each webhook, so there are only so many."""

    code = "too_many_webhooks"


class WebhookDisabled(Conflict):
    """Nothing is sent to a webhook that is not active."""

    code = "webhook_disabled"


class WebhooksOff(Conflict):
    """This installation sends nothing out: it has no way to the internet."""

    code = "webhooks_off"

    def __init__(self) -> None:
        super().__init__("this installation delivers no webhooks; whoever runs it can switch them on")


class DeliveryPending(Conflict):
    """The delivery has not come to its end."""

    code = "delivery_pending"
