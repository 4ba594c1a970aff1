"""The candidate's name and headline.

A line that looks like a name is believed only when the document bears it out: its e-mail address matches, or it is a
résumé by its sections, or the contact block follows at once. A letter, a bill or a recipe has no candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.places import place_in
from chalicelib.resumes.sections import Line, Part, Section, cells, letters, lines_of, section_named
from chalicelib.resumes.skill_names import CANONICAL
from chalicelib.resumes.text import DocumentText
from chalicelib.resumes.words import NEVER_NAMES, names_organization, names_role, words_of

_PARTICLES = """
    van der den de la las los del della di da do dos das von vom zu zur bin ibn al el le du ter ten af av y e
    ben bint st. o d' ’t 't
"""
PARTICLES = frozenset(_PARTICLES.split())
_SUFFIX = (
    r"(?:jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|rn|bsn|msn|mba|cpa|esq|pmp|msc|bsc|dds|cfa|"
    r"mph|lpn|np|pe|dr|ing|m\.?a|m\.?sc|b\.?sc)"
)
_SUFFIXES = re.compile(rf"(?:,?\s{{1,2}}(?:{_SUFFIX}\.?))(?:,\s?(?:{_SUFFIX}\.?))*$", re.IGNORECASE)
_DEGREES_AFTER = re.compile(rf"(?:[, ]{{1,3}}{_SUFFIX}\b\.?){{1,6}}", re.IGNORECASE)
_KEPT_SUFFIX = re.compile(r",?\s(?:jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:(?:mr|mrs|ms|miss|mx|dr|prof|herr|frau|madame|monsieur|mme|m|sr|sra|dipl\.?-ing)\.?\s{1,2}){1,3}(?=\w)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:full name|name|candidate name|candidate|name des bewerbers|vor- und nachname|vorname und name|"
    r"vorname, name|nom|nom et prénom|nom complet|nombre|nombre completo|nombre y apellidos|"
    r"imię i nazwisko|фио|имя|姓名|氏名|이름|성명)"
    r"\s{0,3}(?:[:：]|\t|\s{3})\s{0,6}",
    re.IGNORECASE,
)
_DOCUMENT_TITLE = re.compile(
    r"(?:curriculum vitae|resume|résumé|cv|lebenslauf|hoja de vida|currículum(?: vítae)?)(?:\s(?:of|de|von|for))?"
    r"\s{0,3}(?:[-–—:|]\s{0,3})?",
    re.IGNORECASE,
)
# These mark letters, adverts and bills: then only a matching address ties a name to the candidate.
_NO_RESUME = re.compile(
    r"\b(?:we are (?:looking|hiring|seeking)|we offer|what we offer|you will|apply (?:now|today|by)|"
    r"dear (?:sir|madam|hiring|mr|ms|mrs|dr|all)|sehr geehrte|madame, monsieur|estimad[oa]s?|"
    r"yours (?:sincerely|faithfully)|kind regards|mit freundlichen|amount due|preheat|tablespoons?|"
    r"wir suchen|wir bieten|nous recherchons|buscamos|"
    r"about the role|the ideal candidate|equal opportunity employer)\b"
    r"|^\W{0,3}(?:project brief|scope of work|statement of work|request for proposal|"
    r"invoice|rechnung|facture|factura|ingredients|zutaten|ingrédients|subtotal|requirements|your profile|"
    r"your tasks|ihre aufgaben|ihr profil|job description|responsibilities)\b[^\n]{0,25}$",
    re.IGNORECASE | re.MULTILINE,
)
_CONTACT = re.compile(r"@|\+?\d[\d ()./-]{7,}|linkedin\.com|github\.com", re.IGNORECASE)
_SINGLE_LETTERS = re.compile(r"\w(?:[ \xa0]\w)+")
_WORD = re.compile(r"[^\W\d_]+(?:[.'’`-][^\W\d_]*)*")
MOST_TRUSTED = 6
FARTHEST_HEADLINE = 250
EASTERN_TITLES = ("简历", "個人簡歷", "个人简历", "履歴書", "이력서", "职务经历书", "求职信", "发票")
_INTRODUCING = (Section.HEADER, Section.CONTACT, Section.SKILLS, Section.INTERESTS, Section.LANGUAGES, Section.OTHER)
_SECTIONS = (Section.EXPERIENCE, Section.EDUCATION, Section.SKILLS, Section.SUMMARY, Section.LANGUAGES)


def read_name(text: DocumentText, parts: list[Part], email: Found[str] | None) -> Found[str] | None:
    """The candidate's name from a label, the top of the document or beside the address that matches it."""
    top = _top(parts)
    trusted, denied = _is_resume(text, parts), is_other_document(text)
    for piece, start, nth in _candidates(top):
        name = _as_name(piece)
        if not name:
            continue
        raw, value = name
        followed = 0 <= nth <= 1 and any(_CONTACT.search(line.words) for line in top[: nth + 7])
        if _fits(value, email) or (trusted and nth <= MOST_TRUSTED) or (followed and not denied):
            return _at(text, raw, value, start + piece.index(raw))
    return _beside_sidebar(text, parts, email)


