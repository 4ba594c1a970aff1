"""Where a position is: a place beside the title, or a town named in the sentences that introduce the work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.job_headings import is_place
from chalicelib.resumes.places import CITY_COUNTRIES, country_of, place_in, postcode_city
from chalicelib.resumes.sections import Line
from chalicelib.resumes.text import DocumentText
from chalicelib.resumes.words import names_organization

MOST_LINES = 12
_BREAK = re.compile(r"[ ][–—-][ ]|[ ]?[|•·\t;()][ ]?|[ ]{3,}")
_IN = re.compile(
    r"(?<!\w)(?:based in|located in|in|near|à|en|bei|nach|for our|standort)[ \n]"
    r"(?:unserem? [^\n.,]{3,30}? in |our |central |the )?(?P<place>(?-i:[^\W\da-z][\w'’-]{1,25}(?:[ ](?:am |upon |"
    r"de )?[^\W\da-z][\w'’-]{1,25}){0,2}))",
    re.IGNORECASE,
)


def place_among(text: DocumentText, top: Sequence[Line], prose: Iterable[Line]) -> Found[str] | None:
    """A part of a top line that is a place and nothing else, else the first town we know after a word like "in"."""
    for line in top[:MOST_LINES]:
        if not line.has_bullet and len(line.words) <= 160 and (place := _beside(text, line)):
            return place
    for line in prose:
        for match in _IN.finditer(text.text, line.start, line.end):
            if place := _known_town(text, match.start("place"), match["place"]):
                return place
    return None


def country_at(location: Found[str] | None) -> str | None:
    """The ISO code of the country in which a place lies, when its words tell."""
    if location is None:
        return None
    for part in (location.value, *reversed(location.value.split(","))):
        place = place_in(part.strip())
        if code := (place[2] if place else None) or country_of(part.strip()):
            return code
    return None


def _beside(text: DocumentText, line: Line) -> Found[str] | None:
    at = 0
    for mark in [*_BREAK.finditer(line.words), None]:
        until = mark.start() if mark else len(line.words)
        raw = line.words[at:until]
        piece = raw.strip(" ,.")
        if piece and (span := _place_of(piece)):
            start = line.start + at + raw.index(piece) + span[0]
            return found(text, " ".join(piece[span[0] : span[1]].split()), start, start + span[1] - span[0])
        at = mark.end() if mark else until
    return None


def _place_of(piece: str) -> tuple[int, int] | None:
    """Where in a part of a line a place stands; what stands before its comma may be a title or an employer."""
    if place := postcode_city(piece):
        return place[0], place[1]
    place = place_in(piece)
    if place is None or (place[0] == 0 and not is_place(piece)):
        return None
    start = place[0]
    first = piece[start : place[1]].split(",")[0]
    return None if names_organization(first) else (start, place[1])


def _known_town(text: DocumentText, start: int, words: str) -> Found[str] | None:
    """The longest beginning of `words` that is a town we know."""
    parts = words.split(" ")
    for count in range(len(parts), 0, -1):
        name = " ".join(parts[:count])
        if name[:1].isupper() and name.casefold() in CITY_COUNTRIES:
            return found(text, name, start, start + len(name))
    return None
