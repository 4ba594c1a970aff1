"""Schools, degrees and fields of study, read from the sections about education alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from chalicelib.resumes.dates import Moment, find_periods
from chalicelib.resumes.fields import Education, Found, found
from chalicelib.resumes.places import place_in
from chalicelib.resumes.sections import Line, Part, Section, cells
from chalicelib.resumes.text import DocumentText

MOST_ENTRIES = 50
LONGEST_LINE = 220
_SCHOOL = re.compile(
    r"\b(?:university|universität|université|universidad|universitat|università|universiteit|uniwersytet|uni|college|"
    r"school|institute?|instituto|istituto|hochschule|fachhochschule|\w{0,20}schule|academy|akademie|école|ecole|lycée|"
    r"liceo|escuela|colegio|gymnasium|polytechnic|politécnica|polytechnique|politecnico|politechnika|faculty|faculté|"
    r"facultad|conservatory|seminary|berufskolleg|sciences po|"
    r"TU|FH|ETH|EPFL|MIT|UCLA|RWTH|LMU|HEC|INSEAD|ESADE|IUT|IFSI|"
    r"LSE|UCL|CNAM|IES)\b"
    r"|\b\w{3,20}(?:gymnasium|schule|akademie|universität)\b",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"(?<![\w.])(?:(?:bachelor|master|doctor|associate|magister)(?:['’]?s)?(?:[ ]degree)?"
    r"(?:[ ]of[ ](?:applied[ ]|fine[ ])?"
    r"[^\W\d_]{3,15}(?:[ ](?:administration|engineering|education|health|work|policy|arts|science|studies))?)?"
    r"|doctorate|associate['’]?s? degree|ph\.?d\.?|d\.?phil\.?|mba|emba|m\.?b\.?a\.?|b\.?b\.?a\.?|"
    r"b\.?[ ]?sc\.?(?:n)?|m\.?[ ]?sc\.?|b\.?des\.?|m\.?des\.?|march|barch|"
    r"b\.?a\.?|m\.?a\.?|b\.?s\.?|m\.?s\.?|b\.?eng\.?|"
    r"m\.?eng\.?|b\.?tech\.?|m\.?tech\.?|b\.?ed\.?|m\.?ed\.?|b\.?com\.?|m\.?com\.?|ll\.?b\.?|ll\.?m\.?|j\.?d\.?|m\.?d\.?|"
    r"bsn|msn|adn|"
    r"bfa|mfa|a\.?a\.?s?\.?|a\.?s\.?|mph|mphil|pgce|pgdip|hnd|hnc|btec|nvq(?: level \d)?|a[- ]levels?|gcses?|ged|"
    r"high school diploma|(?:graduate|postgraduate|advanced|national|higher) (?:diploma|certificate)|diploma|"
    r"diplom(?:-?[^\W\d_]{4,20})?(?:in)?|staatsexamen|erstes staatsexamen|promotion|fachabitur|abitur|matura|"
    r"(?:allgemeine )?hochschulreife|"
    r"fachhochschulreife|mittlere reife|realschulabschluss|berufsausbildung|ausbildung|"
    r"licence(?: professionnelle)?|maîtrise|doctorat|baccalauréat|bac|bts|dut|but|cap|bep|"
    r"diplôme(?: d['’]état)?(?: d['’]ingénieur)?|"
    r"grado|licenciatura|licenciad[oa]|máster(?: universitario)?|doctorado|bachillerato|diplomatura|"
    r"ingeniería|ingenier[oa]|fp|"
    r"técnico superior|ciclo formativo(?: de grado superior)?)(?![\w])"
    r"(?:[ ]?\((?:hons?|honou?rs|[a-zA-Z. ]{2,12})\.?\)|[ ]hons\.?)?",
    re.IGNORECASE,
)
# Two letters are a degree only as capitals: "MA" and "B.S.", not the "as" or "ba" of a sentence.
_NEEDS_CAPITALS = re.compile(r"(?:[a-z]\.?[a-z]\.?|but|cap|bac|promotion|fp)$", re.IGNORECASE)
_FIELD_LINK = re.compile(
    r"[ \xa0]{0,2}(?:[,:–—-]|\b(?:in|en|of|im fach|in der|der|de|zum|zur|als)\b)?[ \xa0]{0,2}(?:the )?"
)
_NO_FIELD = re.compile(
    r"\b(?:gpa|grade|note|thesis|honou?rs|cum laude|distinction|mention|degree|average|gesamtnote|abschluss|"
    r"first class|"
    r"upper second|merit|score|minor)\b|\d",
    re.IGNORECASE,
)
_BEFORE_SCHOOL = re.compile(r"[,;][ \xa0]{0,3}|[ ](?:at|from|an der|an dem|à l['’]|en la)[ ]")
_TRIM = " \t\xa0,;:|•·-–—."


@dataclass(slots=True)
class _Draft:
    """An entry while its lines are read."""

    institution: Found[str] | None = None
    degree: Found[str] | None = None
    field: Found[str] | None = None
    years: tuple[Found[int] | None, Found[int] | None] | None = None
    lines: list[Line] = dataclass_field(default_factory=list)

    def clashes(self, other: _Draft) -> bool:
        """Whether `other` says again what this says already, so that it begins the next entry."""
        return bool(
            (self.institution and other.institution) or (self.degree and other.degree) or (self.years and other.years)
        )

    def absorb(self, other: _Draft) -> None:
        self.institution = self.institution or other.institution
        self.degree = self.degree or other.degree
        self.field = self.field or other.field
        self.years = self.years or other.years
        self.lines += other.lines


def read_education(text: DocumentText, parts: Sequence[Part]) -> tuple[Education, ...]:
    """Every entry that names a school or a degree, in the document's order."""
    entries: list[Education] = []
    for part in parts:
        if part.section is Section.EDUCATION:
            entries += [entry for draft in _drafts(text, part.lines) if (entry := _entry(text, draft))]
    return tuple(entries[:MOST_ENTRIES])


