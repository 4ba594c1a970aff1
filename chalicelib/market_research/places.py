"""Whether two locations are the same place, by the words for its city and country."""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.resumes.places import CITY_COUNTRIES, COUNTRY_CODES
from chalicelib.screening.folding import fold

_COUNTRIES = {fold(name): code for name, code in COUNTRY_CODES.items()} | {"us": "US", "gb": "GB"}
_CITIES = {fold(name): code for name, code in CITY_COUNTRIES.items()}
# One city under two names, the English one on the right.
_SAME = {
    "munchen": "munich", "koln": "cologne", "wien": "vienna", "geneve": "geneva", "genf": "geneva", "lisboa": "lisbon",
    "roma": "rome", "milano": "milan", "torino": "turin", "napoli": "naples", "bruxelles": "brussels",
    "sevilla": "seville", "warszawa": "warsaw", "praha": "prague", "kobenhavn": "copenhagen",
    "goteborg": "gothenburg", "bengaluru": "bangalore",
}  # fmt: skip
_PARTING = re.compile(r"[,;/|()\n]| - ")
_WORD = re.compile(r"[^\W_]+")
Parts = tuple[frozenset[str], ...]


def is_at(asked: str, stated: str | None) -> bool:
    """Whether a stated location lies in the one asked for. The first part asked for has to stand there; the others
    only when there is more than one part to compare with: "Berlin" is in "Berlin, Germany", "London, UK" is not
    "London, Ontario". A well-known city stated alone lies in its country."""
    wanted, parts = _parts(asked), _parts(stated or "")
    if not wanted or not parts:
        return False
    there = frozenset[str]().union(*parts)
    if not wanted[0] <= there | _implied(stated or "", parts):
        return False
    return len(parts) == 1 or all(part <= there for part in wanted[1:])


@lru_cache(maxsize=20_000)
def _parts(text: str) -> Parts:
    pieces = (" ".join(_WORD.findall(fold(piece))) for piece in _PARTING.split(text))
    return tuple(_words(piece) for piece in pieces if piece)


def _words(piece: str) -> frozenset[str]:
    if piece in _COUNTRIES:
        return frozenset({f"country {_COUNTRIES[piece]}"})
    return frozenset(_SAME.get(word, word) for word in piece.split())


def _implied(stated: str, parts: Parts) -> frozenset[str]:
    country = _CITIES.get(" ".join(_WORD.findall(fold(stated)))) if len(parts) == 1 else None
    return frozenset({f"country {country}"}) if country else frozenset()
