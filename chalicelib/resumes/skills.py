"""A candidate's skills: what their own list of skills says, and skills we know by name anywhere else in the résumé."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.languages import lists_languages
from chalicelib.resumes.sections import Line, Part, Section
from chalicelib.resumes.skill_names import ALIASES, CANONICAL, ONLY_IN_SKILLS
from chalicelib.resumes.text import DocumentText

MOST_LISTED = 300
# Products whose names are ordinary words, but seldom ones that take a capital within a sentence.
PRODUCTS = frozenset(
    {"react", "excel", "flask", "spark", "snowflake", "outlook", "slack", "rust", "ruby", "swift", "vue"}
)
_MID_SENTENCE = re.compile(r"[a-z0-9,/&] |.[(/]")
_ATOM = re.compile(r"\w+|[^\w\s]")
_ITEM_BREAK = re.compile(r"[,;|•●▪·∙¦\t()\[\]]|[ \xa0]{3,}|\s[–—-]\s|\s/\s|\.\s|:\s")
_LABEL = re.compile(r"[^:,;|\n]{1,40}:\s")
_LEVEL = re.compile(
    r"(?:(?:very )?(?:basic|good|advanced|intermediate|expert|beginner|proficient|native|fluent|excellent|professional|"
    r"strong|gut|sehr gut|grundkenntnisse|fortgeschritten|experte|bon niveau|avancé|intermédiaire|débutant|avanzado|"
    r"intermedio|básico)(?: (?:level|knowledge|user))?|[abc][12]|"
    r"\d{1,2}\+? ?(?:years?|yrs?|jahre|ans|años)(?: of experience)?|etc|\W*|\d+)\.?$",
    re.IGNORECASE,
)
_AND = re.compile(r"\s(?:and|und|et|y|&)\s|^(?:and|und|et|y|&)\s", re.IGNORECASE)
_SENTENCE = re.compile(r"\b(?:is|are|was|have|has|with|my|i|the|to|from|ich|mit|avec|con|pour|para)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"@|://|www\.|\w\.(?:com|org|net|io|dev|de|fr|es|uk|ch|at|me)(?![\w.])", re.IGNORECASE)


class Match(NamedTuple):
    """A known skill where it stands; `is_ambiguous` says that its spelling is an ordinary word too."""

    name: str
    start: int
    end: int
    is_ambiguous: bool


class _Node(dict[str, "_Node"]):
    """The spellings that go on from here, by their next word or sign; `spelling` is the one that ends here."""

    spelling: str | None = None


@cache
def _spellings() -> _Node:
    root = _Node()
    for spelling in CANONICAL:
        node = root
        for atom in _ATOM.findall(spelling):
            node = node.setdefault(atom, _Node())
        node.spelling = spelling
    return root


@cache
def _capitals() -> frozenset[str]:
    """Short spellings in capitals ("SEN", "VAT") that mean the skill only as capitals."""
    written = (spelling for name, others in ALIASES.items() for spelling in (name, *others))
    return frozenset(spelling.lower() for spelling in written if spelling.isupper() and len(spelling) <= 4)


def known_skills(text: str, start: int = 0, end: int | None = None) -> Iterator[Match]:
    """Known skills between two offsets on word boundaries, the longest spelling first; linear in the length.

    E-mail addresses and links are passed over: "github.com/jane" names no skill.
    """
    end = len(text) if end is None else end
    masked = _masks(text, start, end)
    atoms, at = list(_ATOM.finditer(text, start, end)), 0
    while at < len(atoms):
        match, used = _longest(text, atoms, at)
        if match and not _within(masked, match.start):
            yield match
        at += used if match else 1


def read_skills(text: DocumentText, parts: list[Part], taken: list[tuple[int, int]]) -> tuple[Found[str], ...]:
    """Each skill once, at its first place, in the document's order; nothing is read inside the spans `taken`."""
    spans = sorted(taken)
    matches = [*_listed(text.text, parts), *_mentioned(text.text, parts, spans)]
    first: dict[str, Match] = {}
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        first.setdefault(match.name.casefold(), match)
    return tuple(found(text, match.name, match.start, match.end) for match in first.values())


def _longest(text: str, atoms: list[re.Match[str]], at: int) -> tuple[Match | None, int]:
    """The longest known spelling from one atom on, and how many atoms it takes."""
    node, best, used = _spellings(), None, 1
    for ahead in range(at, min(at + 12, len(atoms))):
        if ahead > at and atoms[ahead].start() - atoms[ahead - 1].end() > 2:
            break
        following = node.get(atoms[ahead][0].lower())
        if following is None:
            break
        node = following
        if node.spelling and _stands_alone(text, atoms[at].start(), atoms[ahead].end(), node.spelling):
            written = text[atoms[at].start() : atoms[ahead].end()]
            odd = _is_ambiguous(node.spelling, written, text[max(0, atoms[at].start() - 2) : atoms[at].start()])
            best = Match(CANONICAL[node.spelling], atoms[at].start(), atoms[ahead].end(), odd)
            used = ahead - at + 1
    return best, used


