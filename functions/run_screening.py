"""High queue: one application's rating."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.handlers import Event, event_handler
from chalicelib.jobs.consume import BatchAnswer, consume
from chalicelib.jobs.models import QueueName
from chalicelib.jobs.registry import WorkOf

functions = Blueprint(__name__)


@functions.on_sqs_message(queue="recruitpro-high", batch_size=5, name="run_screening")
@event_handler
def run_screening(event: Event) -> BatchAnswer:
    return consume(event, WorkOf(QueueName.HIGH))
