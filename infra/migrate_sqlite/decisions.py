"""What becomes of each row of the old database, and why. None of this holds a value of a row: a report is passed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from chalicelib.events.models import Event


class Outcome(StrEnum):
    """Each row has exactly one."""

    WRITTEN = "written"
    """Rows of ours say what it said."""
    MERGED = "merged"
    """It was one more row of somebody or something that is there."""
    HISTORY = "history"
    """It is kept as it was, as an event in the history of what it is about."""
    REFUSED = "refused"
    """It cannot be kept; the reason is told."""
    LEFT = "left"
    """Its table is left behind."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Something about a row that is not as it was: `code` is stable, `message` is for who has to judge it."""

    code: str
    message: str
    field: str | None = None

    def as_json(self) -> dict[str, str | None]:
        return {"field": self.field, "code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Target:
    """A row of ours: `values` by column, as JSON has them."""

    table: str
    values: dict[str, Any]


@dataclass(slots=True)
class Item:
    """One row of the old database. Its targets and its event are written together or not at all; where there is the
    event, the row was brought over before."""

    table: str
    key: str
    outcome: Outcome
    decisions: list[Decision] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    event: Event | None = None

    def decide(self, code: str, message: str, name: str | None = None) -> None:
        self.decisions.append(Decision(code, message, name))

    def refuse(self, code: str, message: str, name: str | None = None) -> Item:
        """Nothing of it is written."""
        self.outcome, self.targets, self.event = Outcome.REFUSED, [], None
        self.decide(code, message, name)
        return self
