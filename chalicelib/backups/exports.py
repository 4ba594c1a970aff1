"""Logical exports: where they lie in the bucket of backups, and what is recorded of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.backups.export_manifest import Manifest
from chalicelib.backups.models import Backup, Kind, Status

PREFIX = "exports/"
DUMP, MANIFEST = "database.dump.enc", "manifest.json"
NAME = re.compile(r"exports/\d{4}/W\d{2}/\d{8}T\d{6}Z")
# A week between two, and the time that one takes and is retried in.
MAX_AGE = timedelta(days=7, hours=6)


def name_at(moment: datetime) -> str:
    """The name of the export of a moment, by ISO year and week: names in their order are in the order of time."""
    moment = moment.astimezone(UTC)
    year, week, _ = moment.isocalendar()
    return f"{PREFIX}{year}/W{week:02}/{moment:%Y%m%dT%H%M%SZ}"


def names_in(keys: Iterable[str]) -> list[str]:
    """The exports of which anything lies under these keys, the oldest first."""
    folders = {key.rsplit("/", 1)[0] for key in keys}
    return sorted(folder for folder in folders if NAME.fullmatch(folder))


def taken(manifest: Manifest, region: str) -> Backup:
    """The record of an export that was written."""
    return _record(manifest, region, Status.AVAILABLE, manifest.finished_at, {})


def proved(manifest: Manifest, region: str, *, now: datetime, seconds: float, failures: list[str]) -> Backup:
    """The record of an export that was restored and looked at."""
    status = Status.FAILED if failures else Status.VERIFIED
    return _record(manifest, region, status, now, {"verified_seconds": round(seconds, 1), "failures": failures})


def _record(manifest: Manifest, region: str, status: Status, now: datetime, more: dict[str, object]) -> Backup:
    rows = sum(table.rows for table in manifest.tables.values())
    known = {"revision": manifest.alembic_revision, "rows": rows, "sha256": manifest.encrypted.sha256}
    return Backup(
        kind=Kind.EXPORT,
        name=manifest.name,
        region=region,
        status=status,
        requested_at=manifest.started_at,
        taken_at=manifest.started_at,
        finished_at=now,
        size_bytes=manifest.encrypted.size_bytes,
        detail={**known, **more},
    )
