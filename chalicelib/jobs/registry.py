"""Where each kind of job is done, by name: jobs know no domain, and a function loads only what its messages ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from chalicelib.jobs.models import RULES, JobKind, QueueName
from chalicelib.jobs.running import Work

# Each module holds a table WORK: kind -> Work.
DONE_IN: Mapping[JobKind, str] = {
    JobKind.SCAN_DOCUMENT: "chalicelib.documents.scanning",
    JobKind.ANALYZE_DOCUMENT: "chalicelib.documents.analysis",
    JobKind.SCREEN_CANDIDATE: "chalicelib.screening.jobs",
    JobKind.GENERATE_OUTREACH: "chalicelib.outreach.jobs",
    JobKind.SEND_OUTREACH: "chalicelib.outreach.jobs",
    JobKind.SEND_NOTICE: "chalicelib.notices.jobs",
    JobKind.MARKET_RESEARCH: "chalicelib.market_research.jobs",
    JobKind.IMPORT_SALARY_DATA: "chalicelib.market_research.jobs",
    JobKind.BULK_IMPORT: "chalicelib.bulk_imports.jobs",
    JobKind.IMPORT_ROWS: "chalicelib.bulk_imports.jobs",
    JobKind.UNDO_IMPORT: "chalicelib.bulk_imports.jobs",
    JobKind.EXPORT_CANDIDATES: "chalicelib.bulk_imports.exports",
    JobKind.DELIVER_WEBHOOK: "chalicelib.webhooks.jobs",
    JobKind.ERASE_CANDIDATE: "chalicelib.privacy.jobs",
}


def work_of(kind: JobKind) -> Work:
    """How jobs of `kind` are done; KeyError for a kind that is done by its children alone."""
    table: Mapping[JobKind, Work] = import_module(DONE_IN[kind]).WORK
    return table[kind]


class WorkOf(Mapping[JobKind, Work]):
    """The work of one queue, each kind loaded when it is first asked for."""

    def __init__(self, queue: QueueName) -> None:
        self._kinds = [kind for kind in DONE_IN if RULES[kind].queue is queue]

    def __getitem__(self, kind: JobKind) -> Work:
        if kind not in self._kinds:
            raise KeyError(kind)
        return work_of(kind)

    def __iter__(self) -> Iterator[JobKind]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)
