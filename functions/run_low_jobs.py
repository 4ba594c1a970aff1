"""Low queue: bulk imports, exports, market research, erasures."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.handlers import Event, event_handler
from chalicelib.jobs.consume import BatchAnswer, consume, staying_in
from chalicelib.jobs.models import QueueName
from chalicelib.jobs.registry import WorkOf

functions = Blueprint(__name__)


@functions.on_sqs_message(queue="recruitpro-low", batch_size=5, name="run_low_jobs")
@event_handler
def run_low_jobs(event: Event) -> BatchAnswer:
    return consume(event, WorkOf(QueueName.LOW), staying_in(QueueName.LOW))