def _is_ambiguous(spelling: str, written: str, before: str) -> bool:
    """Whether the spelling may mean an ordinary word here. In mid-sentence a capital tells "in React" from "react"."""
    if spelling in ONLY_IN_SKILLS:
        return not (spelling in PRODUCTS and written.istitle() and _MID_SENTENCE.fullmatch(before))
    return spelling in _capitals() and not written.isupper()


def _stands_alone(text: str, start: int, end: int, spelling: str) -> bool:
    """Whether no letter, digit or joining sign goes on from the spelling: "C" is not in "C++", nor "R" in "R&D"."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if not spelling[0].isalnum() and before and (before.isalnum() or before == spelling[0]):
        return False
    if len(spelling) <= 2:
        return after not in tuple("+#&'’-") and before not in tuple("&'’-.")
    return True


def _masks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of links and addresses, word by word so that the search stays linear."""
    words = re.finditer(r"\S{1,300}", text[start:end])
    return [(start + w.start(), start + w.end()) for w in words if ("." in w[0] or "@" in w[0]) and _is_address(w[0])]


def _is_address(word: str) -> bool:
    return word.casefold().rstrip(".,;)") not in CANONICAL and bool(_ADDRESS.search(word))


def _within(spans: list[tuple[int, int]], offset: int) -> bool:
    at = bisect_right(spans, (offset, len(spans) + 10**9)) - 1
    return at >= 0 and spans[at][0] <= offset < spans[at][1]


def _mentioned(text: str, parts: list[Part], taken: list[tuple[int, int]]) -> Iterator[Match]:
    """Unambiguous skills in running text; hobbies and references say nothing about them."""
    for part in parts:
        if part.lines and part.section not in (
            Section.INTERESTS,
            Section.REFERENCES,
            Section.SKILLS,
            Section.LANGUAGES,
        ):
            for match in known_skills(text, part.lines[0].start, part.lines[-1].end):
                if not match.is_ambiguous and not _within(taken, match.start):
                    yield match


def _listed(text: str, parts: list[Part]) -> Iterator[Match]:
    """What the sections about skills list; of an item that a line's end broke in two only the whole counts."""
    count = 0
    for part in parts:
        if part.section is not Section.SKILLS or not part.lines:
            continue
        wrapped = [match for match in _known_in(text, part.lines) if "\n" in text[match.start : match.end]]
        broken = [(match.start, match.end) for match in wrapped]
        yield from wrapped
        listed = (line for line in part.lines if not lists_languages(line.words))
        for match in (match for line in listed for match in _in_line(text, line)):
            count += 1
            if count > MOST_LISTED:
                return
            if not _within(broken, match.start):
                yield match
        yield from (match for match in _known_in(text, part.lines) if not match.is_ambiguous)


def _known_in(text: str, lines: tuple[Line, ...]) -> Iterator[Match]:
    return known_skills(text, lines[0].start, lines[-1].end)


def _in_line(text: str, line: Line) -> Iterator[Match]:
    label = _LABEL.match(line.words)
    at = label.end() if label else 0
    is_list = line.has_bullet or bool(label) or len(line.words) <= 40 or bool(_ITEM_BREAK.search(line.words))
    for start, end in _items(line.words, at):
        yield from _item(text, line.start + start, line.start + end, is_list=is_list)


def _items(words: str, at: int) -> Iterator[tuple[int, int]]:
    for mark in [*_ITEM_BREAK.finditer(words, at), None]:
        until = mark.start() if mark else len(words)
        item = words[at:until]
        kept = item.strip(" \t\xa0.*-–—•:")
        if kept:
            begin = at + item.index(kept)
            # ".NET" keeps its dot.
            begin -= 1 if begin > at and words[begin - 1 : begin + 3].lower() == ".net" else 0
            yield begin, at + item.index(kept) + len(kept)
        at = mark.end() if mark else until


def _item(text: str, start: int, end: int, *, is_list: bool) -> Iterator[Match]:
    """What one item of a list names: a skill we know, two joined by "and", or a short one in the candidate's words."""
    item = text[start:end]
    if name := CANONICAL.get(" ".join(item.casefold().split())):
        yield Match(name, start, end, False)
        return
    if joint := _AND.search(item):
        sides = [(start, start + joint.start()), (start + joint.end(), end)]
        named = [CANONICAL.get(text[a:b].casefold().strip()) for a, b in sides]
        if any(named):
            yield from (Match(n, a, b, False) for n, (a, b) in zip(named, sides, strict=True) if n and b > a)
            return
    holds_known = next(iter(known_skills(text, start, end)), None)
    if is_list and not holds_known and _is_short_skill(item):
        yield Match(" ".join(item.split()), start, end, False)


def _is_short_skill(item: str) -> bool:
    """Whether an unknown item is a skill's name rather than a level, a number or part of a sentence."""
    if _LEVEL.match(item) or not 2 <= len(item) <= 40 or len(item.split()) > 4 or _ADDRESS.search(item):
        return False
    return any(c.isalpha() for c in item) and not _SENTENCE.search(item) and item[0].isalnum()
