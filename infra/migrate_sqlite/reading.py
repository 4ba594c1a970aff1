"""The values of one old row, each judged as the API would judge it; what is not as it was is decided and told."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalicelib.bulk_imports import cells, contacts
from chalicelib.bulk_imports.cells import CellWrong
from chalicelib.bulk_imports.decisions import storable
from infra.migrate_sqlite.decisions import Item
from infra.migrate_sqlite.source import Row

LOST = re.compile("[\x00\ufffd\ud800-\udfff]")
HIDDEN = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u202a-\u202e\u2066-\u2069]")
KEPT_AT_MOST = 20_000
"""Characters of one value in an event."""
# In place of messages that quote parts of an address.
NO_CONTACT = {"email_invalid": "mail could never reach this", "phone_invalid": "no phone number with its country code"}
SECRET = ("password_hash", "settings")


class Reader:
    """Reads `row` for `item`, which gets the decisions."""

    def __init__(self, row: Row, item: Item) -> None:
        self.row, self.item = row, item

    def raw(self, name: str) -> Any:
        return self.row.get(name)

    def key(self, name: str) -> str | None:
        """A reference, or None for none."""
        value = self.raw(name)
        return None if value in (None, "") else str(value)

    def line(self, name: str, *, maximum: int = cells.LINE_MAX) -> str | None:
        """One line; cleaned of what no person typed and cut where it is too long."""
        text = self._clean(name)
        return None if text is None else self._short(name, " ".join(text.split()), maximum)

    def prose(self, name: str) -> str | None:
        """Text of many lines."""
        text = self._clean(name)
        if text is None:
            return None
        return self._short(name, re.sub(r"\r\n?|[\u2028\u2029]", "\n", text).strip(), cells.PROSE_MAX)

    def _clean(self, name: str) -> str | None:
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bytes):
            self.item.decide("not_text", "dropped: it is no text", name)
            return None
        text = cells.as_text(value)
        if text.isascii() and text.isprintable():
            return text
        for pattern, code, what in ((LOST, "character_lost", "unreadable"), (HIDDEN, "control_character", "control")):
            if pattern.search(text):
                text = pattern.sub("", text)
                self.item.decide(code, f"{what} characters taken out", name)
        return text

    def _short(self, name: str, text: str, maximum: int) -> str | None:
        if len(text) > maximum:
            self.item.decide("too_long", f"cut to {maximum:,} characters; the event has the rest", name)
            text = text[:maximum].rstrip()
        return text or None

    def labels(self, name: str, *, most: int = cells.LABELS_MAX) -> list[str]:
        """A JSON list of labels, each once; those that are none are dropped."""
        found: dict[str, str] = {}
        for text in self.texts(name, maximum=cells.LABEL_MAX):
            found.setdefault(text.casefold(), text)
        if len(found) > most:
            self.item.decide("too_many", f"the first {most} are kept", name)
        return list(found.values())[:most]

    def texts(self, name: str, *, maximum: int) -> list[str]:
        """A JSON list of texts, each on a line of its own; a single text counts as one."""
        value = self.json(name)
        values = value if isinstance(value, list) else [] if value is None else [value]
        texts = []
        for each in values:
            inner = Reader({name: each}, self.item)
            if isinstance(each, dict | list):
                self.item.decide("not_text", "an entry that is no text was dropped", name)
            elif text := inner.line(name, maximum=maximum):
                texts.append(text)
        return texts

    def json(self, name: str) -> Any:
        """The value of a JSON column; None, and a decision, where it is broken."""
        value = self.raw(name)
        if not isinstance(value, str | bytes) or value == "":
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            self.item.decide("json_broken", "dropped: this is no JSON; the event has it as it was", name)
            return None

    def moment(self, name: str) -> datetime | None:
        """A time in UTC: one without a zone is meant so. None for nothing, and, with a decision, for what is none."""
        value = self.raw(name)
        if value in (None, ""):
            return None
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            elif moment.utcoffset():
                self.item.decide("time_zoned", "has a zone of its own, and was converted to UTC", name)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or not 1970 <= moment.year <= 2200:
            self.item.decide("time_unreadable", "this is no time from 1970 to 2200", name)
            return None
        return moment

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number in its range; None, with a decision, for another."""
        value = self.raw(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 10:
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or not least <= value <= most:
            self.item.decide("out_of_range", f"dropped: this is no whole number from {least} to {most}", name)
            return None
        return value

    def contact(self, name: str, reader: Callable[..., str | None], **options: Any) -> str | None:
        """An address or number by the rules of the API; None, with a decision, for what is none."""
        try:
            return reader(self.raw(name), **options)
        except CellWrong as wrong:
            message = NO_CONTACT.get(wrong.code, wrong.message)
            self.item.decide(wrong.code, f"dropped: {message}; the event has it as it was", name)
            return None

    def link(self, name: str) -> str | None:
        """A web address, when it is one."""
        try:
            value = self.raw(name)
            return contacts.link(value) if isinstance(value, str) and "://" in value else None
        except CellWrong:
            return None

    def as_it_was(self) -> dict[str, Any]:
        """Every value of the row for its event, but for secrets."""
        return {name: self._keep(name, value) for name, value in self.row.items() if name not in SECRET}

    def _keep(self, name: str, value: Any) -> Any:
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, str):
            if len(value) <= KEPT_AT_MOST and value.isascii() and value.isprintable():
                return value
            if len(value) > KEPT_AT_MOST:
                self.item.decide("event_cut", f"the event has the first {KEPT_AT_MOST:,} characters", name)
            return storable(value[:KEPT_AT_MOST])
        if isinstance(value, bytes):
            return f"{len(value)} bytes"
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return value
