"""From a position description to draft positions; the same text always gives the same drafts.

`read_positions` uses no clock, locale or network. What the document does not state is None, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.descriptions.drafts import DraftPosition, DraftRequirement, EmploymentType
from chalicelib.descriptions.employment import employment_in
from chalicelib.descriptions.labels import Label, Labels, is_labelled, read_labels
from chalicelib.descriptions.money import Salary, salary_in
from chalicelib.descriptions.numbers import MOST_PEOPLE, MOST_YEARS, count_in, openings_in, times_in, years_in
from chalicelib.descriptions.outline import LONGEST_HEADING, Block, outline, passages, shown, widest
from chalicelib.descriptions.places import country_at, place_among
from chalicelib.descriptions.requirements import read_requirements, read_responsibilities
from chalicelib.descriptions.titles import is_title_line, labelled_title, top_title, wanted_title
from chalicelib.descriptions.topics import Topic, topic_named
from chalicelib.resumes.fields import Found
from chalicelib.resumes.sections import Line, letters, read_lines
from chalicelib.resumes.text import DocumentText
from chalicelib.screening.verdicts import RequirementKind

MOST_POSITIONS = 100
LONGEST_DESCRIPTION, SHORTEST_DESCRIPTION_WORDS = 2_000, 8
LONGEST_DEPARTMENT = 80
_CORE = (Topic.TASKS, Topic.MUST)
_TITLED = re.compile(r"^[^:\n]{1,40}:")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The part of a document that describes one position."""

    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    labels: Labels
    width: int

    @property
    def start(self) -> int:
        return self.lines[0].start

    def blocks_about(self, *topics: Topic) -> Iterator[Block]:
        return (block for block in self.blocks if block.topic in topics)


def read_positions(text: DocumentText) -> tuple[DraftPosition, ...]:
    """The positions that the document describes, in order; none when it asks for nobody.

    Of several positions in one document, those without a place or department of their own have the one stated above
    them all. Raises for no text, whatever it holds.
    """
    lines = read_lines(text) if text.pages else []
    width = widest(lines)
    stretches = [_stretch(text, part, width) for part in _parted(text, lines) if part][:MOST_POSITIONS]
    drafts = [_draft(text, stretch) for stretch in stretches]
    if len(drafts) > 1:
        shared = read_labels(text, _above(lines, drafts[0]))
        drafts = [_with_shared(draft, shared) for draft in drafts]
    return tuple(draft for draft in drafts if draft.requirements or draft.responsibilities or draft.title)


def _stretch(text: DocumentText, lines: Sequence[Line], width: int) -> _Stretch:
    blocks = tuple(outline(lines, width))
    free = [line for line in lines if not line.has_bullet]
    bulleted = [
        line
        for block in blocks
        if block.topic not in (*_CORE, Topic.NICE, Topic.OFFER)
        for line in block.lines
        if line.has_bullet
    ]
    return _Stretch(tuple(lines), blocks, read_labels(text, sorted((*free, *bulleted), key=lambda x: x.start)), width)


