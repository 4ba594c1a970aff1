"""Which kind of document a text is, with the passages that say so; unknown unless one kind is clearly ahead."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.descriptions.drafts import as_json
from chalicelib.descriptions.outline import LONGEST_HEADING
from chalicelib.descriptions.positions import read_positions
from chalicelib.descriptions.signs import SECTION_WEIGHTS, SIGNS, TOPIC_WEIGHTS, Kind
from chalicelib.descriptions.topics import topic_named
from chalicelib.resumes.dates import find_periods
from chalicelib.resumes.fields import Found
from chalicelib.resumes.sections import Line, read_lines, section_named
from chalicelib.resumes.text import DocumentText

DocumentKind = Literal["resume", "position_description", "project_brief", "unknown"]

# All in tenths of a point. A kind is named when it has LEAST points, leads every other by MARGIN, and has half as many
# again as the next: two strong signs and some weaker ones, with little that speaks for anything else.
LEAST, MARGIN, LEAD = 60, 30, 1.5
# So much for a second kind means two documents in one file, and neither is named.
RIVAL = 120
# With fewer signs than these, a position description must name the job.
SURELY_A_POSITION = 120
SURE_FROM, SUREST = 150, 0.99
# What a document is shows at its beginning; the rest of a very long one is not looked at.
MOST_CHARACTERS = 40_000
FEWEST_WORDS = 20
MOST_REASONS = 12
CONTACT_LINES = 12
PERIOD_WEIGHTS = {1: 20, 2: 40}
_CONTACT = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}|(?<!\d)\+?\(?\d[\d ()./-]{8,20}\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Classification:
    """A document's kind. `confidence` is 0 to 1 and 0 for unknown; `reasons` are the passages that speak for the kind,
    strongest first, or for unknown what little was found."""

    kind: DocumentKind
    confidence: float
    reasons: tuple[Found[str], ...]

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON values."""
        return {"kind": self.kind, "confidence": self.confidence, "reasons": as_json(self.reasons)}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sign that was seen, and the passage where."""

    kind: Kind
    weight: int
    start: int
    end: int


def classify(text: DocumentText) -> Classification:
    """What kind of document this is. Raises for no text, whatever it holds."""
    if len(text.text[:MOST_CHARACTERS].split(maxsplit=FEWEST_WORDS)) < FEWEST_WORDS or not text.pages:
        return Classification("unknown", 0.0, ())
    seen = list(_seen(text))
    points: defaultdict[Kind, int] = defaultdict(int)
    for each in seen:
        points[each.kind] += each.weight
    best, second = sorted(Kind, key=lambda kind: -points[kind])[:2]
    if best is Kind.OTHER or not _is_clear(points[best], points[second]):
        return Classification("unknown", 0.0, _reasons(text, [each for each in seen if each.kind is not Kind.OTHER]))
    if best is Kind.POSITION and points[best] < SURELY_A_POSITION and not _names_work(text):
        return Classification("unknown", 0.0, _reasons(text, [each for each in seen if each.kind is best]))
    share = points[best] / (points[best] + points[second])
    confidence = round(share * min(SUREST, 0.5 + points[best] / (2 * SURE_FROM)), 2)
    return Classification(_NAMES[best], confidence, _reasons(text, [each for each in seen if each.kind is best]))


_NAMES: dict[Kind, DocumentKind] = {
    Kind.RESUME: "resume",
    Kind.POSITION: "position_description",
    Kind.BRIEF: "project_brief",
}


def _names_work(text: DocumentText) -> bool:
    """Whether some job is named: "we are looking for a tenant" has requirements too."""
    return any(position.title for position in read_positions(text))


def _is_clear(best: int, second: int) -> bool:
    return best >= LEAST and second < RIVAL and best - second >= MARGIN and best >= LEAD * second


def _reasons(text: DocumentText, seen: Sequence[_Seen]) -> tuple[Found[str], ...]:
    strongest = sorted(seen, key=lambda each: (-each.weight, each.start))[:MOST_REASONS]
    quotes = (text.quote(each.start, each.end) for each in strongest)
    return tuple(Found(quote.quote, quote.page, quote.start, quote.end) for quote in quotes)


def _seen(text: DocumentText) -> Iterator[_Seen]:
    lines = [line for line in read_lines(text) if line.start < MOST_CHARACTERS]
    yield from _phrases(text)
    yield from _headings(lines)
    yield from _contact_block(lines)
    yield from _periods(text)


def _phrases(text: DocumentText) -> Iterator[_Seen]:
    for sign in SIGNS:
        if match := sign.phrase.search(text.text, 0, MOST_CHARACTERS):
            yield _Seen(sign.kind, sign.weight, match.start(), match.end())


def _headings(lines: Sequence[Line]) -> Iterator[_Seen]:
    """Each topic or résumé section once. A heading that both know ("Skills", "Experience") speaks for résumés only,
    and there weakly: it stands in many position descriptions."""
    named: set[str] = set()
    for line in lines:
        heading = line.words.rstrip(" :")
        if line.has_bullet or len(heading) > LONGEST_HEADING or line.words[0].islower():
            continue
        section, topic = section_named(heading), topic_named(heading)
        if section in SECTION_WEIGHTS and section not in named:
            named.add(section)
            yield _Seen(Kind.RESUME, SECTION_WEIGHTS[section], line.start, line.start + len(heading))
        elif section is None and topic in TOPIC_WEIGHTS and topic not in named:
            named.add(topic)
            yield _Seen(*TOPIC_WEIGHTS[topic], line.start, line.start + len(heading))


def _contact_block(lines: Sequence[Line]) -> Iterator[_Seen]:
    """An address or number among the first lines, as résumés (and letters) have it."""
    for line in lines[:CONTACT_LINES]:
        if len(line.words) <= 200 and (match := _CONTACT.search(line.words)):
            yield _Seen(Kind.RESUME, 15, line.start + match.start(), line.start + match.end())
            return


def _periods(text: DocumentText) -> Iterator[_Seen]:
    """Two spans of time, as jobs and studies have them; a lone one is weaker."""
    ranges = [period for period in find_periods(text.text[:MOST_CHARACTERS]) if period.is_range]
    for nth, period in enumerate(ranges[:2], start=1):
        yield _Seen(Kind.RESUME, PERIOD_WEIGHTS[nth] - PERIOD_WEIGHTS.get(nth - 1, 0), period.start, period.end)
