"""From a project brief to project fields; the same text always gives the same fields.

`read_brief` uses no clock, locale or network. What the document does not state is None, never guessed or added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from chalicelib.descriptions.drafts import BriefFields
from chalicelib.descriptions.labels import Label, Labels, is_labelled, read_labels
from chalicelib.descriptions.numbers import MOST_PEOPLE, count_in, hires_in
from chalicelib.descriptions.outline import Block, outline, passages, shown, widest
from chalicelib.descriptions.titles import reads_as_role
from chalicelib.descriptions.topics import Topic, topic_named
from chalicelib.resumes.dates import Period, YearMonth, find_periods
from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.sections import Line, read_lines
from chalicelib.resumes.text import DocumentText

LONGEST_NAME, LONGEST_SUMMARY, SHORTEST_SUMMARY_WORDS = 200, 4_000, 6
MOST_ROLES, LONGEST_ROLE = 50, 120
_TITLE = re.compile(
    r"(?:(?:client |hiring |staffing |recruit(?:ment|ing) |engagement |talent )?(?:project )?brief(?:ing)?|"
    r"projektbrief|projektsteckbrief|"
    r"projektauftrag|brief (?:de |du )?projet|note de cadrage|fiche projet|brief (?:de|del) proyecto|"
    r"ficha (?:de|del) proyecto|briefing de proyecto|project charter)(?!\w)[ ]{0,3}(?:[:–—|-][ ]{0,3})?",
    re.IGNORECASE,
)
_PRIORITIES = {
    "urgent": r"urgent|dringend|urgente|critical|kritisch|critique|crítica|highest|very high|sehr hoch|très haute",
    "high": r"high|hoch|haute|élevée|alta|p1",
    "medium": r"medium|normal|mittel|moyenne|media|moderate",
    "low": r"low|niedrig|gering|basse|faible|baja",
}
_PRIORITY = re.compile("|".join(rf"(?P<{name}>\b(?:{words})\b)" for name, words in _PRIORITIES.items()), re.IGNORECASE)
_COUNT_BEFORE = re.compile(r"(?:\(?\d{1,4}\)?[ ]?[x×]?[ ])(?=[^\W\d_])|[x×]\d{1,4}[ ]", re.IGNORECASE)
_ROLE_END = re.compile(r"[ ]?(?:\(|[:|\t;]|[ ][–—-][ ]|[x×][ ]?\d)|,[ ]|[ ]{3,}")
_LIST = re.compile(r"[,;][ \n]|[ ](?:and|und|et|y)[ ]")
_PROSE = (Topic.SUMMARY, Topic.BACKGROUND, Topic.OPENING, Topic.OBJECTIVES)


def read_brief(text: DocumentText) -> BriefFields:
    """What the brief says of its project. Raises for no text, whatever it holds."""
    lines = read_lines(text) if text.pages else []
    width = widest(lines)
    blocks, labels = outline(lines, width), read_labels(text, lines)
    starts, ends = _dates(text, labels, blocks)
    return BriefFields(
        name=_name(text, lines, labels),
        client=next(iter(labels[Label.CLIENT]), None),
        sector=next(iter(labels[Label.SECTOR]), None),
        location=next(iter(labels[Label.LOCATION]), None),
        summary=_summary(text, blocks, labels, width),
        target_hires=_target_hires(text, labels, lines),
        priority=_priority(text, labels),
        starts=starts,
        ends=ends,
        roles=tuple(islice(_roles(text, blocks, labels), MOST_ROLES)),
    )


def _name(text: DocumentText, lines: Sequence[Line], labels: Labels) -> Found[str] | None:
    """A labelled name, what follows "Project brief" on the title's line, or the line under such a title."""
    if labels[Label.PROJECT]:
        return labels[Label.PROJECT][0]
    for at, line in enumerate(lines[:5]):
        if not (title := _TITLE.match(line.words)) or len(line.words) > LONGEST_NAME:
            continue
        if line.words[title.end() :].strip():
            return shown(text, line.end - len(line.words[title.end() :].lstrip()), line.end, LONGEST_NAME)
        following = lines[at + 1 : at + 2]
        if following and _is_name(following[0].words):
            return shown(text, following[0].start, following[0].end, LONGEST_NAME)
    return None


def _is_name(words: str) -> bool:
    return len(words) <= 100 and ":" not in words and words[-1] not in ".!?" and topic_named(words) is None