def _parted(text: DocumentText, lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """The lines of each position: a title starts a new one when the headings of the last come again after it."""
    following = _next_headings(lines)
    start, had = 0, set[str]()
    for at, line in enumerate(lines):
        if heading := _core_heading(line):
            had.add(heading)
        elif following[at] in had and _core_heading(lines[at - 1]) is None and _opens_position(text, line):
            yield lines[start:at]
            start, had = at, set()
    yield lines[start:]


def _core_heading(line: Line) -> str | None:
    """A heading about tasks or requirements by its letters, so that it is known again."""
    if line.has_bullet or len(line.words) > LONGEST_HEADING or topic_named(line.words) not in _CORE:
        return None
    return letters(line.words)


def _next_headings(lines: Sequence[Line]) -> list[str | None]:
    """For each line, the next heading about tasks or requirements at or after it."""
    following: list[str | None] = []
    upcoming: str | None = None
    for line in reversed(lines):
        upcoming = _core_heading(line) or upcoming
        following.append(upcoming)
    return following[::-1]


def _opens_position(text: DocumentText, line: Line) -> bool:
    if _TITLED.match(line.words):
        return labelled_title(text, read_labels(text, [line])[Label.TITLE]) is not None or is_title_line(line)
    return is_title_line(line)


def _above(lines: Sequence[Line], first: DraftPosition) -> list[Line]:
    """The lines before the first position's title."""
    return [line for line in lines if first.title is not None and line.end <= first.title.start]


def _with_shared(draft: DraftPosition, shared: Labels) -> DraftPosition:
    location = draft.location or next(iter(shared[Label.LOCATION]), None)
    return replace(draft, location=location, department=draft.department or _department(shared))


def _draft(text: DocumentText, stretch: _Stretch) -> DraftPosition:
    requirements = read_requirements(text, stretch.blocks, stretch.width)
    location = next(iter(stretch.labels[Label.LOCATION]), None) or _location(text, stretch)
    salary = _salary(text, stretch, country_at(location))
    title = _title(text, stretch)
    return DraftPosition(
        title=title,
        department=_department(stretch.labels),
        location=location,
        experience_years_min=_years(text, stretch, requirements),
        employment_type=_employment(text, stretch),
        openings=_openings(text, stretch, title),
        salary_min=salary.low if salary else None,
        salary_max=salary.high if salary else None,
        currency=salary.currency if salary else None,
        salary_period=salary.period if salary else None,
        description=_description(text, stretch),
        responsibilities=read_responsibilities(text, stretch.blocks, stretch.width),
        requirements=requirements,
    )


def _title(text: DocumentText, stretch: _Stretch) -> Found[str] | None:
    top = [line for block in stretch.blocks_about(Topic.OPENING) for line in block.lines]
    named = labelled_title(text, stretch.labels[Label.TITLE]) or top_title(text, top or stretch.lines)
    if named:
        return named
    spans = [(b.lines[0].start, b.lines[-1].end) for b in stretch.blocks_about(*_INTRODUCING) if b.lines]
    return next(filter(None, (wanted_title(text, start, end) for start, end in spans)), None)


_INTRODUCING = (Topic.OPENING, Topic.ROLE, Topic.COMPANY, Topic.OTHER)


def _department(labels: Labels) -> Found[str] | None:
    short = (value for value in labels[Label.DEPARTMENT] if len(value.value) <= LONGEST_DEPARTMENT)
    return next((value for value in short if not value.value.endswith(".") and not value.value[0].isdigit()), None)


def _location(text: DocumentText, stretch: _Stretch) -> Found[str] | None:
    top = [line for block in stretch.blocks_about(Topic.OPENING) for line in block.lines]
    prose = [line for block in stretch.blocks_about(*_INTRODUCING) for line in block.lines]
    return place_among(text, top or stretch.lines[:1], prose)


def _years(text: DocumentText, stretch: _Stretch, requirements: Iterable[DraftRequirement]) -> Found[int] | None:
    """The most years that a must asks for: who needs five in all and two in retail needs five."""
    labelled = (_labelled_years(text, value) for value in stretch.labels[Label.EXPERIENCE])
    musts = [each.text for each in requirements if each.kind is RequirementKind.MUST]
    asked = [years_in(text, must.start, must.end, is_asked=True) for must in musts]
    said = [years_in(text, line.start, line.end, is_asked=False) for line in _prose_lines(stretch)]
    return next(filter(None, labelled), None) or _most(asked) or next(filter(None, said), None)


def _labelled_years(text: DocumentText, value: Found[str]) -> Found[int] | None:
    """The years that a label like "Experience: 3-5 years" states."""
    stated = years_in(text, value.start, value.end, is_asked=True) or years_in(
        text, max(0, value.start - 40), value.end, is_asked=True
    )
    return stated or count_in(text, value, MOST_YEARS)


def _most(found: Iterable[Found[int] | None]) -> Found[int] | None:
    return max(filter(None, found), key=lambda each: each.value, default=None)


def _prose_lines(stretch: _Stretch) -> Iterator[Line]:
    return (line for block in stretch.blocks_about(Topic.OPENING, Topic.ROLE) for line in block.lines)


def _employment(text: DocumentText, stretch: _Stretch) -> Found[EmploymentType] | None:
    # "Jornada: completa" is told by its label and value together.
    labelled = (employment_in(text, max(0, value.start - 9), value.end) for value in stretch.labels[Label.EMPLOYMENT])
    blocks = stretch.blocks_about(Topic.OPENING, Topic.ROLE, Topic.OFFER)
    said = (employment_in(text, block.lines[0].start, block.lines[-1].end) for block in blocks if block.lines)
    return next(filter(None, labelled), None) or next(filter(None, said), None)


def _openings(text: DocumentText, stretch: _Stretch, title: Found[str] | None) -> Found[int] | None:
    labelled = (count_in(text, value, MOST_PEOPLE) for value in stretch.labels[Label.OPENINGS])
    beside = [line for line in stretch.lines if title and line.start <= title.start < line.end]
    times = (times_in(text, line.start, line.end) or openings_in(text, line.start, line.end) for line in beside)
    said = (openings_in(text, line.start, line.end) for line in _prose_lines(stretch))
    return next(filter(None, (*labelled, *times, *said)), None)


def _salary(text: DocumentText, stretch: _Stretch, country: str | None) -> Salary | None:
    for value in stretch.labels[Label.SALARY]:
        if salary := salary_in(text, value.start, value.end, is_labelled=True, country=country):
            return salary
    others = (line for block in stretch.blocks if block.topic is not Topic.TASKS for line in block.lines)
    said = (salary_in(text, line.start, line.end, is_labelled=False, country=country) for line in others)
    return next(filter(None, said), None)


def _description(text: DocumentText, stretch: _Stretch) -> Found[str] | None:
    """The paragraph about the role, else the first of the opening, else what is said of the employer."""
    for topic in (Topic.ROLE, Topic.SUMMARY, Topic.OPENING, Topic.OTHER, Topic.COMPANY):
        for block in stretch.blocks_about(topic):
            for passage in passages(text, block.lines, stretch.width):
                words = text.text[passage.start : passage.end]
                if not passage.has_bullet and _reads_as_prose(words):
                    return shown(text, passage.start, passage.end, LONGEST_DESCRIPTION)
    return None


def _reads_as_prose(words: str) -> bool:
    """Whether it is a paragraph rather than a labelled value or a line of places and dates."""
    count, ends = len(words.split()), words.rstrip()[-1:] in ".!?…)"
    is_label = is_labelled(Line(words[:300], 0, len(words), False, False))
    return count >= SHORTEST_DESCRIPTION_WORDS and (ends or count >= 2 * SHORTEST_DESCRIPTION_WORDS) and not is_label
