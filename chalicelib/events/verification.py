"""Whether an organization's chain of events still holds: every hash recomputed from nothing but what is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.events import chain
from chalicelib.events.models import body_hash_of, digests_of, value_digests

PAGE = 1000
BEGINNING = bytes(32)
COVERED = (
    *("id", "occurred_at", "actor_kind", "actor_id", "request_id", "action", "subject_kind", "subject_id"),
    *("candidate_id", "application_id", "position_id"),
)
Progress = Callable[[int], None]


class Wrong(StrEnum):
    """What does not hold."""

    GAP = "gap"
    LINK = "link"
    BODY = "body"
    VALUE = "value"
    HEAD = "head"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


MEANING = {
    Wrong.GAP: "there is no event of this number",
    Wrong.LINK: "it does not follow from the event before it",
    Wrong.BODY: "it says something else than what its hash covers",
    Wrong.VALUE: "a value or an address is not the one that its digest was made of",
    Wrong.HEAD: "the organization's head says that the chain ends elsewhere",
    Wrong.TRUNCATED: "this event and all after it are missing",
    Wrong.REWRITTEN: "the chain up to here was another one when it was verified before",
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """The number and hash of an event, as they once were."""

    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The first event that is not as it was, and what is wrong with it."""

    sequence: int
    wrong: Wrong

    @property
    def meaning(self) -> str:
        """The same in words."""
        return MEANING[self.wrong]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many events hold, the last of them, and where the chain breaks (None: nowhere)."""

    organization_id: UUID
    verified: int
    head: Anchor
    broken: Broken | None


def verify(
    session: Session,
    organization_id: UUID,
    *,
    anchors: Iterable[Anchor] = (),
    page_size: int = PAGE,
    progress: Progress | None = None,
) -> Verdict:
    """Verify a chain from its first event to its head, page by page; `session` acts as the auditor.

    It is compared with what earlier verifications wrote down, and with `anchors` from elsewhere. `progress` is told the
    number of events of each page. Events that are written meanwhile are left for the next time.
    """
    known = [*(Anchor(*row) for row in chain.anchors_of(session, organization_id)), *anchors]
    sequence, hashed, newest = chain.ends_of(session, organization_id)
    last = Anchor(0, BEGINNING)
    for rows in _pages(session, organization_id, sequence, page_size):
        for row in rows:
            wrong = _wrong(row, last) or _rewritten(row, known)
            if wrong is not None:
                return Verdict(organization_id, last.sequence, last, Broken(last.sequence + 1, wrong))
            last = Anchor(row.sequence, row.hash)
        if progress is not None:
            progress(len(rows))
    return Verdict(organization_id, last.sequence, last, _end(last, Anchor(sequence, hashed), newest, known))


def _pages(session: Session, organization_id: UUID, upto: int, size: int) -> Iterator[list[Any]]:
    after = 0
    while rows := chain.page_to_verify(session, organization_id, after=after, upto=upto, limit=size):
        yield rows
        after = rows[-1].sequence


def _wrong(row: Any, last: Anchor) -> Wrong | None:
    """What is wrong with an event that is to come next after `last`."""
    if row.sequence != last.sequence + 1:
        return Wrong.GAP
    if row.previous_hash != last.hash:
        return Wrong.LINK
    if not _values_hold(row):
        return Wrong.VALUE
    if row.body_hash != body_hash_of({name: _text(getattr(row, name)) for name in COVERED}, row.digests):
        return Wrong.BODY
    chained = hashlib.sha256(row.previous_hash + row.sequence.to_bytes(8, "big") + row.body_hash).digest()
    return None if row.hash == chained else Wrong.LINK


def _values_hold(row: Any) -> bool:
    """Whether values and address are those of the digests, or were erased as a whole."""
    if row.erased_at is not None:
        return all(each is None for each in (row.before, row.after, row.salt, row.address, row.address_salt))
    if row.salt is None or (row.address is None) != (row.address_salt is None):
        return False
    expected = digests_of(row.before, row.after, row.salt, row.address, row.address_salt or b"")
    if expected == row.digests:
        return True
    if row.address is None and expected == {name: row.digests[name] for name in row.digests if name != "actor.address"}:
        return True  # the address was erased by its age
    is_old = row.before != {} and row.after != {} and row.address is None
    return is_old and row.digests == value_digests(row.before, row.after, row.salt)


def _rewritten(row: Any, known: list[Anchor]) -> Wrong | None:
    is_another = any(anchor.sequence == row.sequence and anchor.hash != row.hash for anchor in known)
    return Wrong.REWRITTEN if is_another else None


def _end(last: Anchor, head: Anchor, newest: int, known: list[Anchor]) -> Broken | None:
    """What is wrong where a chain ends that holds up to `last`."""
    if last.sequence < max([head.sequence, *(anchor.sequence for anchor in known)]):
        return Broken(last.sequence + 1, Wrong.TRUNCATED)
    if newest > last.sequence:
        return Broken(last.sequence + 1, Wrong.HEAD)
    return None if head == last else Broken(last.sequence, Wrong.HEAD)


def _text(value: Any) -> str | None:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