def _summary(text: DocumentText, blocks: Sequence[Block], labels: Labels, width: int) -> Found[str] | None:
    """The first paragraph of the summary, background, opening or objectives, else a labelled one."""
    for topic in _PROSE:
        for block in (block for block in blocks if block.topic is topic):
            for passage in passages(text, block.lines, width):
                if not passage.has_bullet and _reads_as_prose(text.text[passage.start : passage.end]):
                    return shown(text, passage.start, passage.end, LONGEST_SUMMARY)
    return next(iter(labels[Label.SUMMARY]), None)


def _reads_as_prose(words: str) -> bool:
    is_label = is_labelled(Line(words[:300], 0, len(words), False, False))
    return len(words.split()) >= SHORTEST_SUMMARY_WORDS and not is_label


def _target_hires(text: DocumentText, labels: Labels, lines: Sequence[Line]) -> Found[int] | None:
    """The stated target; the counts of single roles are not added up."""
    labelled = (count_in(text, value, MOST_PEOPLE) for value in labels[Label.HIRES])
    if stated := next(filter(None, labelled), None):
        return stated
    said = [hires for line in lines if not line.has_bullet and (hires := hires_in(text, line.start, line.end))]
    bulleted = [hires for line in lines if line.has_bullet and (hires := hires_in(text, line.start, line.end))]
    if said:
        return said[0]
    return bulleted[0] if len(bulleted) == 1 else None


def _priority(text: DocumentText, labels: Labels) -> Found[str] | None:
    for value in labels[Label.PRIORITY]:
        match = _PRIORITY.search(text.text, value.start, value.end)
        if match and match.lastgroup:
            return found(text, match.lastgroup, match.start(), match.end())
    return None


def _dates(
    text: DocumentText, labels: Labels, blocks: Sequence[Block]
) -> tuple[Found[YearMonth] | None, Found[YearMonth] | None]:
    """Start and end where they are labelled, else the ends of a stated period."""
    starts, ends = _moment(text, labels[Label.STARTS]), _moment(text, labels[Label.ENDS])
    spans = [(value.start, value.end) for value in labels[Label.DURATION]]
    spans += [(line.start, line.end) for b in blocks if b.topic is Topic.TIMELINE for line in b.lines[:1]]
    for start, end in spans:
        for period in find_periods(text.text, start, end):
            if period.is_range:
                return starts or _began(text, period), ends or _ended(text, period)
    return starts, ends


def _moment(text: DocumentText, values: Sequence[Found[str]]) -> Found[YearMonth] | None:
    for value in values:
        for period in find_periods(text.text, value.start, value.end):
            if began := _began(text, period):
                return began
    return None


def _began(text: DocumentText, period: Period) -> Found[YearMonth] | None:
    moment = period.began
    return found(text, moment.value, moment.start, moment.end) if moment and moment.value else None


def _ended(text: DocumentText, period: Period) -> Found[YearMonth] | None:
    moment = period.ended
    return found(text, moment.value, moment.start, moment.end) if moment and moment.value else None


def _roles(text: DocumentText, blocks: Sequence[Block], labels: Labels) -> Iterator[Found[str]]:
    """The roles to be filled: the lines of the hiring plan, or a labelled list; each once."""
    seen: set[str] = set()
    spans = [(line.start, line.end) for b in blocks if b.topic is Topic.HEADCOUNT for line in b.lines]
    spans += [span for value in labels[Label.ROLES] for span in _listed(text, value)]
    for start, end in sorted(set(spans)):
        role = _role(text, start, end)
        if role and role.value.casefold() not in seen:
            seen.add(role.value.casefold())
            yield role


def _listed(text: DocumentText, value: Found[str]) -> Iterator[tuple[int, int]]:
    at = value.start
    for mark in _LIST.finditer(text.text, value.start, value.end):
        yield at, mark.start()
        at = mark.end()
    yield at, value.end


def _role(text: DocumentText, start: int, end: int) -> Found[str] | None:
    """A role without its count and what follows it ("3 x Site Engineers (Leeds)" is "Site Engineers")."""
    piece = text.text[start:end][: LONGEST_ROLE * 2]
    count = _COUNT_BEFORE.match(piece)
    start, piece = (start + count.end(), piece[count.end() :]) if count else (start, piece)
    stop = _ROLE_END.search(piece)
    kept = piece[: stop.start()] if stop else piece
    if len(kept) > LONGEST_ROLE or kept.rstrip().endswith(".") or len(kept.split()) > 8 or not reads_as_role(kept):
        return None
    return shown(text, start, start + len(kept), LONGEST_ROLE)
