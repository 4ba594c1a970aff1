"""A document's lines under its headings, and the passages that wrapped lines make up together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.descriptions.labels import is_labelled
from chalicelib.descriptions.topics import Topic, topic_named
from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.sections import Line
from chalicelib.resumes.text import DocumentText

LONGEST_HEADING = 60
LONGEST_PASSAGE = 500
NEAR = 30
# A line is taken for a full one, which the next may continue, from this part of the document's widest line on.
# A capital makes a new start likelier than a small letter does.
FULL_LINE, SURELY_FULL_LINE = 0.6, 0.75
SHORTEST_FULL_LINE = 45
# No page holds wider lines: such a document has each paragraph on one line, as Word keeps it.
WIDEST_WRAPPED = 160
_SENTENCE_END = re.compile(r"[.;:!?…][)\"”»]?$")
_OPEN_END = re.compile(r"(?:[,(/–-]|\b(?:and|or|of|in|with|the|a|to|for|und|oder|mit|et|ou|de|des|y|o|con|en))$")
# "e.g. SAP", "z. B. SAP" and "bzw. Meister" end no sentence.
_SENTENCE = re.compile(
    r"(?<=[.!?;])(?<![ (.]\w\.)(?<!bzw\.)(?<!ggf\.)(?<!nkl\.)(?<!etc\.)(?<!min\.)[ \n\f]{1,3}(?=[^\W\d_a-zà-ÿ])"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under one heading; the opening has none."""

    topic: Topic
    heading: Line | None
    lines: tuple[Line, ...]

    @property
    def has_bullets(self) -> bool:
        return any(line.has_bullet for line in self.lines)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph or bullet between two offsets, its wrapped lines together."""

    start: int
    end: int
    has_bullet: bool


def outline(lines: Sequence[Line], width: int) -> list[Block]:
    """The blocks in order; the first is the opening, without lines when the document begins with a heading."""
    blocks: list[tuple[Topic, Line | None, list[Line]]] = [(Topic.OPENING, None, [])]
    for at, line in enumerate(lines):
        topic, _, held = blocks[-1]
        named, rest = _heading(line)
        if named is not None:
            blocks.append((named, line, [rest] if rest else []))
        elif _is_unknown_heading(line, topic, held, lines[at + 1 : at + 2], width):
            blocks.append((Topic.OTHER, line, []))
        else:
            held.append(line)
    return [Block(topic, heading, tuple(held)) for topic, heading, held in blocks]


def widest(lines: Iterable[Line]) -> int:
    """The length of the widest line, in characters."""
    return max((len(line.words) for line in lines), default=0)


def _ends_in_colon(line: Line) -> bool:
    return line.words.rstrip().endswith(":")


def _heading(line: Line) -> tuple[Topic | None, Line | None]:
    """The topic that a line opens, with what follows its colon."""
    title, colon, rest = line.words[:200].partition(":")
    if line.has_bullet or line.words[-1] in ".,;" or len(title) > LONGEST_HEADING or not (topic := topic_named(title)):
        return None, None
    if not rest.strip():
        return (topic, None) if colon or not line.words[0].islower() else (None, None)
    # "Experience: 5 years" or "Salary: £40,000" labels a line among others and opens no section.
    if topic not in (Topic.TASKS, Topic.MUST, Topic.NICE) or len(rest) < 25:
        return None, None
    rest = line.words[len(title) + 1 :].lstrip()
    return topic, Line(rest, line.end - len(rest), line.end, False, False)


def _is_unknown_heading(line: Line, topic: Topic, held: Sequence[Line], following: Sequence[Line], width: int) -> bool:
    """Whether a short line between others ends what stood before it, though we do not know what it opens."""
    words = line.words
    if topic is Topic.OPENING or line.has_bullet or len(words) > LONGEST_HEADING or not held:
        return False
    if words[0].islower() or words[-1] in ".;,!" or continues(held[-1], line, width, ""):
        return False
    if _ends_in_colon(line) or (words.isupper() and len(words) > 6):
        return True
    is_followed = bool(following) and (following[0].has_bullet or len(following[0].words) > LONGEST_HEADING)
    return any(other.has_bullet for other in held[-NEAR:]) and (line.after_blank or is_followed or "?" in words)


def continues(before: Line, line: Line, width: int, gap: str) -> bool:
    """Whether `line` goes on with the sentence of the line before it; `gap` is what stands between the two."""
    turns_page = "\f" in gap and gap.count("\n") < 2
    if line.has_bullet or (line.after_blank and not turns_page) or is_labelled(line):
        return False
    is_open = not _SENTENCE_END.search(before.words[-4:])
    is_wrapped = width <= WIDEST_WRAPPED and len(before.words) >= SHORTEST_FULL_LINE
    share = len(before.words) / width if is_wrapped else 0.0
    if line.words[0].islower():
        return is_open and (share >= FULL_LINE or before.has_bullet or bool(_OPEN_END.search(before.words[-8:])))
    return share >= SURELY_FULL_LINE and not turns_page and (is_open or not before.has_bullet)


def passages(text: DocumentText, lines: Sequence[Line], width: int) -> list[Passage]:
    """The paragraphs and bullets of these lines."""
    held: list[list[Line]] = []
    for line in lines:
        before = held[-1][-1] if held else None
        if before and continues(_as_of(held[-1][0], before), line, width, text.text[before.end : line.start]):
            held[-1].append(line)
        else:
            held.append([line])
    return [Passage(group[0].start, group[-1].end, group[0].has_bullet) for group in held]


def _as_of(first: Line, before: Line) -> Line:
    """The last line of a passage, with the bullet of its first."""
    return Line(before.words, before.start, before.end, first.has_bullet, before.after_blank)


def sentences(text: DocumentText, passage: Passage) -> list[Passage]:
    """The sentences of a paragraph."""
    starts = [passage.start]
    starts += [mark.end() for mark in _SENTENCE.finditer(text.text, passage.start, passage.end)]
    ends = [*starts[1:], passage.end]
    return [Passage(start, end, passage.has_bullet) for start, end in zip(starts, ends, strict=True)]


def shown(text: DocumentText, start: int, end: int, longest: int = LONGEST_PASSAGE) -> Found[str] | None:
    """The words between two offsets with single spaces, cut at a word when they are too long; None for fewer than 2
    characters or a passage without any letter or digit."""
    piece = text.text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    words = " ".join(piece.split())
    if len(words) > longest:
        piece = _cut(piece, longest)
        words = " ".join(piece.split())
    if len(words) < 2 or not any(c.isalnum() for c in words):
        return None
    return found(text, words, start, start + len(piece))


def _cut(piece: str, longest: int) -> str:
    """The longest beginning of `piece` that ends with a word and has no more than `longest` characters."""
    kept = piece[:longest]
    if not piece[longest].isspace() and (words := kept.split()) and len(words) > 1:
        kept = kept[: len(kept) - len(words[-1])] if not kept[-1].isspace() else kept
    return kept.rstrip(" \t\n\f,;:-–")