def _at(text: DocumentText, raw: str, value: str, start: int) -> Found[str]:
    return found(text, value, start, start + len(raw))


def _beside_sidebar(text: DocumentText, parts: list[Part], email: Found[str] | None) -> Found[str] | None:
    """A name further down page 1, as a side column puts it, when the address holds all of it."""
    for line in [line for part in parts if part.section is not Section.REFERENCES for line in part.lines][:120]:
        if len(line.words) > 60 or line.has_bullet or email is None or text.page_number_at(line.start) > 1:
            continue
        name = _as_name(line.words)
        if name and _fits_wholly(name[1], email):
            return _at(text, *name, line.start + line.words.index(name[0]))
    return None


def read_headline(text: DocumentText, parts: list[Part], name: Found[str] | None) -> Found[str] | None:
    """What the candidate calls themself: a job beside or right under the name."""
    if name is None:
        return None
    lines = lines_of(parts, *_INTRODUCING)
    near = [line for line in lines if line.end > name.start and line.start < name.end + FARTHEST_HEADLINE][:3]
    for line in near:
        for cell, offset in cells(line):
            piece, start = _after_name(cell, offset, name)
            if start >= name.end and 3 <= len(piece) <= 100 and _is_headline(piece):
                return found(text, piece, start, start + len(piece))
    return None


def _is_headline(piece: str) -> bool:
    return names_role(piece) and not _CONTACT.search(piece) and not piece.endswith(".")


def _after_name(piece: str, start: int, name: Found[str]) -> tuple[str, int]:
    """The rest of a piece that begins with the name ("Jane Doe, Senior Nurse")."""
    if start < name.end < start + len(piece):
        rest = piece[name.end - start :]
        degrees = _DEGREES_AFTER.match(rest)
        kept = rest[degrees.end() if degrees else 0 :].lstrip(" ,-–—:|(")
        return kept.rstrip(" )"), start + len(piece) - len(kept)
    return piece, start


def _top(parts: list[Part]) -> list[Line]:
    """The lines that may hold the name: the header, a contact section near the top, else the first lines at all."""
    header = lines_of(parts, Section.HEADER)[:14]
    contact = lines_of(parts, Section.CONTACT)[:12]
    if header or contact:
        return header + contact
    return [line for part in parts for line in part.lines][:3]


def _candidates(top: list[Line]) -> Iterator[tuple[str, int, int]]:
    """Pieces that may be a name, with offset and line number; -1 says that a label names it."""
    for line in top:
        if label := _LABEL.match(line.words):
            piece, start = line.words[label.end() : 120], line.start + label.end()
            yield piece, start, -1
    for nth, line in enumerate(top[:10]):
        if len(line.words) > 160 or line.has_bullet:
            continue
        # A spaced-out name ("J A N E   D O E") must be seen before columns part it.
        if "   " in line.words and _spaced_out(line.words):
            yield line.words, line.start, nth
        for piece, start in cells(line)[:3]:
            if names_role(piece) and piece is cells(line)[0][0]:
                yield re.split(r",|\s-\s|\(", piece, maxsplit=1)[0], start, nth
                break  # "Registered Nurse – Intensive Care": after a job comes no name
            title = _DOCUMENT_TITLE.match(piece)
            skip = title.end() if title and not piece[title.end() - 1].isalpha() else 0
            yield piece[skip:], start + skip, nth
            head = re.split(r",|\s-\s|\(", piece[skip:], maxsplit=1)[0]
            if head != piece[skip:]:
                yield head, start + skip, nth


