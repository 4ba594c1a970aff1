"""Brings the sums of reports up to what was marked since. Without it reports are as exact, and slower by and by."""

from __future__ import annotations

import time
from uuid import UUID

import sqlalchemy as sa

from chalicelib import db
from chalicelib.db import Role
from chalicelib.logs import log

AT_A_TIME = 5_000
RUN_SECONDS = 30.0
WAITING = sa.text("""
    select organization_id from application_marks union select organization_id from candidate_increments
""")
COUNT = sa.text("select count_applications(:limit) as applications, count_candidates(:limit) as candidates")


def count_marked(*, seconds: float = RUN_SECONDS) -> int:
    """Count anew what is marked in every organization, for half a minute at most, and leave the rest to the next run;
    how many marks that were. One organization's trouble keeps no other from its turn."""
    ends_at = time.monotonic() + seconds
    with db.transaction(role=Role.DISPATCHER) as session:
        waiting = list(session.scalars(WAITING))
    counted = 0
    while waiting and time.monotonic() < ends_at:
        some = {organization_id: _count_some(organization_id) for organization_id in waiting}
        counted += sum(some.values())
        waiting = [organization_id for organization_id, marks in some.items() if marks >= AT_A_TIME]
    return counted


def _count_some(organization_id: UUID) -> int:
    try:
        with db.transaction(organization_id) as session:
            row = session.execute(COUNT, {"limit": AT_A_TIME}).one()
    except Exception:
        log.exception("report_sums_broke", organization_id=str(organization_id))
        return 0
    return int(max(row.applications, row.candidates))
