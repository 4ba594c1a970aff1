"""Verifying the chains of events of all organizations, and saying so where somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib import db, metrics
from chalicelib.db import Role
from chalicelib.events import chain
from chalicelib.events.verification import Verdict, verify
from chalicelib.logs import log
from chalicelib.operations import health
from chalicelib.operations.health import Health

CHECK = "event_chains"
NAMED = 20


@dataclass(frozen=True, slots=True)
class Audit:
    """What one run found. `left` organizations had no turn for lack of time; theirs comes first the next time."""

    organizations: int
    events: int
    left: int
    broken: tuple[Verdict, ...]

    def as_json(self) -> dict[str, Any]:
        """The same for a log, a dashboard and an answer: how many, and the first broken chains by name."""
        named = [
            {"organization_id": str(each.organization_id), "sequence": each.broken.sequence, "wrong": each.broken.wrong}
            for each in self.broken[:NAMED]
            if each.broken is not None
        ]
        counts = {"organizations": self.organizations, "events": self.events, "left": self.left}
        return {**counts, "broken": len(self.broken), "first_broken": named}


def audit(now: datetime, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Audit:
    """Verify one organization after the other, as long as there is time to begin another, and keep the result as a
    health check: `up`, or `down` as soon as a single chain is broken."""
    with db.transaction(role=Role.AUDITOR) as session:
        waiting = chain.organization_ids(session)
    until, verdicts = clock() + seconds, []
    for organization_id in waiting:
        if clock() >= until:
            break
        verdicts.append(audit_one(organization_id, now))
    broken = tuple(verdict for verdict in verdicts if verdict.broken is not None)
    found = Audit(len(verdicts), sum(verdict.verified for verdict in verdicts), len(waiting) - len(verdicts), broken)
    fields = {"status": "down" if broken else "up", **found.as_json()}
    health.record(Health("degraded" if broken else "healthy", {CHECK: fields}), now)
    return found


def audit_one(organization_id: UUID, now: datetime) -> Verdict:
    """Verify one chain, and write down where it ends: in a table that no role of ours can change, and in the log, which
    is out of reach for who has the database."""
    with db.transaction(organization_id, Role.AUDITOR) as session:
        verdict = verify(session, organization_id)
        if verdict.broken is None:
            chain.keep_anchor(session, organization_id, verdict.head.sequence, verdict.head.hash, now)
    organization, end, broken = str(organization_id), verdict.head, verdict.broken
    if broken is None:
        log.info("event_chain_verified", organization_id=organization, sequence=end.sequence, hash=end.hash.hex())
    else:
        log.error(
            "event_chain_broken", organization_id=organization, sequence=broken.sequence, wrong=broken.wrong.value
        )
        metrics.count("event_chain_broken")
    return verdict
