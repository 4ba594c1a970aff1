"""What becomes of each row of a piece, decided before anything is written.

Two rows, or a row and a candidate of the organization, are the same person when they have the same well-formed email,
or else the same E.164 phone number. Within a piece the earlier line wins. Pieces of one file run side by side: between
them the one whose transaction comes first does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chalicelib.bulk_imports.candidate_row import CandidateRow
from chalicelib.bulk_imports.models import OnDuplicate, Outcome
from chalicelib.bulk_imports.rows import RowProblems

NEVER_SHORTENED = ("experience", "education")
"""A column with an employer must not replace what a résumé told: these give way to lists at least as long."""


@dataclass(slots=True)
class Person:
    """A candidate that rows may mean: one of the organization's, or one that this file has brought. `line` is where
    the file has it, `version` what the candidate counts; a dry run's has no id."""

    id: UUID | None
    version: int
    values: dict[str, Any]
    line: int | None = None
    is_new: bool = False
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one row: `before` and `after` are what an update replaces; a new candidate is all `after`."""

    line: int
    outcome: Outcome
    person: Person | None = None
    version: int | None = None
    problems: tuple[dict[str, Any], ...] = ()
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass(slots=True)
class People:
    """Everybody that a row of this piece may mean, by email and by phone."""

    by_email: dict[str, Person] = field(default_factory=dict)
    by_phone: dict[str, Person] = field(default_factory=dict)

    def add(self, person: Person) -> None:
        """Make a person known by address and number; who was known by them before stays so."""
        if email := person.values.get("email"):
            self.by_email.setdefault(email, person)
        if phone := person.values.get("phone"):
            self.by_phone.setdefault(phone, person)

    def find(self, row: CandidateRow) -> tuple[Person, str] | None:
        """Whom the row means, and by which field."""
        if row.email and (person := self.by_email.get(row.email)):
            return person, "email"
        if row.phone and (person := self.by_phone.get(row.phone)):
            return person, "phone"
        return None


def decide(
    rows: Iterable[CandidateRow | RowProblems],
    people: People,
    on_duplicate: OnDuplicate,
    new_id: Callable[[], UUID | None],
) -> list[Decision]:
    """One decision a row, in the rows' order; `people` takes in whom the rows bring and change."""
    return [_decide(row, people, on_duplicate, new_id) for row in rows]


def _decide(
    row: CandidateRow | RowProblems, people: People, on_duplicate: OnDuplicate, new_id: Callable[[], UUID | None]
) -> Decision:
    if isinstance(row, RowProblems):
        problems = tuple(problem_of(each.field, each.code, each.message) for each in row.problems)
        return Decision(row.line, Outcome.FAILED, problems=problems)
    found = people.find(row)
    if found is None:
        person = Person(new_id(), 1, row.as_values(), row.line, is_new=True)
        people.add(person)
        after = {name: value for name, value in person.values.items() if value not in (None, [])}
        return Decision(row.line, Outcome.CREATED, person, 1, after=after)
    person, by = found
    if on_duplicate is OnDuplicate.UPDATE:
        return _update(row, person, people)
    outcome = Outcome.FAILED if on_duplicate is OnDuplicate.FAIL else Outcome.SKIPPED
    return Decision(row.line, outcome, person, problems=(_duplicate(person, by),))


def _update(row: CandidateRow, person: Person, people: People) -> Decision:
    after = {name: value for name, value in row.as_values().items() if _replaces(name, value, person.values.get(name))}
    if not after:
        problem = problem_of(None, "nothing_new", "the candidate says all of this already")
        return Decision(row.line, Outcome.SKIPPED, person, problems=(problem,))
    before = {name: person.values.get(name) for name in after}
    person.values = {**person.values, **after}
    person.version += 1
    person.is_changed = True
    people.add(person)
    return Decision(row.line, Outcome.UPDATED, person, person.version, before=before, after=after)


def _replaces(name: str, value: Any, now: Any) -> bool:
    if value in (None, []) or value == now:
        return False
    return name not in NEVER_SHORTENED or len(value) >= len(now or [])


def _duplicate(person: Person, by: str) -> dict[str, Any]:
    what = {"email": "email address", "phone": "phone number"}[by]
    if person.line is not None:
        return problem_of(by, "duplicate_in_file", f"line {person.line} has the same {what}")
    return problem_of(by, "duplicate_candidate", f"there is a candidate with this {what} already")


def problem_of(name: str | None, code: str, message: str) -> dict[str, Any]:
    """A problem as it is kept and shown."""
    return {"field": storable(name) if name else None, "code": code, "message": storable(message)}


def storable(text: str) -> str:
    """`text` without what PostgreSQL cannot hold: NULs and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
