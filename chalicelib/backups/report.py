"""What one run over the snapshots saw and did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.backups.rds import Busy, RdsUnavailable, Snapshot, Taken
from chalicelib.errors import RecruitProError


@dataclass(slots=True)
class Report:
    """What one run saw and did. `home` and `abroad` are what RDS listed before it (None: it did not answer, or there is
    no such region); `problems` are for an operator."""

    home: list[Snapshot] | None
    abroad: list[Snapshot] | None
    requested: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"requested": self.requested, "deleted": self.deleted, "problems": self.problems}

    def ask(self, call: Callable[[], None], what: str, *, patiently: bool) -> bool:
        """Whether RDS took it; with patience, its being busy is no problem yet."""
        try:
            call()
        except Taken:
            return False  # somebody else asked in the same moment
        except (Busy, RdsUnavailable) as later:
            if not patiently:
                self.problems.append(f"{what}: {later.detail}")
            return False
        except RecruitProError as refusal:
            self.problems.append(f"{what}: {refusal.detail}")
            return False
        return True
