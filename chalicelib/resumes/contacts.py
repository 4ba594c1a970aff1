"""How to reach a candidate: e-mail, phone, links and location, from the contact block first.

What stands among references is somebody else's, and a shared mailbox (jobs@, billing@) is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from chalicelib.resumes.fields import Found, found
from chalicelib.resumes.places import place_in, postcode_city
from chalicelib.resumes.sections import Line, Part, Section, cells, lines_of
from chalicelib.resumes.text import DocumentText

MOST_TRIED = 50
LONGEST_LINE = 300
# The look-behind starts a match only where a run of such characters starts, which keeps the search linear.
_EMAIL = re.compile(r"(?<![\w.%+'&/-])[\w.%+'&-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w@])")
_SHARED_MAILBOXES = """
    info jobs job careers career hr sales billing support office admin noreply no-reply recruiting recruitment bewerbung
    bewerbungen kontakt karriere personal accounts accounting invoices invoice orders service team talent press
"""
_SHARED = frozenset(_SHARED_MAILBOXES.split())
_LABELLED_PHONE = re.compile(
    r"(?:tel|téléphone|telefon|telephone|teléfono|phone|mobile|mobil|móvil|cell|handy|portable|ph)\b", re.IGNORECASE
)
_PREFIX_00 = re.compile(r"(?<![\d+])00([1-9][\d \xa0()/.-]{7,18}\d)")
_URL = re.compile(
    r"(?<![\w@./-])(?:https?://|www\.)?(?:[\w-]{1,63}\.){1,4}[a-z]{2,12}(?:/[\w%~.+@=&?#/-]{0,120})?(?![\w@])",
    re.IGNORECASE,
)
_HOMES = "dev me io com net org de fr es co uk eu ch at info design page"
_LOCATION_LABEL = re.compile(
    r"(?:current )?(?:location|address|based in|lives in|adresse|anschrift|wohnort|wohnhaft in|ort|ville|lieu|"
    r"domicilio|dirección|residencia|ubicación|city|residence)\s{0,3}[:\t]\s{0,6}",
    re.IGNORECASE,
)
_COUNTRIES_BY_DOMAIN = "de at ch fr es it nl be pt pl se no dk fi ie ca au nz"
_COUNTRY_DOMAINS = {"uk": "GB"} | {domain: domain.upper() for domain in _COUNTRIES_BY_DOMAIN.split()}


@dataclass(frozen=True, slots=True)
class Contacts:
    """What the contact block says."""

    email: Found[str] | None
    phone: Found[str] | None
    location: Found[str] | None
    links: tuple[Found[str], ...]


def read_contacts(text: DocumentText, parts: list[Part]) -> Contacts:
    """The candidate's own contact details."""
    block = contact_block(parts)
    elsewhere = [
        line for part in parts if part.section not in (Section.REFERENCES, Section.CONTACT) for line in part.lines
    ]
    email = _email(text, block) or _email(text, elsewhere)
    location, region = _location(text, block)
    phone = _phone(text, block, region or _domain_region(email))
    return Contacts(email, phone, location, tuple(_links(text, block, elsewhere)))


def contact_block(parts: list[Part]) -> list[Line]:
    """The lines where a person introduces themself: the header and the contact section, 25 lines of each at most."""
    header, contact = lines_of(parts, Section.HEADER)[:25], lines_of(parts, Section.CONTACT)[:25]
    if not header and not contact:
        contact = [line for part in parts for line in part.lines][:8]
    return [line for line in (*header, *contact) if len(line.words) <= LONGEST_LINE]


def _email(text: DocumentText, lines: list[Line]) -> Found[str] | None:
    tried = 0
    for line in lines:
        for match in _EMAIL.finditer(line.words):
            tried += 1
            if tried > MOST_TRIED:
                return None
            raw = match[0].lstrip("'.-&").removeprefix("mailto:")
            start = line.start + match.end() - len(raw)
            if value := _valid_email(raw):
                return found(text, value, start, start + len(raw))
    return None


