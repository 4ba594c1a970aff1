"""The jobs of a résumé. Dates anchor them: a job without any is not read, since where it begins and ends is a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.resumes.dates import Moment, YearMonth
from chalicelib.resumes.fields import Experience, Found, found
from chalicelib.resumes.job_headings import TRIM, Heading, Piece, looks_like_town, pieces_of, read_heading
from chalicelib.resumes.job_layout import MOST_JOBS, Job, beside_dates, lay_out
from chalicelib.resumes.sections import Line, Part, Section
from chalicelib.resumes.text import DocumentText


def read_experience(text: DocumentText, parts: Sequence[Part]) -> tuple[Experience, ...]:
    """Every dated job of the sections about experience, in the document's order."""
    jobs: list[Experience] = []
    for part in parts:
        if part.section is Section.EXPERIENCE and part.lines:
            jobs.extend(_jobs_of(text, part.lines))
    return tuple(jobs[:MOST_JOBS])


def _jobs_of(text: DocumentText, lines: tuple[Line, ...]) -> list[Experience]:
    jobs = lay_out(text.text, lines)
    headings = [read_heading(_pieces(lines, job)) for job in jobs]
    headings = [_with_employer_above(headings, jobs, nth) for nth in range(len(jobs))]
    if any(_place_follows_employer(heading) for heading in headings):
        headings = [_with_town(heading) for heading in headings]
    return [_read(text, lines, job, heading) for job, heading in zip(jobs, headings, strict=True)]


def _read(text: DocumentText, lines: tuple[Line, ...], job: Job, heading: Heading) -> Experience:
    period, first = job.anchor.period, lines[min((*job.above, job.anchor.at))]
    last = max((*job.below, job.anchor.at + (lines[job.anchor.at].end < period.end)))
    described = lines[last + 1 : job.until]
    return Experience(
        title=_found(text, heading.title),
        organization=_found(text, heading.organization),
        location=_found(text, heading.location),
        started=_moment(text, period.began),
        ended=_moment(text, period.ended),
        is_current=period.is_current,
        description=_description(text, described),
        page=text.page_number_at(first.start),
        start=first.start,
        end=max(period.end, lines[min(max(last, job.until - 1), len(lines) - 1)].end),
    )


def _pieces(lines: tuple[Line, ...], job: Job) -> list[Piece]:
    """The heading's parts in reading order."""
    raw: list[tuple[str, int, int]] = [(lines[at].words, lines[at].start, at) for at in job.above]
    raw += [(words, start, job.anchor.at) for words, start in beside_dates(lines[job.anchor.at], job.anchor.period)]
    raw += [(lines[at].words, lines[at].start, at) for at in job.below]
    return [piece for words, start, at in raw for piece in pieces_of(words, start, at)]


def _found(text: DocumentText, piece: Piece | None) -> Found[str] | None:
    if piece is None:
        return None
    bare = piece.words.strip(TRIM)
    bare = bare[1:-1] if bare.startswith("(") and bare.endswith(")") else bare
    if not bare.strip():
        return None
    start = piece.start + piece.words.index(bare)
    return found(text, " ".join(bare.split()), start, start + len(bare))


def _moment(text: DocumentText, moment: Moment | None) -> Found[YearMonth] | None:
    if moment is None or moment.value is None:
        return None
    return found(text, moment.value, moment.start, moment.end)


def _description(text: DocumentText, lines: Sequence[Line]) -> Found[str] | None:
    if not lines:
        return None
    return found(text, "\n".join(" ".join(line.words.split()) for line in lines), lines[0].start, lines[-1].end)


def _with_employer_above(headings: list[Heading], jobs: list[Job], nth: int) -> Heading:
    """A second position under one employer's heading carries that employer, whose name stands above the first."""
    heading, first = headings[nth], nth
    while first and not jobs[first].above and not headings[first].organization:
        first -= 1
    employer = headings[first].organization
    stands_above = employer is not None and (employer.line < jobs[first].anchor.at or headings[first].title is None)
    if first == nth or heading.title is None or not stands_above:
        return heading
    return replace(heading, organization=employer, location=heading.location or headings[first].location)


def _place_follows_employer(heading: Heading) -> bool:
    organization, location = heading.organization, heading.location
    return bool(organization and location and location.line == organization.line
                and 0 < location.start - organization.end <= 3)  # fmt: skip


def _with_town(heading: Heading) -> Heading:
    """The heading with an unknown town after the employer, where other jobs of the section name a known place."""
    town = heading.after_employer
    if heading.location or town is None or not looks_like_town(town):
        return heading
    return replace(heading, location=town)
