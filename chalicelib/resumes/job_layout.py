"""How a section about jobs is laid out: which of its lines head a job, which describe it.

Where the first date stands shows how the candidate writes a job: so many heading lines above the dates, or none and the
heading after them. The other jobs of the section are read the same way.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from chalicelib.resumes.dates import Period, find_periods
from chalicelib.resumes.job_headings import TRIM, is_place, names_employer, pieces_of
from chalicelib.resumes.sections import Line
from chalicelib.resumes.words import names_organization

MOST_JOBS = 100
LONGEST_HEADER = 130
MOST_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Anchor:
    """A line with a job's dates."""

    at: int
    period: Period


@dataclass(frozen=True, slots=True)
class Job:
    """A job's lines by their numbers: heading lines in order, then the description up to `until`."""

    anchor: Anchor
    above: tuple[int, ...]
    below: tuple[int, ...]
    until: int


def lay_out(text: str, lines: tuple[Line, ...]) -> list[Job]:
    """Which lines of a section make up which job."""
    anchors = _anchors(text, lines)[: MOST_JOBS + 1]
    depth = _depth(lines, anchors)
    above = [_above(lines, anchors, nth, depth) for nth in range(len(anchors))]
    jobs = []
    for nth, anchor in enumerate(anchors):
        until = min((*above[nth + 1], anchors[nth + 1].at)) if nth + 1 < len(anchors) else len(lines)
        jobs.append(Job(anchor, above[nth], _below(lines, anchor, above[nth], until), until))
    return jobs[:MOST_JOBS]


def _anchors(text: str, lines: tuple[Line, ...]) -> list[Anchor]:
    """The lines that date a job; lines with bullets only when no other line does."""
    periods = find_periods(text, lines[0].start, lines[-1].end)
    starts = [line.start for line in lines]
    placed = [Anchor(bisect_right(starts, period.start) - 1, period) for period in periods]
    dated = [anchor for anchor in placed if _dates_a_job(lines[anchor.at], anchor.period)]
    plain = [anchor for anchor in dated if not lines[anchor.at].has_bullet]
    by_line: dict[int, Anchor] = {}
    for anchor in plain or dated:
        by_line.setdefault(anchor.at, anchor)
    return list(by_line.values())


def _dates_a_job(line: Line, period: Period) -> bool:
    """Whether a date stands as a job's, at an edge of a short line, and not within a sentence."""
    before = line.words[: max(0, period.start - line.start)].strip(TRIM)
    after = line.words[max(0, period.end - line.start) :].strip(TRIM) if period.end < line.end else ""
    if period.is_range:
        return (
            min(len(before), len(after)) <= 60
            and len(before) + len(after) <= LONGEST_HEADER
            and not (_is_sentence(before) and len(before) > 80)
        )
    # A lone date dates a job when it has the line to itself or ends it in a column or brackets of its own.
    gap = line.words[: max(0, period.start - line.start)][-3:]
    return not after and not line.has_bullet and (not before or gap.endswith(("(", "|", "\t", "  ")))


def _depth(lines: tuple[Line, ...], anchors: list[Anchor]) -> int:
    """How many heading lines stand above the dates: what stands above the section's first dates, at most three."""
    first = anchors[0].at if anchors else 0
    count = 0
    while count < min(first, MOST_ABOVE) and _is_header(lines[first - 1 - count]):
        count += 1
    return count


def _above(lines: tuple[Line, ...], anchors: list[Anchor], nth: int, depth: int) -> tuple[int, ...]:
    """The heading lines above a job's dates, none of which belong to the job before."""
    floor = anchors[nth - 1].at if nth else -1
    at = anchors[nth].at
    if depth == 0 and nth and _heads_a_block(lines, at, floor):
        return (at - 1,)
    taken: list[int] = []
    while len(taken) < depth and at - 1 > floor and _is_header(lines[at - 1]):
        at -= 1
        taken.insert(0, at)
        if lines[at].after_blank and nth:
            break
    return tuple(taken)


def _heads_a_block(lines: tuple[Line, ...], at: int, floor: int) -> bool:
    """Whether the line above the dates opens a paragraph with them, though other jobs have nothing above."""
    above = lines[at - 1]
    return at - 1 > floor and above.after_blank and not lines[at].after_blank and _is_header(above)


def _below(lines: tuple[Line, ...], anchor: Anchor, above: tuple[int, ...], until: int) -> tuple[int, ...]:
    """Heading lines under the dates, as far as the lines above and beside them do not say who and what already."""
    held = [lines[at].words for at in above] + [piece for piece, _ in beside_dates(lines[anchor.at], anchor.period)]
    taken: list[int] = []
    at = anchor.at + 1 + (lines[anchor.at].end < anchor.period.end)  # the period may go on in the next line
    while len(taken) < 2 and at < until and _is_header(lines[at]) and _still_heads(held, lines[at].words):
        if taken and lines[at].after_blank:
            break
        taken.append(at)
        held.append(lines[at].words)
        at += 1
    return tuple(taken)


def _still_heads(held: list[str], following: str) -> bool:
    """Whether the line after `held` still belongs to the heading: it says what is missing, or it is a place alone."""
    if not _says_enough(held, following):
        return True
    pieces = (piece.words for words in held for piece in pieces_of(words, 0, 0))
    return is_place(following) and not any(is_place(piece) for piece in pieces)


def _says_enough(held: list[str], following: str) -> bool:
    """Whether title and employer are there; a department beside the title is no employer when one follows."""
    pieces = [piece.words for words in held for piece in pieces_of(words, 0, 0) if not is_place(piece.words)]
    if len(pieces) < 2:
        return False
    return any(names_organization(piece) for piece in pieces) or len(held) > 1 or not names_employer(following)


def _is_header(line: Line) -> bool:
    words = line.words
    if line.has_bullet or len(words) > LONGEST_HEADER or words[0].islower():
        return False
    ends_sentence = words.endswith((".", ";", ":")) and not names_organization(words.split()[-1])
    return not ends_sentence and not _is_sentence(words)


def _is_sentence(words: str) -> bool:
    """Prose: many words of which most are in lower case."""
    tokens = words.split()
    return len(tokens) > 8 and sum(token[0].islower() for token in tokens) > len(tokens) * 0.55


def beside_dates(line: Line, period: Period) -> list[tuple[str, int]]:
    """What stands on the line of the dates, without them."""
    sides = [(line.start, min(period.start, line.end)), (min(period.end, line.end), line.end)]
    rests = []
    for start, end in sides:
        raw = line.words[start - line.start : end - line.start]
        kept = raw.strip(TRIM).lstrip(")] ").rstrip("([ ").strip(TRIM)
        if len(kept) > 1 and any(c.isalpha() for c in kept):
            rests.append((kept, start + raw.index(kept)))
    return rests
