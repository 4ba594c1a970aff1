"""Scan queue: S3 notifications become scans, and each scan gives one file its verdict."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.documents import scanning, uploads
from chalicelib.handlers import Event, event_handler
from chalicelib.jobs.consume import BatchAnswer, consume

functions = Blueprint(__name__)


@functions.on_sqs_message(queue="recruitpro-scan", batch_size=5, name="scan_document")
@event_handler
def scan_document(event: Event) -> BatchAnswer:
    return consume(event, scanning.WORK, uploads.messages_of)
