"""Default queue: a clean résumé becomes text, profile and candidate."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.documents import analysis
from chalicelib.handlers import Event, event_handler
from chalicelib.jobs.consume import BatchAnswer, consume

functions = Blueprint(__name__)


@functions.on_sqs_message(queue="recruitpro-default", batch_size=5, name="analyze_document")
@event_handler
def analyze_document(event: Event) -> BatchAnswer:
    return consume(event, analysis.WORK)
