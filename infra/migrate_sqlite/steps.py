"""The history of applications: each change of an old status as steps of ours, or kept as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from infra.migrate_sqlite.decisions import Item, Outcome, Target
from infra.migrate_sqlite.pipeline import FIRST, Change, State, plain
from infra.migrate_sqlite.source import Row
from infra.migrate_sqlite.world import Placed, World


def read_history(world: World, rows: Iterable[Row]) -> tuple[list[Item], dict[str, list[Change]]]:
    """The items of rows that have no time, and the changes of each candidate row, oldest first."""
    unordered: list[Item] = []
    changes: dict[str, list[Change]] = defaultdict(list)
    for row in rows:
        item, reader = world.begin("candidate_status_history", row)
        at = reader.moment("changed_at")
        if at is None:
            unordered.append(item.refuse("time_needed", "without a time it has no place in a history", "changed_at"))
        else:
            changes[reader.key("candidate_id") or ""].append(Change(at, item, reader, plain(reader.raw("new_status"))))
    for each in changes.values():
        each.sort(key=lambda change: (change.at, change.item.key))
    return unordered, changes


def steps(world: World, changes_of: Mapping[str, list[Change]], leaders: Mapping[UUID, str]) -> Iterator[Item]:
    """An item for each change, once all candidates have their place. `leaders`: whose history an application has."""
    for key, changes in changes_of.items():
        placed = world.placed.get(key)
        if placed is None:
            for change in changes:
                yield change.item.refuse("reference_orphaned", "there is no such candidate", "candidate_id")
            continue
        leads = placed.application_id is not None and leaders[placed.application_id] == key
        state = State(FIRST, changes[0].at)
        for change in changes:
            yield _change(world, placed, change, state if leads else None)


def _change(world: World, placed: Placed, change: Change, state: State | None) -> Item:
    item, user_id = change.item, world.user(change.reader, "changed_by")
    took = state.take(change) if state is not None else []
    if took is None:
        item.decide("status_unknown", "nobody knows this status; the event has it", "new_status")
    elif state is None:
        item.decide("no_step", "kept as an event: no application has this row's history", "candidate_id")
    elif not took:
        item.decide("nothing_changed", "kept as an event: it stood there already", "new_status")
    if not took or placed.application_id is None:
        item.outcome = Outcome.HISTORY
        item.event = world.happened(change.reader, "legacy_status_change", world.about(placed), user_id, change.at)
        return item
    for number, taken in enumerate(took):
        ends = (taken.kind.value, taken.from_stage, taken.to_stage)
        key = f"{item.key}/{number}"
        item.targets.append(step(world, placed.application_id, key, change.at, user_id, *ends))
    item.event = world.brought(change.reader, "stage_change_brought_over", world.about(placed), change.at)
    return item


def step(
    world: World,
    application_id: UUID,
    key: str,
    at: datetime,
    user_id: UUID | None,
    kind: str,
    from_stage: str | None,
    to_stage: str | None,
) -> Target:
    """One step of an application."""
    values = {
        "id": world.id_of("step", key, at),
        "organization_id": world.organization_id,
        "application_id": application_id,
        "kind": kind,
        "from_stage": from_stage,
        "to_stage": to_stage,
        "user_id": user_id,
        "changed_at": at,
    }
    return Target("stage_changes", values)
