"""A market planted row by row, at days of the test's choosing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib import db
from chalicelib.clock import utc_now
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import relay
from chalicelib.market_research import findings
from chalicelib.market_research.matching import Question
from infra.local import delivery
from tests import records
from tests.api import ApiClient
from tests.house import Cloud, Database, settings_for

AS_OF = datetime(2026, 6, 1, 12, tzinfo=UTC)
STAGES = ["applied", "screen", "interview", "offer", "hired"]
Json = dict[str, Any]


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def _insert(database: Database, table: str, row: Json) -> UUID:
    row = {"id": new_id(), **row}
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    records.rows(database, f"insert into {table} ({names}) values ({values})", **row)
    made: UUID = row["id"]
    return made


def position(database: Database, organization_id: UUID, title: str = "Backend Engineer", **values: object) -> UUID:
    """A position, opened a hundred days ago unless said otherwise."""
    created_at = values.setdefault("created_at", days_ago(100))
    requirements = json.dumps(values.pop("requirements", []))
    row = {"created_by": new_id(), "stages": STAGES, "updated_at": created_at, "requirements": requirements}
    return _insert(database, "positions", {"organization_id": organization_id, "title": title, **row, **values})


def project(database: Database, organization_id: UUID, sector: str) -> UUID:
    row = {"name": "P", "created_by": new_id(), "created_at": days_ago(200), "updated_at": days_ago(200)}
    return _insert(database, "projects", {"organization_id": organization_id, "sector": sector, **row})


def candidate(database: Database, organization_id: UUID, **values: object) -> UUID:
    row = {"name": "C", "created_at": days_ago(90), "updated_at": days_ago(90)}
    return _insert(database, "candidates", {"organization_id": organization_id, **row, **values})


def application(
    database: Database,
    organization_id: UUID,
    position_id: UUID,
    *,
    applied_at: datetime | None = None,
    moves: dict[str, datetime] | None = None,
    status: str = "active",
    candidate_id: UUID | None = None,
) -> UUID:
    """An application with its history: `moves` says when it entered which stage."""
    applied_at, moves = applied_at or days_ago(90), moves or {}
    row = {
        "candidate_id": candidate_id or candidate(database, organization_id),
        "position_id": position_id,
        "stage": list(moves)[-1] if moves else "applied",
        "status": status,
        "applied_at": applied_at,
        "stage_entered_at": applied_at,
        "updated_at": applied_at,
    }
    application_id = _insert(database, "applications", {"organization_id": organization_id, **row})
    for kind, stage, at in [("applied", "applied", applied_at), *(("moved", *move) for move in moves.items())]:
        step = {"application_id": application_id, "kind": kind, "to_stage": stage, "changed_at": at}
        _insert(database, "stage_changes", {"organization_id": organization_id, **step})
    return application_id


def turned(database: Database, organization_id: UUID, position_id: UUID, at: datetime, before: str, after: str) -> None:
    """The event of a position that changed its status."""
    with db.transaction(organization_id) as session:
        subject = Subject("position", position_id, position_id=position_id)
        was, now = {"status": before}, {"status": after}
        events.record(session, "position_changed", subject, actor=Actor("system"), now=at, before=was, after=now)


def salary_document(database: Database, organization_id: UUID) -> UUID:
    row = {
        "kind": "import",
        "filename": "pay.csv",
        "content_type": "text/csv",
        "size_bytes": 1,
        "status": "awaiting_upload",
        "object_key": "k",
        "upload_expires_at": AS_OF,
        "created_at": AS_OF,
        "updated_at": AS_OF,
    }
    return _insert(database, "documents", {"organization_id": organization_id, **row})


def pay(database: Database, organization_id: UUID, document_id: UUID, line: int, amount: int, **values: object) -> UUID:
    """One published figure, observed forty days ago unless said otherwise."""
    row = {
        "document_id": document_id,
        "line": line,
        "source": "Pay survey",
        "title": "Backend Engineer",
        "currency": "EUR",
        "period": "year",
        "amount": amount,
        "observed_on": days_ago(40).date(),
        "created_at": AS_OF,
    }
    return _insert(database, "salary_data", {"organization_id": organization_id, **row, **values})


def copied(database: Database, table: str, row_id: UUID, **changes: str) -> None:
    """A hundred more of a row; `changes` are SQL over the copy's number n, from 2."""
    changed = ", ".join(
        f"'{name}', {value}" for name, value in {"id": "md5(concat(original.id, n))", **changes}.items()
    )
    records.rows(
        database,
        f"insert into {table} select copy.* from {table} as original, generate_series(2, 101) as n, "
        f"jsonb_populate_record(original, jsonb_build_object({changed})) as copy where original.id = :id",
        id=row_id,
    )


def found(organization_id: UUID, question: Question | None = None) -> Json:
    """The findings as of AS_OF."""
    with db.transaction(organization_id) as session:
        return findings.gather(session, organization_id, question or Question("Backend Engineer"), AS_OF)


def uploaded(api: ApiClient, cloud: Cloud, content: bytes, *, filename: str = "pay.csv", kind: str = "import") -> str:
    """A scanned document; its id."""
    wish = {"filename": filename, "content_type": "text/csv", "size_bytes": len(content), "kind": kind}
    if filename.endswith(".txt"):
        wish["content_type"] = "text/plain"
    announced = api.post("/api/documents", wish)
    assert announced.status == 201, announced
    assert cloud.upload(announced.json["upload"], content) in {200, 201, 204}
    cloud.drain()
    document_id: str = announced.json["id"]
    return document_id


def taken(cloud: Cloud) -> list[Json]:
    """The messages that wait in the low queue, now in our hands."""
    return delivery.take_batch(cloud.client("sqs"), cloud.source("low"), wait_seconds=1)


def low_event(cloud: Cloud) -> Json:
    """The event that the low function gets for what waits."""
    return delivery.sqs_event(taken(cloud), cloud.source("low"))


def kill_low_function(cloud: Cloud, database: Database, line: str) -> list[Json]:
    """Let the low function die at `line` over what waits; the messages, still in its dead hands."""
    messages = taken(cloud)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.chalicelib.jobs.crashing", "functions.run_low_jobs", line],
        input=json.dumps(delivery.sqs_event(messages, cloud.source("low"))),
        env=dict(os.environ) | settings_for(database, cloud),
        text=True,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    return messages


def come_back(cloud: Cloud, messages: list[Json]) -> None:
    """Deliver the messages again, while the dead attempt's lease still stands, and let the sweep find it later."""
    delivery.deliver(cloud.client("sqs"), cloud.source("low"), messages)
    relay.sweep(utc_now() + timedelta(seconds=370))
    cloud.drain()