def _as_name(piece: str) -> tuple[str, str] | None:
    """What stands there and the name it says, when a piece reads like a person's name."""
    raw = piece.strip(" \t\xa0,;:|-–—()")
    if not 2 <= len(raw) <= 70:
        return None
    if spaced := _spaced_out(raw):
        return (raw, _title_case(spaced)) if _reads_as_name(spaced) else None
    if title := _TITLE.match(raw):
        raw = raw[title.end() :]
    suffix = _SUFFIXES.search(raw)
    if suffix and not _KEPT_SUFFIX.search(raw):
        raw = raw[: suffix.start()]
    bare = _KEPT_SUFFIX.sub("", raw)
    return (raw, _title_case(" ".join(raw.split()))) if _reads_as_name(bare) else None


def _spaced_out(raw: str) -> str | None:
    """ "J A N E   D O E" as "JANE DOE"; None unless letters stand apart and words stand further apart."""
    words = re.split(r"[ \xa0]{2,8}|\t", raw.strip())
    if len(words) < 2 or len(raw) > 140 or not all(_SINGLE_LETTERS.fullmatch(word) for word in words):
        return None
    return " ".join("".join(word.split()) for word in words)


def _reads_as_name(words: str) -> bool:
    tokens = words.split()
    if section_named(words) or words.casefold() in CANONICAL or place_in(words) or names_organization(words):
        return False
    if any(word.rstrip(".") in NEVER_NAMES for word in words_of(words)):
        return False
    if len(tokens) == 1:
        return _is_eastern_name(tokens[0])
    if not 2 <= len(tokens) <= 6 or tokens[-1].casefold() in PARTICLES:
        return False
    return all(_is_name_token(token) for token in tokens) and any(len(token.strip(".")) > 1 for token in tokens[1:])


def _is_name_token(token: str) -> bool:
    if token.casefold() in PARTICLES:
        return True
    bare = token.strip("()\"“”„'’").rstrip(".")
    if not bare or not _WORD.fullmatch(bare):
        return False
    first = bare[0]
    # Scripts without case (Han, Arabic, Devanagari) have letters that are neither upper nor lower.
    return first.isupper() or (not first.islower() and first.isalpha()) or bare[:2] in ("d'", "d’", "o'", "al")


def _is_eastern_name(token: str) -> bool:
    """Two to four Han or Hangul characters, which need no space between the parts of a name."""
    is_han = all("\u4e00" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in token)
    return 2 <= len(token) <= 4 and is_han and token not in EASTERN_TITLES


def _title_case(name: str) -> str:
    """A name in capitals as people write it ("VAN DER BERG" is "van der Berg", "Zoë MARTIN" is "Zoë Martin")."""
    in_capitals = name.isupper() and name.casefold() != name
    words = [
        _title_word(word, is_first=at == 0) if in_capitals or (word.isupper() and len(letters(word)) > 3) else word
        for at, word in enumerate(name.split())
    ]
    return " ".join(words)


def _title_word(word: str, *, is_first: bool) -> str:
    if not is_first and word.casefold() in PARTICLES:
        return word.casefold()
    if word.strip(".,") in ("II", "III", "IV"):
        return word
    return re.sub(r"[^\W\d_]+", lambda run: _capitalized(run[0]), word)


def _capitalized(run: str) -> str:
    return f"Mc{run[2:].capitalize()}" if run.startswith("MC") and len(run) > 4 else run.capitalize()


def _fits(name: str, email: Found[str] | None) -> bool:
    """Whether the address was made from the name: it holds a whole part of it of three letters or more."""
    if email is None:
        return False
    local = letters(email.value.partition("@")[0])
    own_domain = letters(email.value.partition("@")[2].rpartition(".")[0])
    parts = [letters(part) for part in re.split(r"[\s-]+", name)]
    return letters(name) == own_domain or any(len(part) >= 3 and part in local for part in parts)


def _fits_wholly(name: str, email: Found[str]) -> bool:
    """Whether the address holds the first and the last part of the name."""
    local = letters(email.value.partition("@")[0])
    parts = [letters(part) for part in name.split()]
    return len(parts[0]) >= 3 and len(parts[-1]) >= 3 and parts[0] in local and parts[-1] in local


def _is_resume(text: DocumentText, parts: list[Part]) -> bool:
    """Whether the document has the sections of a résumé and no phrase of an advert, letter or bill."""
    sections = {part.section for part in parts if part.section in _SECTIONS}
    core = sections & {Section.EXPERIENCE, Section.EDUCATION}
    return len(sections) >= 2 and bool(core) and not is_other_document(text)


def is_other_document(text: DocumentText) -> bool:
    """Whether the text has a phrase of adverts, letters, recipes or bills."""
    return bool(_NO_RESUME.search(text.text, 0, 20_000))
