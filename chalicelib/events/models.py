"""An event, and what its hash covers."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from chalicelib.ids import new_id

ActorKind = Literal["user", "job", "system", "api_key"]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in user, a program by its API key, a job, or the system itself; and for a request from which
    address it came."""

    kind: ActorKind
    id: UUID | None = None
    request_id: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What was acted on, and the people and positions whose history it belongs to."""

    kind: str
    id: UUID
    candidate_id: UUID | None = None
    application_id: UUID | None = None
    position_id: UUID | None = None


def new_salt() -> bytes:
    """128 random bits."""
    return secrets.token_bytes(16)


def canonical(value: object) -> str:
    """`value` as JSON with one spelling: sorted keys, no spaces, non-ASCII as it is, moments as the API shows them."""
    return _ENCODER.encode(value)


def _spelled(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


# Built once: json.dumps with options builds an encoder for each call, which costs more than most values.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_spelled)


def digests_of(
    before: Values | None, after: Values | None, salt: bytes, address: str | None, address_salt: bytes
) -> dict[str, str]:
    """A salted SHA-256 (hex) for each value: `before.name`, `after.name` and `actor.address`.

    A side without values has one for itself (`before`), so that the salt is covered by something in any event. The
    address has a salt of its own, since it is erased sooner: there are so few addresses that whoever knows the salt
    finds the one that belongs to a digest.
    """
    digests = value_digests(before, after, salt)
    for side, values in (("before", before), ("after", after)):
        if not values:
            digests[side] = _digest(salt, values)
    if address is not None:
        digests["actor.address"] = _digest(address_salt, address)
    return digests


def value_digests(before: Values | None, after: Values | None, salt: bytes) -> dict[str, str]:
    """Those of the values alone, which is all that the first events have."""
    sides = (("before", before or {}), ("after", after or {}))
    return {f"{side}.{name}": _digest(salt, value) for side, values in sides for name, value in values.items()}


def _digest(salt: bytes, value: object) -> str:
    return hashlib.sha256(salt + canonical(value).encode()).hexdigest()


def body_hash_of(body: Mapping[str, str | None], digests: Mapping[str, str]) -> bytes:
    """What the chain covers of an event: everything in `body`, and the digests of what can be erased."""
    return hashlib.sha256(canonical({**body, "digests": digests}).encode()).digest()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Its body hash covers salted digests of the values in `before` and `after` and of the
    address, not these themselves, so that a person's data can be erased later while the chain still verifies."""

    action: str
    subject: Subject
    actor: Actor
    occurred_at: datetime
    before: Values | None = None
    after: Values | None = None
    id: UUID = field(default_factory=new_id)
    salt: bytes = field(default_factory=new_salt)
    address_salt: bytes = field(default_factory=new_salt)

    def as_row(self) -> dict[str, Any]:
        """What `append_events` in the database takes: plain JSON values, hashes as hex."""
        address = self.actor.address
        digests = digests_of(self.before, self.after, self.salt, address, self.address_salt)
        body: dict[str, str | None] = {
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
        erasable = {"before": self.before, "after": self.after, "salt": self.salt.hex(), "address": address}
        address_salt = None if address is None else self.address_salt.hex()
        hashed = body_hash_of(body, digests).hex()
        return {**body, **erasable, "address_salt": address_salt, "digests": digests, "body_hash": hashed}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
