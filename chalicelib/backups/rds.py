"""RDS as snapshots and restore tests need it: what it says, what it is asked for, and what may go wrong.

Tags are the truth about what is ours. Nothing without our tags is changed or deleted, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from chalicelib.errors import Conflict, NotFound, Unavailable

Tags = Mapping[str, str]
TAG = "recruitpro:"
ENVIRONMENT, MADE_BY = TAG + "environment", TAG + "made-by"
# Of a snapshot: its night, when it was asked for and the how-manieth time, which snapshot it is a copy of, and
# what the last restore test of it found.
DAY, ASKED_AT, ATTEMPT, COPY_OF = TAG + "day", TAG + "asked-at", TAG + "attempt", TAG + "copy-of"
RESTORE_TEST = TAG + "restore-test"
# Of an instance of a restore test: which test, and of which snapshot.
SLOT, SNAPSHOT = TAG + "slot", TAG + "snapshot"
TAKER, TESTER = "take_snapshot", "verify_restore"

GOOD = "available"
FAILED = frozenset({"failed", "error", "incompatible-restore", "incompatible-parameters", "incompatible-network"})
GOING = "deleting"


class RdsUnavailable(Unavailable):
    """RDS does not answer, or asks to be asked more slowly."""

    code = "rds_unavailable"


class Busy(Unavailable):
    """What it is about is in the middle of something else; later it will do."""

    code = "rds_busy"


class Taken(Conflict):
    """There is one of this name already."""

    code = "rds_name_taken"


class QuotaExceeded(Conflict):
    """The account may have no more of these."""

    code = "rds_quota_exceeded"


class Refused(Conflict):
    """RDS will not do it, whenever it is asked: a right, an instance or a key is missing."""

    code = "rds_refused"


class Missing(NotFound):
    """There is no snapshot or instance of this name."""

    code = "rds_missing"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A manual snapshot as RDS describes it. `status` is RDS's own word; `taken_at`, by RDS's clock, the moment whose
    data it holds, for a copy that of the original; None while it is not known."""

    name: str
    arn: str
    region: str
    status: str
    taken_at: datetime | None
    tags: Tags
    allocated_gib: int = 0

    @property
    def is_good(self) -> bool:
        return self.status == GOOD and self.taken_at is not None

    @property
    def has_failed(self) -> bool:
        return self.status in FAILED

    @property
    def is_pending(self) -> bool:
        """Whether it may become a good one yet."""
        return not (self.is_good or self.has_failed or self.status == GOING)

    @property
    def at(self) -> datetime | None:
        """When it was taken, or as long as that is not known, asked for."""
        return self.taken_at or moment(self.tags.get(ASKED_AT))

    def is_of(self, environment: str) -> bool:
        """Whether we made it, for this environment."""
        return self.tags.get(ENVIRONMENT) == environment and self.tags.get(MADE_BY) == TAKER


@dataclass(frozen=True, slots=True)
class Instance:
    """A database instance as RDS describes it. `has_secret` says whether RDS keeps its master password as a secret,
    `secret_arn` where, once that is ready."""

    name: str
    status: str
    tags: Tags
    host: str | None = None
    port: int = 5432
    user: str = ""
    has_secret: bool = False
    secret_arn: str | None = None
    is_protected: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how large an instance is restored."""

    instance_class: str
    subnet_group: str
    security_group: str


class Snapshots(Protocol):
    """The manual snapshots of one region."""

    region: str

    def all(self) -> list[Snapshot]:
        """All of the account's, ours or not. Raises RdsUnavailable."""

    def create(self, name: str, instance: str, tags: Tags) -> None:
        """Begin one. Raises Taken, Busy, QuotaExceeded, Refused, RdsUnavailable."""

    def copy(self, source: Snapshot, name: str, tags: Tags) -> None:
        """Begin a copy of one of another region. Raises as `create` does."""

    def tag(self, snapshot: Snapshot, tags: Tags) -> None:
        """Add tags. Raises Missing, Refused, RdsUnavailable."""

    def delete(self, snapshot: Snapshot) -> None:
        """Delete one. Raises Missing, Busy, Refused, RdsUnavailable."""


class Instances(Protocol):
    """The database instances of one region."""

    def all(self) -> list[Instance]:
        """All of the account's, ours or not. Raises RdsUnavailable."""

    def restore(self, snapshot: Snapshot, name: str, place: Place, tags: Tags) -> None:
        """Begin an instance from a snapshot. Raises Taken, Busy, QuotaExceeded, Missing, Refused, RdsUnavailable."""

    def keep_password(self, name: str) -> None:
        """Let RDS make a new master password and keep it as a secret. Raises Missing, Busy, Refused, RdsUnavailable."""

    def unprotect(self, name: str) -> None:
        """Lift its protection from deletion. Raises as `keep_password` does."""

    def delete(self, name: str) -> None:
        """Delete one with its automated backups, leaving no snapshot. Raises as `keep_password` does."""


def moment(text: str | None) -> datetime | None:
    """What a tag says of a time; None when it says none."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def as_text(at: datetime) -> str:
    """A time for a tag, whose characters are few."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
