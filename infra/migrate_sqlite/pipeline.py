"""From the changes of an old status to stages, states and steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.applications.models import ApplicationStatus, StageChangeKind
from infra.migrate_sqlite.decisions import Item
from infra.migrate_sqlite.legacy import CLOSED, OTHER_STAGES, STAGES
from infra.migrate_sqlite.reading import Reader

FIRST = "applied"
ACTIVE = ApplicationStatus.ACTIVE.value


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the history whose time can be read."""

    at: datetime
    item: Item
    reader: Reader
    status: str


@dataclass(frozen=True, slots=True)
class Step:
    kind: StageChangeKind
    from_stage: str | None
    to_stage: str | None


@dataclass(slots=True)
class State:
    """Where an application stands, and how it came there."""

    stage: str
    entered_at: datetime
    status: str = ACTIVE
    stages: list[str] = field(default_factory=lambda: [FIRST])

    def take(self, change: Change) -> list[Step] | None:
        """The steps of one change: none when it says nothing new, and None for a status that nobody knows."""
        if not is_known(change.status):
            return None
        to_stage = stage_of(change.status)
        steps = []
        if self.status != ACTIVE and self.status != change.status:
            steps.append(Step(StageChangeKind.REOPENED, None, self.stage))
            self.status = ACTIVE
        if to_stage is None:
            if self.status == ACTIVE:
                steps.append(Step(StageChangeKind(change.status), self.stage, None))
                self.status = change.status
        elif to_stage != self.stage:
            steps.append(Step(StageChangeKind.MOVED, self.stage, to_stage))
            self.enter(to_stage, change.at)
        return steps

    def enter(self, stage: str, at: datetime) -> None:
        self.stage, self.entered_at = stage, at
        if stage not in self.stages:
            self.stages.append(stage)


def plain(status: Any) -> str:
    """A status as it was meant."""
    return str(status or "").strip().lower()


def stage_of(status: str) -> str | None:
    """The stage of a status; None for states and for what nobody knows."""
    return STAGES.get(status) or OTHER_STAGES.get(status)


def is_known(status: str) -> bool:
    """Whether somebody decided what a status means here."""
    return stage_of(status) is not None or status in CLOSED


def settle(state: State, reader: Reader, at: datetime) -> None:
    """Let the status of the candidate's own row, which is what recruiters saw, have the last word. Where nobody knows
    what it means, the application stays where its history left it."""
    status = plain(reader.raw("status"))
    stage = stage_of(status)
    if status in OTHER_STAGES:
        reader.item.decide("status_other_word", f"taken for the stage {stage}", "status")
    if not is_known(status):
        where = f"stays active in the stage {state.stage} and has a label"
        reader.item.decide("status_unknown", f"nobody decided what this means: {where}", "status")
        state.status = ACTIVE
        return
    meant = (stage or state.stage, ACTIVE if stage else status)
    if (state.stage, state.status) != meant:
        reader.item.decide("status_without_history", "the history does not lead there; the status counts", "status")
        if meant[0] != state.stage:
            state.enter(meant[0], max(at, state.entered_at))
        state.status = meant[1]
