"""An event, and what its hash covers."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from chalicelib.ids import new_id

ActorKind = Literal["user", "job", "system"]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in user, a job, or the system itself."""

    kind: ActorKind
    id: UUID | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What was acted on, and the people and positions whose history it belongs to."""

    kind: str
    id: UUID
    candidate_id: UUID | None = None
    application_id: UUID | None = None
    position_id: UUID | None = None


def canonical(value: object) -> str:
    """`value` as JSON with one spelling: sorted keys, no spaces, non-ASCII as it is, moments as the API shows them."""
    return _ENCODER.encode(value)


def _spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


# Built once: json.dumps with options builds an encoder for each call, which costs more than most values.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_spelled)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Its body hash covers salted digests of the values in `before` and `after`, not the
    values, so that a person's data can be erased later while the chain still verifies."""

    action: str
    subject: Subject
    actor: Actor
    occurred_at: datetime
    before: Values | None = None
    after: Values | None = None
    id: UUID = field(default_factory=new_id)
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def digests(self) -> dict[str, str]:
        """A salted SHA-256 (hex) for each value, by `before.name` and `after.name`."""
        sides = (("before", self.before or {}), ("after", self.after or {}))
        return {
            f"{side}.{name}": hashlib.sha256(self.salt + canonical(value).encode()).hexdigest()
            for side, values in sides
            for name, value in values.items()
        }

    def as_row(self) -> dict[str, Any]:
        """What `append_events` in the database takes: plain JSON values, hashes as hex."""
        digests = self.digests()
        row: dict[str, Any] = {
            "id": str(self.id),
            "occurred_at": self.occurred_at.isoformat(),
            "actor_kind": self.actor.kind,
            "actor_id": _text(self.actor.id),
            "request_id": self.actor.request_id,
            "action": self.action,
            "subject_kind": self.subject.kind,
            "subject_id": str(self.subject.id),
            "candidate_id": _text(self.subject.candidate_id),
            "application_id": _text(self.subject.application_id),
            "position_id": _text(self.subject.position_id),
        }
        body = canonical({**row, "digests": digests})
        hashed = hashlib.sha256(body.encode()).hexdigest()
        values = {"before": self.before, "after": self.after, "salt": self.salt.hex(), "digests": digests}
        return {**row, **values, "body_hash": hashed}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
