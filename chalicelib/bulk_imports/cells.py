"""Text of a cell, cleaned of what no person typed, and the simple values made of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

LINE_MAX, LABEL_MAX, PROSE_MAX, LABELS_MAX = 200, 100, 20_000, 200
"""As Line, Label, Prose and Labels of candidates/schemas.py: characters, and labels in a list."""

# Lost for good: the byte that stood here was no text (U+FFFD), cut in half (surrogates), or is forbidden (NUL).
_LOST = re.compile("[\x00\ufffd\ud800-\udfff]")
# Control characters and those that turn the direction of writing: nobody sees them, and they can make one address
# look like another. Joiners and the plain marks of right-to-left writing are part of words and stay.
_HIDDEN = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_SEPARATORS = re.compile(r"[,;|\r\n]")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NO = frozenset({"no", "nein", "non", "false", "0", "n", "-"})
_YES = frozenset({"yes", "ja", "oui", "si", "sí", "true", "1", "y", "x"})


class CellWrong(ValueError):
    """A cell that cannot be taken: `code` is stable, `message` for the person who has to correct it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def as_text(value: Any) -> str:
    """A cell or JSON value as text: "" for null; CellWrong for a list or object."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise CellWrong("text_expected", "this has to be a text")


def line(value: Any, *, maximum: int = LINE_MAX) -> str | None:
    """One line: hidden characters dropped, any run of space made one space; None when nothing is left."""
    text = as_text(value)
    if not (text.isascii() and text.isprintable()):
        text = _HIDDEN.sub("", readable(text))
    text = " ".join(text.split())
    if len(text) > maximum:
        raise CellWrong("too_long", f"at most {maximum} characters")
    return text or None


def identifier(value: Any) -> str | None:
    """A line that identifies somebody (an address, a number, a link): a hidden character refuses it."""
    text = as_text(value).strip()
    if not (text.isascii() and text.isprintable()):
        if _HIDDEN.search(readable(text)):
            raise CellWrong("hidden_character", "there is an invisible character in it; type it anew")
        text = text.strip()
    if "\n" in text or "\r" in text:
        raise CellWrong("several_lines", "only one is possible, on one line")
    return text or None


def prose(value: Any) -> str | None:
    """Text of many lines, each ending in LF; hidden characters dropped; None when nothing is left."""
    text = as_text(value)
    if not (text.isascii() and text.isprintable()):
        text = _HIDDEN.sub("", _LINE_ENDS.sub("\n", readable(text)))
    text = text.strip()
    if len(text) > PROSE_MAX:
        raise CellWrong("too_long", f"at most {PROSE_MAX:,} characters")
    return text or None


def labels(value: Any) -> list[str]:
    """Labels in their order, each once (case aside): items of a list, or a text split at , ; | and line ends."""
    items: Iterable[Any] = value if isinstance(value, list) else _SEPARATORS.split(as_text(value))
    found: dict[str, str] = {}
    for item in items:
        if label := line(item, maximum=LABEL_MAX):
            found.setdefault(label.casefold(), label)
    if len(found) > LABELS_MAX:
        raise CellWrong("too_many", f"at most {LABELS_MAX} of them")
    return list(found.values())


def consent_moment(value: Any) -> str | None:
    """When consent was given, as the API writes it (UTC, ISO 8601); None for an empty cell or a no.

    A yes without a day is refused: a consent that cannot be dated cannot be shown to anybody.
    """
    text = identifier(value)
    if text is None or text.casefold() in _NO:
        return None
    if text.casefold() in _YES:
        raise CellWrong("consent_undated", "write the day on which consent was given, 2024-05-31 for example")
    moment = _moment(text)
    if moment is None or not 1900 <= moment.year <= 2200:
        raise CellWrong("date_unclear", "write the date as 2024-05-31")
    return moment.isoformat().replace("+00:00", "Z")


def readable(text: str) -> str:
    """`text`, unless a character of it was lost on the way here: then CellWrong."""
    if _LOST.search(text):
        what = "a NUL character" if "\x00" in text else "a character that could not be read"
        raise CellWrong("character_lost", f"there is {what} in it; correct the file or save it as UTF-8")
    return text


def _moment(text: str) -> datetime | None:
    try:
        if match := _DAY_FIRST.fullmatch(text):
            day, month, year = (int(part) for part in match.groups())
            return datetime(year, month, day, tzinfo=UTC)
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
