"""What a restored database must be: each check a line, whether it holds, and what was found."""

from __future__ import annotations

import difflib
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib import db, migrations
from chalicelib.backups.fingerprints import Fingerprint, differences, fingerprints
from chalicelib.db import Role
from chalicelib.events import chain
from chalicelib.events.verification import verify
from chalicelib.migrations import roles
from chalicelib.migrations.roles import driver_url
from infra.local import postgres
from infra.local.postgres import PostgresServer
from infra.restore_drill.filling import Filled
from infra.restore_drill.world import World

FRESH = "drill_fresh"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold after a restore."""

    name: str
    holds: bool
    detail: str


def look(world: World, server: PostgresServer) -> dict[str, Fingerprint]:
    """The fingerprints of a whole database, as the superuser sees it."""
    engine = sa.create_engine(driver_url(world.superuser_url(server)), poolclass=sa.NullPool)
    with Session(engine) as session:
        return fingerprints(session)


def rows_are_equal(before: Mapping[str, Fingerprint], after: Mapping[str, Fingerprint]) -> Check:
    wrong, rows = differences(before, after), sum(each.rows for each in after.values())
    found = f"{rows:,} rows of {len(after)} tables have the hashes that they had"
    more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return Check("rows and hashes", not wrong, "; ".join(wrong[:SHOWN]) + more if wrong else found)


def commits_are_there(wanted: Sequence[int], found: set[int]) -> Check:
    """Exactly the commits up to the point: none lost, none from after it."""
    lost, later = sorted(set(wanted) - found), sorted(found - set(wanted))
    wrong = [f"{len(lost)} lost ({lost[:SHOWN]})"] if lost else []
    wrong += [f"{len(later)} of a later time ({later[:SHOWN]})"] if later else []
    return Check("commits up to the point", not wrong, "; ".join(wrong) or f"all {len(wanted)}, and none after it")


def markers(filled: Filled) -> set[int]:
    """The numbers of the drill's commits that are in the database that our code works on."""
    query = sa.text("select email from candidates where email like 'marker-%@restore-drill.example'")
    with db.transaction(filled.organization_id) as session:
        return {int(re.findall(r"\d+", email)[0]) for email in session.scalars(query)}


def migrations_are_current(world: World, server: PostgresServer) -> Check:
    current, newest = migrations.current(world.owner_url(server)), migrations.newest()
    return Check("migrations", current == newest, f"at {current}, this release wants {newest}")


def chains_hold() -> Check:
    """The chain of events of every organization."""
    with db.transaction(role=Role.AUDITOR) as session:
        wanted = chain.organization_ids(session)
    verified, broken = 0, list[str]()
    for organization_id in wanted:
        with db.transaction(organization_id, Role.AUDITOR) as session:
            verdict = verify(session, organization_id)
        verified += verdict.verified
        if verdict.broken is not None:
            broken.append(f"{organization_id}: event {verdict.broken.sequence}, {verdict.broken.meaning}")
    found = f"{verified:,} events of {len(wanted)} organizations"
    return Check("event chains", not broken, "; ".join(broken[:SHOWN]) or found)


def schema_is_that_of_this_release(world: World, server: PostgresServer) -> Check:
    """Whether the schema is, to the letter, what all migrations make of an empty database."""
    wish = {"owner_password": world.owner_password, "app_password": world.app_password}
    roles.prepare(server.url, database=FRESH, **wish)
    migrations.upgrade(world.owner_url(server, FRESH))
    fresh, restored = (_schema(world.superuser_url(server, name)) for name in (FRESH, "recruitpro"))
    changed = [line for line in difflib.unified_diff(fresh, restored, lineterm="", n=0) if line[0] in "+-"][2:]
    found = f"{len(restored):,} lines, the same that migrations make anew"
    return Check("schema", not changed, " | ".join(changed[:SHOWN]) or found)


def _schema(url: str) -> list[str]:
    account = urlsplit(url)
    bare = f"postgresql://{account.username}@{account.hostname}:{account.port}{account.path}"
    command = [str(postgres.binaries() / "pg_dump"), "--schema-only", "--no-password", bare]
    environment = {"PGPASSWORD": account.password or "", "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    # Each dump has a word of its own against injection (\restrict), and comments.
    return [line for line in done.stdout.splitlines() if line and not line.startswith(("--", "\\"))]
