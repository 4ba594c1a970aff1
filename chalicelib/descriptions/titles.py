"""What a position is called: a label, a line at the top, or the sentence that looks for somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chalicelib.descriptions.employment import employment_in
from chalicelib.descriptions.signs import GENDERS
from chalicelib.descriptions.topics import topic_named
from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.job_headings import is_place
from chalicelib.resumes.places import postcode_city
from chalicelib.resumes.sections import Line
from chalicelib.resumes.text import DocumentText
from chalicelib.resumes.words import names_organization, names_role

LONGEST_TITLE, LONGEST_TITLE_LINE, TITLE_LINES = 200, 120, 12
_GENDERS = re.compile(GENDERS, re.IGNORECASE)
_INTRODUCTION = re.compile(
    r"(?:(?:\(?\d{1,2}[.)]|[A-H][.)]|(?:position|role|vacancy|stelle|poste|puesto|job|post) (?:\d{1,2}|"
    r"[A-H])\b)[ ]{0,3}[:.–—-]?[ ]{0,3})?"
    r"(?:(?:job (?:description|title|posting|opening|details|advert)|position description|vacancy(?: notice|"
    r" announcement)?|role profile|"
    r"(?:we are|we['’]re) (?:now )?(?:hiring|recruiting)|stellenanzeige|stellenausschreibung|stellenbeschreibung|"
    r"stellenangebot|"
    r"wir suchen|fiche de poste|offre d['’]emploi|nous recrutons|descripción del puesto|oferta de (?:empleo|"
    r"trabajo)|buscamos|"
    r"person specification|job|role|position|title)[ ]{0,3}(?:[:–—-])[ ]{0,3})?"
    r"(?:(?:we are|we['’]re) (?:now )?hiring (?:an? )?)?(?:\d{1,3}[ ]?[x×][ ])?",
    re.IGNORECASE,
)
_TIMES_AFTER = re.compile(
    r"[ ](?:wanted|needed|gesucht)$|[ ]?\(?[x×][ ]?\d{1,3}\)?$|[ ]?\(\d{1,3}(?: (?:positions?|posts|stellen|"
    r"postes|plazas|vacantes))?\)$",
    re.I,
)
_BREAK = re.compile(
    r"[ ][–—-][ ]|[ ]?[|•·\t][ ]?|,[ ]|[ ](?:at|@|bei|chez)[ ](?=[^\W\da-z])|[ ]\((?=[^\W\da-z])|[ ]{3,}"
)
_WANTED = re.compile(
    r"(?:(?:looking for|seeking|hiring|recruiting|to hire)(?: for)?|(?:suchen|sucht)(?: wir|"
    r" sie)?(?: (?:zum nächstmöglichen (?:zeitpunkt|termin)|"
    r"ab sofort|für [^\n.,]{3,50}?|zur verstärkung [^\n.,]{3,50}?))?|(?:recherchons|recrutons|recherche|recrute)|"
    r"(?:buscamos|busca|seleccionamos|precisa incorporar|incorporar|selecciona))[ \n]"
    r"(?:(?:an?|our next|our first|one|two|three|several|\d{1,3}|einen?|eine[nr]?|zwei|drei|mehrere|eine/n|"
    r"einen/eine|une?|deux|trois|des|"
    r"une?\(e\)|un[ao]?|dos|tres|varios|additional|another|experienced|motivierten?)[ \n]){0,3}"
    r"(?P<title>[^.,;:!?()|\n]{3,80}(?:\n[^.,;:!?()|\n]{3,40})?)",
    re.IGNORECASE,
)
_TITLE_END = re.compile(
    r"[ \n](?:to|who|with|for|in|at|based|that|whose|as|on|near|für|mit|in|im|der|die|am|bei|zur|zum|pour|à|au|"
    r"qui|avec|chez|sur|basée?|para|con|en|"
    r"que|join)(?=[ \n]|$)",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"@|https?:|www\.|[.!?]$|\b(?:we|you|our|your|wir|unser|nous|votre|report(?:s|ing)? to)\b", re.IGNORECASE
)


def labelled_title(text: DocumentText, values: Sequence[Found[str]]) -> Found[str] | None:
    """The first value after a label like "Job title" that can be one."""
    for value in values:
        title = _cleaned(text, value.start, value.end)
        if title and sum(c.isalpha() for c in title.value) >= 3 and not employment_in(text, title.start, title.end):
            return title
    return None


def top_title(text: DocumentText, lines: Sequence[Line]) -> Found[str] | None:
    """The first of the top lines that names a job; one with "(m/f/d)" beside it wins."""
    near = [line for line in lines[:TITLE_LINES] if is_title_line(line)]
    for line in sorted(near, key=lambda line: not _GENDERS.search(line.words)):
        if title := _cleaned(text, line.start, line.end):
            return title
    return None


def wanted_title(text: DocumentText, start: int, end: int) -> Found[str] | None:
    """The job in "We are looking for a … to join us"."""
    for match in _WANTED.finditer(text.text, start, end):
        words = match["title"]
        until = _TITLE_END.search(words)
        title = _cleaned(text, match.start("title"), match.start("title") + (until.start() if until else len(words)))
        if title and reads_as_role(title.value) and not _NO_TITLE.search(title.value):
            return title
    return None


def is_title_line(line: Line) -> bool:
    """Whether a line could name a position: short, not a bullet, sentence or heading, with a word for a job in it."""
    words = line.words
    if line.has_bullet or len(words) > LONGEST_TITLE_LINE or words[0].islower() or topic_named(words):
        return False
    if _GENDERS.search(words):
        return not words.endswith((".", "!", "?"))
    kept = words[_introduced(words) :]
    head = _BREAK.split(kept, maxsplit=1)[0]
    is_employer = names_organization(head) and not names_role(head.split()[-1] if head.split() else "")
    return len(kept.split()) <= 12 and not _NO_TITLE.search(kept) and reads_as_role(head) and not is_employer


def reads_as_role(words: str) -> bool:
    """Whether there is a word for a job, in the singular or plural."""
    return names_role(words) or any(names_role(form) for word in words[:200].split() for form in _singular(word))


def _singular(word: str) -> Iterator[str]:
    bare = word.strip("()[],.;:/*").replace("*in", "").replace(":in", "").replace("(e)", "").replace("(a)", "")
    yield from (bare, *bare.split("/"))
    yield from (
        bare.removesuffix(ending)
        for ending in ("s", "es", "en", "nen", "innen", "n", "e", "r", "euse")
        if len(bare) > 4
    )


def _introduced(words: str) -> int:
    match = _INTRODUCTION.match(words)
    return match.end() if match and match.end() < len(words) else 0


def _cleaned(text: DocumentText, start: int, end: int) -> Found[str] | None:
    """The title alone: what introduces it, its count, genders, place, employer and kind of contract left out."""
    piece = text.text[start:end]
    start += _introduced(piece)
    piece = text.text[start:end]
    if genders := _GENDERS.search(piece):
        before = piece[: genders.start()].strip(" –-|,(")
        piece = piece[: genders.start()] if before else piece[genders.end() :]
        start += 0 if before else genders.end()
    start += len(piece) - len(piece.lstrip(" \n\t–—-:|,("))
    piece = piece.strip(" \n\t–—-:|,(")
    piece = _TIMES_AFTER.sub("", _head(text, piece, start)).rstrip(" \n\t–—-:|,(")[:LONGEST_TITLE]
    words = " ".join(piece.split())
    return found(text, words, start, start + len(piece)) if len(words) >= 2 else None


def _head(text: DocumentText, piece: str, start: int) -> str:
    """`piece` up to the first part that is a place, an employer, an amount or a kind of contract."""
    breaks = list(_BREAK.finditer(piece))
    ends = [*(each.start() for each in breaks), len(piece)][1:]
    for mark, until in zip(breaks, ends, strict=True):
        part = piece[mark.end() : until].strip(" )")
        employer = mark[0].strip().casefold() in ("at", "@", "bei", "chez") or (
            names_organization(part) and not names_role(part)
        )
        if employer or is_elsewhere(text, part, start + mark.end()):
            return piece[: mark.start()]
        if mark[0].strip() in ("|", "•", "·", "") and not mark[0].isspace():
            return piece[: mark.start()]
    return piece


def is_elsewhere(text: DocumentText, part: str, start: int) -> bool:
    """Whether a part of a title line says where, how or for how much, rather than what."""
    is_money = bool(re.search(r"[€£$]|\d{2}", part))
    is_way = part.casefold() in (
        "hybrid",
        "remote",
        "onsite",
        "on-site",
        "home office",
        "homeoffice",
        "télétravail",
        "remoto",
        "híbrido",
    )
    return bool(
        is_place(part) or postcode_city(part) or employment_in(text, start, start + len(part)) or is_money or is_way
    )
