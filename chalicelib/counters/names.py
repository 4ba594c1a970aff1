"""What is counted, by the names of the contract, and the bounds of the histograms in seconds."""

from __future__ import annotations

from typing import Final

HTTP_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
JOB_BOUNDS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
# Without the suffix that the text format adds: help, and what the labels are called.
COUNTERS: Final = {
    "jobs_enqueued": ("Jobs asked for.", ("kind", "priority")),
    "jobs_completed": ("Jobs that succeeded.", ("kind",)),
    "jobs_failed": ("Jobs that failed and are not tried again.", ("kind",)),
    "candidates_created": ("Candidates entered, by hand, import or résumé.", ()),
    "documents_scanned": ("Documents that got a verdict.", ("verdict",)),
}
HTTP_LABELS: Final = ("method", "route", "status")
HTTP_HELP: Final = "Answers to calls that count against a rate limit."
