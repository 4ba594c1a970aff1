"""Users: who may sign in as before, and who may not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chalicelib.auth.models import UserRole
from chalicelib.auth.passwords import BROUGHT_ALONG
from chalicelib.bulk_imports import contacts
from chalicelib.events.models import Subject
from infra.migrate_sqlite.decisions import Item, Outcome, Target
from infra.migrate_sqlite.errors import Mistake
from infra.migrate_sqlite.reading import Reader
from infra.migrate_sqlite.source import Row
from infra.migrate_sqlite.world import World

ROLES = {"recruiter": UserRole.RECRUITER, "admin": UserRole.ADMIN, "super_admin": UserRole.ADMIN}
# No hash of anything: checking a password against it fails (chalicelib/auth/passwords.py).
NO_PASSWORD = "!"  # noqa: S105
# Above, checking one password would take seconds for whoever asks.
MOST_ROUNDS, MOST_BCRYPT_COST = 2_000_000, 14
NOBODY_CAN_SIGN_IN = (
    "no admin of the old system could sign in; create the organization first (make admin-user) and name it by "
    "--organization"
)


def users(world: World, rows: Iterable[Row]) -> list[Item]:
    """An item a row, oldest first; `world` learns who they are. Raises Mistake when nobody could ever administer."""
    read = [(world.made_at(reader), item, reader) for item, reader in (world.begin("users", row) for row in rows)]
    taken = dict(world.here.users)
    admins = list(world.here.admins)
    items = []
    for at, item, reader in sorted(read, key=lambda each: (each[0], each[1].key)):
        items.append(_user(world, item, reader, at, taken))
        is_admin = [t for t in item.targets if t.values["role"] == UserRole.ADMIN and t.values["is_active"]]
        admins += [target.values["id"] for target in is_admin]
    if not admins:
        raise Mistake(NOBODY_CAN_SIGN_IN)
    world.admin = admins[0]
    return items


def _user(world: World, item: Item, reader: Reader, at: datetime, taken: dict[str, UUID]) -> Item:
    email = reader.contact("email", contacts.email)
    if email is None:
        return item.refuse("email_needed", "an account needs an address that mail can reach", "email")
    if email in world.here.elsewhere:
        return item.refuse("email_taken", "this address signs in to another organization here", "email")
    user_id = world.id_of("user", item.key, at)
    known = taken.setdefault(email, user_id)
    world.users[item.key] = known
    if known != user_id:
        item.outcome = Outcome.MERGED
        item.decide("same_address", "there is an account with this address: its password and role stay", "email")
    else:
        item.targets.append(Target("users", _values(world, reader, user_id, email, at)))
    item.event = world.brought(reader, "user_brought_over", Subject("user", known), at)
    return item


def _values(world: World, reader: Reader, user_id: UUID, email: str, at: datetime) -> dict[str, object]:
    password_hash = _hash(reader)
    if reader.raw("settings") not in (None, "", "null", "{}"):
        reader.item.decide("settings_left", "preferences of the old application are left behind", "settings")
    return {
        "id": user_id,
        "organization_id": world.organization_id,
        "email": email,
        "name": named(reader, email.partition("@")[0]),
        "role": _role(reader),
        "password_hash": password_hash or NO_PASSWORD,
        "is_active": password_hash is not None,
        "created_at": at,
        "updated_at": at,
    }


def named(reader: Reader, otherwise: str, name: str = "name") -> str:
    """A name that has to be there."""
    found = reader.line(name)
    if found is None:
        reader.item.decide("name_missing", "has none that can be read; something stands in for it", name)
    return found or otherwise


def _role(reader: Reader) -> UserRole:
    role = ROLES.get(str(reader.raw("role")).strip().lower())
    if role is None:
        reader.item.decide("role_unknown", "may look and change nothing, until an admin says more", "role")
    return role or UserRole.VIEWER


def _hash(reader: Reader) -> str | None:
    """The hash, when it is one that can be checked at a bearable cost; else the account is disabled."""
    stored = reader.raw("password_hash")
    if not isinstance(stored, str) or BROUGHT_ALONG.fullmatch(stored) is None:
        message = "what stands for the password is no hash: the account is disabled, and its password set anew"
        reader.item.decide("no_password", message, "password_hash")
        return None
    cost = int(re.findall(r"\d+", stored.removeprefix("$2").removeprefix("$pbkdf2-sha256"))[0])
    if cost > (MOST_BCRYPT_COST if stored.startswith("$2") else MOST_ROUNDS):
        message = "checking this hash would take too long: the account is disabled, and its password set anew"
        reader.item.decide("hash_too_costly", message, "password_hash")
        return None
    return stored
