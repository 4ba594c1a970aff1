"""The screening job as a peer would have it: read, rate, write; no claim, no event, no job row."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chalicelib import clients, db
from chalicelib.clock import utc_now
from chalicelib.screening import service
from chalicelib.screening.rating import verified
from tests.benchmarks.jobs_side import CASE_VARIABLE

KEEP = sa.text("insert into peer_ratings (application_id, score, rating) values (:id, :score, cast(:rating as jsonb))")


@cache
def _case() -> dict[str, Any]:
    case: dict[str, Any] = json.loads(os.environ[CASE_VARIABLE])
    return case


def screen(number: int) -> None:
    """Rate one of the applications and keep the rating."""
    organization_id, ids = UUID(_case()["organization_id"]), _case()["application_ids"]
    application_id = UUID(ids[number % len(ids)])
    with db.transaction(organization_id) as session:
        case = service.prepare(session, organization_id, application_id, utc_now())
    rating = verified(clients.rater().rate(case.brief), case.brief.document)
    with db.transaction(organization_id) as session:
        values = {"id": application_id, "score": rating.score, "rating": json.dumps(rating.to_json())}
        session.execute(KEEP, values)
