"""A résumé as the engine reads it: its passages, and which of them tell of which job."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib.resumes.text import DocumentText
from chalicelib.screening.durations import Span, span_of
from chalicelib.screening.passages import Passage, passages_of
from chalicelib.screening.rating import Brief, Employment


@dataclass(frozen=True, slots=True)
class Job:
    """One job: the time worked, None when the résumé does not tell, and the passages that speak of it."""

    span: Span | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Resume:
    """The passages that may count as evidence, in reading order, and the jobs they tell of, longest first."""

    passages: tuple[Passage, ...]
    jobs: tuple[Job, ...]

    @property
    def told_at_work(self) -> frozenset[int]:
        """Offsets of the passages that stand in a job."""
        return frozenset(passage.start for job in self.jobs for passage in job.passages)


def read(document: DocumentText, brief: Brief, barred: Sequence[tuple[int, int]]) -> Resume:
    """The résumé without the passages that touch a `barred` stretch: what gives orders is no evidence."""
    allowed = [
        each
        for each in passages_of(document)
        if not any(each.start < end and start < each.end for start, end in barred)
    ]
    jobs = [_job(employment, allowed, brief.as_of) for employment in brief.employment]
    longest_first = sorted(jobs, key=lambda job: -_length(job))
    return Resume(tuple(allowed), tuple(longest_first))


def _job(employment: Employment, passages: list[Passage], as_of: date) -> Job:
    first = bisect_left(passages, employment.span_start, key=lambda passage: passage.end - 1)
    last = bisect_left(passages, employment.span_end, key=lambda passage: passage.start)
    return Job(span_of(employment, as_of), tuple(passages[first:last]))


def _length(job: Job) -> int:
    return job.span.end - job.span.start if job.span else 0
