"""What is known of a backup, and how old the newest of each kind are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What was done."""

    SNAPSHOT = "snapshot"
    """A snapshot of the whole instance, in RDS; a copy in another region is a row of its own."""
    EXPORT = "export"
    """A logical export, in the bucket of backups."""
    RESTORE_TEST = "restore_test"
    """A snapshot restored to a temporary instance, and looked at."""


class Status(StrEnum):
    """How far it has come."""

    REQUESTED = "requested"
    AVAILABLE = "available"
    """Whole, as the service that keeps it says."""
    VERIFIED = "verified"
    """Restored and found to be what it should be."""
    FAILED = "failed"
    DELETED = "deleted"


GOOD = (Status.AVAILABLE, Status.VERIFIED)


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup or test, as it is recorded; `kind`, `region` and `name` together say which.

    `taken_at` is the moment whose data it holds, `finished_at` when it became what `status` says. `detail` is JSON for
    an operator: reasons, durations, counts; never a value of a row.
    """

    kind: Kind
    name: str
    region: str
    status: Status
    requested_at: datetime
    taken_at: datetime | None = None
    finished_at: datetime | None = None
    arn: str | None = None
    size_bytes: int | None = None
    attempts: int = 1
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ages:
    """Hours since each was last well; None where it never was.

    `newest_good_snapshot_hours` and `export_hours` count from the moment whose data they hold, in whichever region;
    `verified_restore_hours` and `export_proof_hours` from when a restored copy, or export, was last found right.
    """

    newest_good_snapshot_hours: float | None
    verified_restore_hours: float | None
    export_hours: float | None
    export_proof_hours: float | None
