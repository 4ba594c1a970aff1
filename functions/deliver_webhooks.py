"""Webhook queue: what happened is delivered to the addresses that organizations have named.

In AWS this function alone has a way to the internet (infra/templates/egress.yaml).
"""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.handlers import Event, event_handler
from chalicelib.jobs.consume import BatchAnswer, consume
from chalicelib.jobs.models import QueueName
from chalicelib.jobs.registry import WorkOf

functions = Blueprint(__name__)


@functions.on_sqs_message(queue="recruitpro-webhook", batch_size=5, name="deliver_webhooks")
@event_handler
def deliver_webhooks(event: Event) -> BatchAnswer:
    return consume(event, WorkOf(QueueName.WEBHOOK))
