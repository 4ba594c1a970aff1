"""Every query about backups. Reading is anybody's, writing is for Role.DISPATCHER."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.backups.models import Ages, Backup, Kind, Status
from chalicelib.ids import new_id

NEWEST = sa.text("""
    select
        max(taken_at) filter (where kind = 'snapshot' and status in ('available', 'verified')) as snapshot,
        max(finished_at) filter (where kind = 'restore_test' and status = 'verified') as restore_test,
        max(taken_at) filter (where kind = 'export' and status in ('available', 'verified')) as export,
        max(finished_at) filter (where kind = 'export' and status = 'verified') as export_proof
    from backups where status in ('available', 'verified')
""")
# News that is known already leaves the row as it is, and with it when it became what it is.
RECORD = sa.text("""
    insert into backups (id, kind, name, region, status, requested_at, taken_at, finished_at, arn, size_bytes, attempts,
        detail)
    select id, kind, name, region, status, requested_at, taken_at, finished_at, arn, size_bytes, attempts, detail
    from jsonb_to_recordset(cast(:rows as jsonb)) as row(id uuid, kind text, name text, region text, status text,
        requested_at timestamptz, taken_at timestamptz, finished_at timestamptz, arn text, size_bytes bigint,
        attempts int, detail jsonb)
    on conflict (kind, region, name) do update
    set status = excluded.status, requested_at = excluded.requested_at, arn = coalesce(excluded.arn, backups.arn),
        taken_at = coalesce(excluded.taken_at, backups.taken_at),
        finished_at = case when excluded.status = backups.status
            then coalesce(backups.finished_at, excluded.finished_at) else excluded.finished_at end,
        size_bytes = coalesce(excluded.size_bytes, backups.size_bytes), attempts = excluded.attempts,
        detail = backups.detail || excluded.detail
    where backups.status <> excluded.status or backups.attempts <> excluded.attempts
        or not backups.detail @> excluded.detail
        or coalesce(excluded.arn, backups.arn) is distinct from backups.arn
        or coalesce(excluded.taken_at, backups.taken_at) is distinct from backups.taken_at
        or coalesce(excluded.size_bytes, backups.size_bytes) is distinct from backups.size_bytes
""")
FORGET = sa.text("""
    update backups set status = 'deleted', finished_at = :now
    where kind = :kind and region = :region and status not in ('deleted', 'failed')
        and name not in (select jsonb_array_elements_text(cast(:known as jsonb)))
""")
OF_KIND = sa.text("""
    select kind, name, region, status, requested_at, taken_at, finished_at, arn, size_bytes, attempts, detail
    from backups where kind = :kind and (cast(:status as text) is null or status = :status)
    order by requested_at desc, name desc limit :limit
""")


def ages(session: Session, now: datetime) -> Ages:
    """How long ago each was last well, in hours."""
    row = session.execute(NEWEST).one()
    since = (row.snapshot, row.restore_test, row.export, row.export_proof)
    return Ages(*(_hours(moment, now) for moment in since))


def _hours(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds() / 3600)


def record(session: Session, backups: Sequence[Backup]) -> None:
    """Write down what is known of these, over what was known before. A moment, size or ARN that is not told now stays
    what it was, and `detail` is added to."""
    rows = {(each.kind, each.region, each.name): _row(each) for each in backups}
    if rows:
        session.execute(RECORD, {"rows": json.dumps(list(rows.values()))})


def forget(session: Session, kind: Kind, region: str, *, known: Collection[str], now: datetime) -> None:
    """Write down as deleted what is not `known` any more where it was kept; what failed stays what it is."""
    session.execute(FORGET, {"kind": kind.value, "region": region, "known": json.dumps(sorted(known)), "now": now})


def _row(backup: Backup) -> dict[str, Any]:
    moments = {name: getattr(backup, name) for name in ("requested_at", "taken_at", "finished_at")}
    return {
        "id": str(new_id()),
        "kind": backup.kind.value,
        "name": backup.name,
        "region": backup.region,
        "status": backup.status.value,
        "arn": backup.arn,
        "size_bytes": backup.size_bytes,
        "attempts": backup.attempts,
        "detail": dict(backup.detail),
        **{name: None if moment is None else moment.isoformat() for name, moment in moments.items()},
    }


def newest(session: Session, kind: Kind, *, status: Status | None = None, limit: int = 100) -> list[Backup]:
    """The newest of a kind, and of a status if one is named; the one asked for last comes first."""
    rows = session.execute(OF_KIND, {"kind": kind.value, "status": status and status.value, "limit": limit})
    return [_backup(row) for row in rows]


def _backup(row: Any) -> Backup:
    values = row._asdict()
    return Backup(**values | {"kind": Kind(row.kind), "status": Status(row.status)})