def _drafts(text: DocumentText, lines: Sequence[Line]) -> Iterator[_Draft]:
    draft = _Draft()
    for line in lines:
        piece = _read(text, line)
        opens_next = line.after_blank and draft.institution and draft.degree and (piece.institution or piece.years)
        if draft.lines and (draft.clashes(piece) or opens_next):
            yield draft
            draft = _Draft()
        draft.absorb(piece)
    yield draft


def _entry(text: DocumentText, draft: _Draft) -> Education | None:
    if not (draft.institution or draft.degree):
        return None
    start_year, end_year = draft.years or (None, None)
    start, end = draft.lines[0].start, draft.lines[-1].end
    return Education(
        draft.institution, draft.degree, draft.field, start_year, end_year, text.page_number_at(start), start, end
    )


def _read(text: DocumentText, line: Line) -> _Draft:
    """What one line says; a long line is prose and says nothing."""
    draft = _Draft(lines=[line])
    if len(line.words) > LONGEST_LINE:
        return draft
    periods = find_periods(text.text, line.start, line.end)
    if periods:
        period = periods[0]
        begun, ended = _year(text, period.began), _year(text, period.ended)
        # A lone year is the one of graduation, unless "since" or an open end says that it began then.
        draft.years = (begun, ended) if period.is_range else (None, begun)
    for words, start in _pieces(line, [(p.start, p.end) for p in periods]):
        _read_piece(text, draft, words, start)
    return draft


def _pieces(line: Line, dated: list[tuple[int, int]]) -> Iterator[tuple[str, int]]:
    """The line's cells without its dates."""
    at = line.start
    for start, end in [*dated, (line.end, line.end)]:
        raw = line.words[at - line.start : max(at, start) - line.start]
        if kept := raw.strip(_TRIM + "("):
            begin = at + raw.index(kept)
            for cell, offset in cells(Line(kept, begin, begin + len(kept), False, False)):
                yield from _at_dash(cell, offset)
        at = min(end, line.end)


def _at_dash(cell: str, offset: int) -> Iterator[tuple[str, int]]:
    at = 0
    for piece in re.split(r"(\s-\s)", cell):
        if piece.strip(" -"):
            yield piece, offset + at
        at += len(piece)


def _read_piece(text: DocumentText, draft: _Draft, words: str, start: int) -> None:
    school = _school(words) if draft.institution is None else None
    if school:
        draft.institution = found(
            text, " ".join(words[school[0] : school[1]].split()), start + school[0], start + school[1]
        )
    degree = _degree(words)
    if degree and draft.degree is None and not (school and school[0] <= degree[0] < school[1]):
        _, end = degree
        draft.degree = found(text, " ".join(words[degree[0] : end].split()), start + degree[0], start + end)
        until = school[0] if school and school[0] >= end else len(words)
        draft.field = draft.field or _field(text, words[end:until], start + end)


def _degree(words: str) -> tuple[int, int] | None:
    for match in _DEGREE.finditer(words):
        bare = match[0].rstrip()
        if not _NEEDS_CAPITALS.match(bare) or bare.isupper():
            return match.start(), match.start() + len(bare)
    return None


def _field(text: DocumentText, rest: str, start: int) -> Found[str] | None:
    """The field that follows a degree ("in Computer Science", ", Economics", "Informatik")."""
    link = _FIELD_LINK.match(rest)
    begin = link.end() if link else 0
    raw = re.split(
        r"[,;(|]|\s[–—-]\s|\bat\b|\bfrom\b|\ban der\b|\bwith\b|\bà l|\bà\b|\ben la\b", rest[begin:], maxsplit=1
    )[0]
    kept = raw.strip(_TRIM)
    if not 2 <= len(kept) <= 70 or _NO_FIELD.search(kept) or _SCHOOL.search(kept) or place_in(kept):
        return None
    at = start + begin + raw.index(kept)
    return found(text, " ".join(kept.split()), at, at + len(kept))


def _school(words: str) -> tuple[int, int] | None:
    """The part of a piece that names a school: the parts between commas around its telling word, without a place."""
    match = next((m for m in _SCHOOL.finditer(words) if not _is_word_in_degree(words, m)), None)
    if match is None:
        return None
    start = max((mark.end() for mark in _BEFORE_SCHOOL.finditer(words, 0, match.start())), default=0)
    degree = _degree(words[: match.start()])
    if degree and start <= degree[0]:
        # "B. Sc. Informatik Technische Hochschule": where the field ends and the school begins is not clear.
        return None
    end = words.find(",", match.end())
    # "University of California, Berkeley": the campus belongs to the name.
    if end < 0 or words[start:end].casefold().endswith("university of california"):
        end = len(words)
    kept = words[start:end].rstrip(_TRIM)
    return (start, start + len(kept)) if len(kept) <= 100 else None


def _is_word_in_degree(words: str, match: re.Match[str]) -> bool:
    """Whether "school" is that of a "high school diploma"."""
    return bool(re.match(r"school diploma|hochschulreife", words[match.start() : match.start() + 20], re.IGNORECASE))


def _year(text: DocumentText, moment: Moment | None) -> Found[int] | None:
    if moment is None or moment.value is None:
        return None
    return found(text, moment.value.year, moment.start, moment.end)
