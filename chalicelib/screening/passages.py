"""A résumé cut into the passages that a recruiter would quote: whole lines, sentences and bullets.

A passage never crosses a page, is trimmed, and is at most 300 characters long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.resumes.text import DocumentText
from chalicelib.screening.folding import cased, stems_of

LONGEST_PASSAGE = 300
_LONGEST_BLOCK = 2_000  # lines joined because they look wrapped; a "paragraph" beyond this is no prose
_LINE = re.compile(r"[^\n\r\v\u0085\u2028\u2029]+")
_BULLET = re.compile(r"[•·▪●◦‣■□✓➢*–—-]\s")
_MARGIN = re.compile(r"[\s•·▪●◦‣■□✓➢*–—\u200b\ufeff-]*")
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)%]{3}[.!?])\s+(?=[A-ZÄÖÜ\"“(])")
_GOES_ON = re.compile(r"(?:[,&/]|\b(?:and|or|of|in|with|for|the|a|to|using|und|oder|mit|von|in))$")
_SEPARATORS = re.compile(r"[,;|•·/]| - ")
_SECTIONS = {
    "skills": ("skills", "technical skills", "key skills", "core skills", "it skills", "technologies", "tech stack",
               "core competencies", "competencies", "tools", "kenntnisse", "fahigkeiten", "it-kenntnisse"),
    "languages": ("languages", "language skills", "sprachen", "sprachkenntnisse"),
    "education": ("education", "qualifications", "academic background", "ausbildung", "bildung", "studium"),
    "experience": ("experience", "work experience", "professional experience", "employment", "employment history",
                   "work history", "career history", "berufserfahrung"),
    "objective": ("objective", "career objective", "goals", "career goals"),
    "other": ("summary", "profile", "about", "about me", "projects", "certifications", "certificates", "interests",
              "hobbies", "references", "awards", "publications", "volunteering", "contact", "profil", "training",
              "personal details", "additional information", "licences", "licenses", "courses"),
}  # fmt: skip
_SECTION_OF = {heading: section for section, headings in _SECTIONS.items() for heading in headings}


@dataclass(frozen=True, slots=True)
class Passage:
    """One quotable passage: `start` and `end` are offsets in the whole text, `cased` and `folded` its plain forms."""

    start: int
    end: int
    section: str
    cased: str
    folded: str
    stems: tuple[str, ...] = field(repr=False)

    @property
    def is_list(self) -> bool:
        """Whether it lists things rather than telling something, so that "Go" or "R" can only be a skill."""
        words = len(self.stems)
        separators = len(_SEPARATORS.findall(self.folded))
        return self.section == "skills" or words <= 3 or (separators >= 2 and words <= 4 * (separators + 1))


def passages_of(document: DocumentText) -> tuple[Passage, ...]:
    """All passages of a document, in reading order."""
    found: list[Passage] = []
    section = ""
    for page in document.pages:
        for start, end in _blocks(document.text, page.start, page.end):
            heading = _SECTION_OF.get(cased(document.text[start : min(end, start + 60)]).lower().strip(" :"))
            section = heading or section
            found.extend(_passages_of_block(document.text, start, end, section))
    return tuple(found)


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Lines, each joined with those that only carry it on."""
    block: tuple[int, int] | None = None
    for line in _LINE.finditer(text, start, end):
        if not line.group().strip():
            continue
        if block and _carries_on(text, block, line):
            block = (block[0], line.end())
            continue
        if block:
            yield block
        block = line.span()
    if block:
        yield block


def _carries_on(text: str, block: tuple[int, int], line: re.Match[str]) -> bool:
    words = line.group().strip()
    before = text[max(block[0], block[1] - 40) : block[1]].rstrip()
    apart = text[block[1] : line.start()].count("\n") > 1
    if apart or line.end() - block[0] > _LONGEST_BLOCK or _BULLET.match(words) or before.endswith((".", "!", "?", ":")):
        return False
    return words[0].islower() or bool(_GOES_ON.search(before))


def _passages_of_block(text: str, start: int, end: int, section: str) -> Iterator[Passage]:
    at = start
    for stop in [*(gap.start() for gap in _SENTENCE_END.finditer(text, start, end)), end]:
        for piece_start, piece_end in _pieces(text, at, stop):
            plain = cased(text[piece_start:piece_end])
            folded = plain.lower()
            if folded:
                yield Passage(piece_start, piece_end, section, plain, folded, stems_of(folded))
        at = stop


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The trimmed span, cut at spaces into pieces of at most 300 characters."""
    while start < end:
        stop = min(end, start + LONGEST_PASSAGE)
        if stop < end:
            space = max(text.rfind(" ", start + 1, stop), text.rfind("\n", start + 1, stop))
            stop = space if space > start else stop
        piece = text[start:stop]
        margin = _MARGIN.match(piece)
        left = margin.end() if margin else 0
        right = len(piece.rstrip())
        if left < right:
            yield start + left, start + right
        start = stop
