"""What admins do with API keys. A key belongs to the organization: it goes on working when who made it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.api_keys import keys, repository
from chalicelib.api_keys.errors import ApiKeyNotFound, TooManyApiKeys
from chalicelib.api_keys.models import MOST_KEYS, ApiKey
from chalicelib.errors import Invalid
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id


def make(
    session: Session,
    organization_id: UUID,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody is shown again. Raises TooManyApiKeys, or Invalid for a key that has expired
    before it begins."""
    assert actor.id is not None
    if expires_at is not None and expires_at <= now:
        raise Invalid("some fields are wrong", [{"field": "expires_at", "message": "this is in the past"}])
    if repository.count_active(session, organization_id) >= MOST_KEYS:
        raise TooManyApiKeys(f"an organization has {MOST_KEYS} working keys at most; revoke one first")
    key_id = new_id()
    text = keys.new_key(key_id, organization_id)
    given: dict[str, Any] = {"name": name, "scopes": [str(scope) for scope in scopes], "expires_at": expires_at}
    made = ApiKey(
        id=key_id,
        organization_id=organization_id,
        key_hash=keys.hash_of(text),
        created_by=actor.id,
        created_at=now,
        version=1,
        **given,
    )
    session.add(made)
    events.record(session, "api_key_created", made.about, actor=actor, now=now, after=given)
    return made, text


def get(session: Session, organization_id: UUID, api_key_id: UUID, *, lock: bool = False) -> ApiKey:
    """One key, revoked ones included; raises ApiKeyNotFound."""
    key = repository.find(session, organization_id, api_key_id, lock=lock)
    if key is None:
        raise ApiKeyNotFound("there is no such API key")
    return key


def revoke(session: Session, key: ApiKey, *, actor: Actor, now: datetime) -> None:
    """End a key: from the commit on, nobody is let in with it. One that was revoked stays as it is."""
    if key.revoked_at is not None:
        return
    key.revoked_at, key.revoked_by, key.version = now, actor.id, key.version + 1
    events.record(session, "api_key_revoked", key.about, actor=actor, now=now, before={"name": key.name})
