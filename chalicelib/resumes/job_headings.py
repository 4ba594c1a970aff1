"""The heading of one job in parts: which of them is the title, which the employer, and which the place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.resumes.places import country_of, place_in
from chalicelib.resumes.sections import Line, cells
from chalicelib.resumes.skill_names import CANONICAL
from chalicelib.resumes.words import names_department, names_organization, names_role

TRIM = " \t\xa0,;:|•·-–—"
_AT = re.compile(r"\s(?:at|@|bei der|bei|beim|chez|with)\s")
_DASH = re.compile(r"\s-\s")
_COMPANY_FORM = re.compile(r"(?:inc|llc|ltd|l\.?p|plc|gmbh|ag|s\.?a|corp|co)\.?", re.IGNORECASE)
_ADDRESS_END = re.compile(r"[^\W\d_][\w.'’-]{1,30}(?:[ ][^\W\d_][\w.'’-]{1,30}){0,2}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a job's heading: its offset in the document and its line's number in the section."""

    words: str
    start: int
    line: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a job's heading says; `after_employer` follows the employer on its line and may be a town."""

    title: Piece | None
    organization: Piece | None
    location: Piece | None
    after_employer: Piece | None


def pieces_of(words: str, start: int, line: int) -> list[Piece]:
    """A heading line in parts, in reading order."""
    held = Line(words, start, start + len(words), False, False)
    return [Piece(piece, offset + at, line) for cell, offset in cells(held) for at, piece in _parted(cell)]


def read_heading(pieces: list[Piece]) -> Heading:
    """Title, employer and place; None where it is not clear which part is which."""
    places = [piece for piece in pieces if is_place(piece.words)]
    rest = [piece for piece in pieces if piece not in places]
    title = _title(rest)
    others = [piece for piece in rest if piece != title]
    organization = _organization(others, title)
    if title is None and organization is not None and len(others) == 2:
        title = next(piece for piece in others if piece != organization)
    after = _next_on_line(others, organization)
    return Heading(_whole_title(title, organization, others), organization, places[0] if places else None, after)


def is_place(words: str) -> bool:
    """Whether `words` name a place and nothing else."""
    bare = words.strip("()")
    place = place_in(bare)
    return bool(country_of(bare)) or (place is not None and place[0] == 0 and place[1] >= len(bare) - 12)


def names_employer(words: str) -> bool:
    """Whether a line carries a word of employers' names or ends in a place, as the line of an employer does."""
    pieces = pieces_of(words, 0, 0)
    return names_organization(words) or (len(pieces) > 1 and is_place(pieces[-1].words))


def looks_like_town(piece: Piece) -> bool:
    """Whether a part could be a town by its form: one to three capitalised words."""
    capitalised = all(word[0].isupper() for word in piece.words.split() if len(word) > 3)
    return bool(_ADDRESS_END.fullmatch(piece.words)) and capitalised and not names_role(piece.words)


def _title(rest: list[Piece]) -> Piece | None:
    sure = [piece for piece in rest if names_role(piece.words) and not names_organization(piece.words)]
    possible = [piece for piece in rest if names_role(piece.words)] if len(rest) > 1 else []
    return next(iter([*sure, *possible]), None)


def _organization(others: list[Piece], title: Piece | None) -> Piece | None:
    named = [piece for piece in others if names_organization(piece.words)]
    if named or title is None:
        return named[0] if named else None
    # Beside the title may stand a department; the employer rather has a line of its own.
    unnamed = [p for p in others if not names_role(p.words) and not _is_no_employer(p.words)]
    return next((piece for piece in unnamed if piece.line != title.line), unnamed[0] if unnamed else None)


def _is_no_employer(words: str) -> bool:
    return names_department(words) or words.casefold() in CANONICAL


def _whole_title(title: Piece | None, organization: Piece | None, others: Iterable[Piece]) -> Piece | None:
    """The title with the department that follows its comma ("Charge Nurse, Surgical ICU")."""
    if title is None:
        return None
    is_elsewhere = organization is not None and organization.line != title.line
    for piece in others:
        follows = piece.line == title.line and 0 < piece.start - title.end <= 2 and piece != organization
        if follows and not is_place(piece.words) and (is_elsewhere or _is_no_employer(piece.words)):
            gap = piece.start - title.end
            return Piece(title.words + ", "[:gap].ljust(gap) + piece.words, title.start, title.line)
    return title


def _next_on_line(others: list[Piece], organization: Piece | None) -> Piece | None:
    if organization is None:
        return None
    follows = [p for p in others if p.line == organization.line and 0 < p.start - organization.end <= 3]
    return follows[0] if follows else None


def _parted(cell: str) -> list[tuple[int, str]]:
    """A cell's parts: "Engineer at Acme", "Nurse, Charité, Berlin"; "Acme, Inc." and "Berlin, Germany" stay whole."""
    if (at := _AT.search(cell)) and names_role(cell[: at.start()]):
        return [*_by_commas(cell, 0, at.start()), *_by_commas(cell, at.end(), len(cell))]
    if dash := _DASH.search(cell):
        return [*_by_commas(cell, 0, dash.start()), *_by_commas(cell, dash.end(), len(cell))]
    return _by_commas(cell, 0, len(cell))


def _by_commas(cell: str, start: int, end: int) -> list[tuple[int, str]]:
    part = cell[start:end]
    place = place_in(part)
    until = place[0] if place else len(part)
    pieces: list[tuple[int, str]] = []
    at = 0
    for word in part[:until].split(","):
        if piece := word.strip(TRIM):
            begin = start + at + word.index(piece)
            if pieces and _COMPANY_FORM.fullmatch(piece):
                first = pieces.pop()[0]
                begin, piece = first, cell[first : begin + len(piece)]
            pieces.append((begin, piece))
        at += len(word) + 1
    return [*pieces, (start + until, part[until:].rstrip(TRIM))] if place else pieces