def _valid_email(raw: str) -> str | None:
    try:
        address = validate_email(raw, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        # Reserved domains (example.com is not among them) and malformed addresses alike reach nobody.
        return None
    return None if address.partition("@")[0] in _SHARED else address


def _domain_region(email: Found[str] | None) -> str | None:
    return _COUNTRY_DOMAINS.get(email.value.rpartition(".")[2]) if email else None


def _phone(text: DocumentText, block: list[Line], region: str | None) -> Found[str] | None:
    for line in sorted(block, key=lambda line: not _LABELLED_PHONE.search(line.words)):
        if number := _phone_in(line.words, region):
            value, start, end = number
            return found(text, value, line.start + start, line.start + end)
    return None


def _phone_in(words: str, region: str | None) -> tuple[str, int, int] | None:
    """The first valid number; without a region only one in international form."""
    for match in phonenumbers.PhoneNumberMatcher(words, region):
        value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        return value, match.start, match.start + len(match.raw_string)
    if prefixed := _PREFIX_00.search(words):
        try:
            number = phonenumbers.parse("+" + prefixed[1])
        except phonenumbers.NumberParseException:
            return None
        if phonenumbers.is_valid_number(number):
            return (
                phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
                prefixed.start(),
                prefixed.end(),
            )
    return None


def _location(text: DocumentText, block: list[Line]) -> tuple[Found[str] | None, str | None]:
    """Where the candidate lives, with the country's ISO code when it is known."""
    for line in block:
        if label := _LOCATION_LABEL.match(line.words):
            rest = line.words[label.end() : label.end() + 100]
            start, end, region = place_in(rest) or postcode_city(rest) or (0, len(rest), None)
            if rest.strip() and any(c.isalpha() for c in rest[start:end]):
                return _place(text, line.start + label.end() + start, rest[start:end]), region
    for line in block:
        for piece, offset in cells(line):
            if place := place_in(piece) or postcode_city(piece):
                start, end, region = place
                return _place(text, offset + start, piece[start:end]), region
    return None, None


def _place(text: DocumentText, start: int, raw: str) -> Found[str]:
    kept = raw.rstrip(" ,.;")
    return found(text, " ".join(kept.split()), start, start + len(kept))


def _links(text: DocumentText, block: list[Line], elsewhere: list[Line]) -> Iterator[Found[str]]:
    """Profiles anywhere but among references, and a personal site from the contact block; each once."""
    seen: set[str] = set()
    in_block = {line.start for line in block}
    for line in sorted(
        {*block, *(line for line in elsewhere if len(line.words) <= LONGEST_LINE)}, key=lambda x: x.start
    ):
        for match in _URL.finditer(line.words) if "." in line.words else ():
            raw = match[0].rstrip(".,;/")
            value = _profile_link(raw) or (_home_page(raw) if line.start in in_block else None)
            if value and value not in seen and len(seen) < MOST_TRIED:
                seen.add(value)
                yield found(text, value, line.start + match.start(), line.start + match.start() + len(raw))


def _split(raw: str) -> tuple[str, list[str], str]:
    """A link's host without "www.", its path's parts, and its query."""
    try:
        parts = urlsplit(raw if "://" in raw else f"https://{raw}")
    except ValueError:
        return "", [], ""
    return parts.netloc.lower().removeprefix("www."), [p for p in parts.path.split("/") if p], parts.query


def _profile_link(raw: str) -> str | None:
    host, path, _ = _split(raw)
    if (
        (host == "linkedin.com" or host.endswith(".linkedin.com"))
        and len(path) > 1
        and path[0].lower() in ("in", "pub")
    ):
        return f"https://www.linkedin.com/{path[0].lower()}/{path[1]}"
    if host in ("github.com", "gitlab.com", "bitbucket.org") and path:
        return f"https://{host}/{path[0]}"
    if host == "xing.com" and len(path) > 1 and path[0] == "profile":
        return f"https://www.xing.com/profile/{path[1]}"
    return None


def _home_page(raw: str) -> str | None:
    """A site of one's own; a bare "node.js" is none."""
    host, path, query = _split(raw)
    explicit = raw.lower().startswith(("http://", "https://", "www."))
    if not host.isascii() or host.partition(".")[0] in ("linkedin", "github", "gitlab"):
        return None
    if not explicit and host.rpartition(".")[2] not in _HOMES.split():
        return None
    prefix = "www." if "www." in raw.lower()[:14] else ""
    return f"https://{prefix}{'/'.join([host, *path])}" + (f"?{query}" if query else "")
