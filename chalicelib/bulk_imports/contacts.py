"""Addresses, phone numbers and links of a row, judged exactly as the API judges them, only quicker.

The API's own types (email-validator, phonenumbers, pydantic's URL) decide. Each fast way below takes only what they
would certainly take and gives what they would give; tests hold both against each other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import phonenumbers
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from phonenumbers import PhoneNumberFormat
from pydantic import HttpUrl, TypeAdapter, ValidationError

from chalicelib.auth.schemas import Email
from chalicelib.bulk_imports.cells import CellWrong, identifier, readable
from chalicelib.candidates.schemas import Link, Phone
from chalicelib.resumes.places import CITY_COUNTRIES, country_of

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_PHONE: TypeAdapter[str] = TypeAdapter(Phone)
_URL: TypeAdapter[HttpUrl] = TypeAdapter(Link)

# Letters, digits and single marks between them; no "--", which may announce an internationalized name.
_PLAIN_EMAIL = re.compile(
    r"(?P<local>[a-z0-9]++(?:[._+-][a-z0-9]++)*+)@(?P<domain>(?:[a-z0-9]++(?:-[a-z0-9]++)*+\.)++(?P<top>[a-z]{2,24}))"
)
_PLAIN_PHONE = re.compile(r"\+[1-9]\d*+(?:[ .-]\d++|[ -]?\(\d++\)[ -]?\d++)*+")
_NOT_DIGITS = re.compile(r"\D+")
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:")
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,10}[^\W\d_]{2,24}(?::\d{1,5})?(?:[/?#]\S{0,2000})?")
_ACCOUNT = re.compile(r"@?([\w.-]{1,100})")
ACCOUNT_SITES = {"linkedin": "https://www.linkedin.com/in/", "github": "https://github.com/"}
LINKS_MAX, LINK_MAX = 50, 2083


def email(value: Any) -> str | None:
    """The address in lower case; CellWrong when mail could never reach it."""
    text = identifier(value)
    if text is None:
        return None
    lowered = text.lower()
    if _is_plain_email(lowered):
        return lowered
    try:
        return _EMAIL.validate_python(text)
    except ValidationError as fault:
        raise CellWrong("email_invalid", fault.errors()[0]["msg"]) from None


def _is_plain_email(text: str) -> bool:
    match = _PLAIN_EMAIL.fullmatch(text) if len(text) <= 254 else None
    if match is None or match["top"] in _SPECIAL:
        return False
    return len(match["local"]) <= 64 and len(match["domain"]) <= 63


def phone(value: Any, *, region: str | None = None) -> str | None:
    """The number in E.164. `region` (ISO country) reads one written without a country code, if it is valid there."""
    text = identifier(value)
    if text is None:
        return None
    if text.startswith("00") and text[2:3].isdigit():
        text = "+" + text[2:]
    if len(text) <= 40 and _PLAIN_PHONE.fullmatch(text) and (plain := _plain_phone(_NOT_DIGITS.sub("", text))):
        return plain
    if region is not None and not text.startswith("+"):
        return _national(text, region)
    try:
        return _PHONE.validate_python(text)
    except ValidationError as fault:
        raise CellWrong("phone_invalid", fault.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _plain_phone(digits: str) -> str | None:
    """E.164 of a number in international digits, when it needs no rule of its country; None says ask the library."""
    for length in (1, 2, 3):
        if (rules := _country_rules(digits[:length])) is not None:
            national = digits[length:]
            lengths, trunk = rules
            is_plain = len(national) in lengths and national[0] != "0" and not (trunk and trunk.match(national))
            return f"+{digits}" if is_plain else None
    return None


@lru_cache(maxsize=2000)
def _country_rules(code: str) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """The lengths of national numbers under a country code, and the trunk prefix that the library would strip."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None:
        return None
    if regions[0] == "001":
        return frozenset(), None
    rules = phonenumbers.PhoneMetadata.metadata_for_region(regions[0])
    if rules is None or rules.general_desc is None:
        return frozenset(), None
    prefix = rules.national_prefix_for_parsing
    return frozenset(rules.general_desc.possible_length), re.compile(prefix) if prefix else None


def _national(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise CellWrong("phone_invalid", "this is no phone number") from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise CellWrong("phone_invalid", "write it with its country code: +44 20 7946 0958")
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


@lru_cache(maxsize=4096)
def region_of(location: str | None) -> str | None:
    """The country (ISO code) that a location clearly names: a country, state or large city in it; else None.

    Parts after commas are asked from the last: "Leeds, UK" and "Austin, TX" are clear, "Springfield" is not.
    """
    parts = [part.strip() for part in (location or "")[:200].split(",")]
    city = CITY_COUNTRIES.get(parts[0].casefold())
    for name in reversed(parts):
        # "Berlin, DE" is not in Delaware, nor "Toronto, CA" in California.
        if name == city:
            return city
        if region := country_of(name) or CITY_COUNTRIES.get(name.casefold()):
            return region
        if name.isupper() and (region := known_region(name)):
            return region
    return None


def known_region(code: str) -> str | None:
    """`code` when it is the ISO code of a country that has phone numbers."""
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def link(value: Any, *, site: str | None = None) -> str | None:
    """The link as the API stores it; `https://` is added where no scheme stands.

    For `site` linkedin or github a bare account name is enough. CellWrong when it leads nowhere.
    """
    text = identifier(value)
    if text is None:
        return None
    if len(text) > LINK_MAX:
        raise CellWrong("too_long", f"at most {LINK_MAX} characters")
    if not _SCHEME.match(text) or _HOST.fullmatch(text):
        if _HOST.fullmatch(text) and (site is None or "/" in text):
            text = f"https://{text}"
        elif site in ACCOUNT_SITES and (account := _ACCOUNT.fullmatch(text)):
            text = ACCOUNT_SITES[site] + account[1]
    try:
        return str(_URL.validate_python(readable(text)))
    except ValidationError:
        raise CellWrong("link_invalid", "this is no web address; write it as https://example.com/page") from None


def links(value: Any) -> list[str]:
    """Several links: items of a list, or a text split at spaces and ; | (a comma may be part of a link)."""
    items = value if isinstance(value, list) else re.split(r"[\s;|]+|,\s+", str(value or ""))
    return [found for item in items if (found := link(item))]
