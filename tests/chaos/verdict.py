"""What became of every job: looked up in the database when all is over, and set against what was asked for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.chalicelib.events import chain
from tests.chaos.battle import Battle
from tests.chaos.kinds import KINDS, Kind
from tests.chaos.world import World

# What a job may fail with after its last attempt, because something outside it was down or it was killed.
FAULTS = frozenset(
    {
        *("database_unavailable", "queue_unavailable", "storage_unavailable", "scanner_unavailable"),
        *("job_never_finished", "reader_unavailable", "mail_unavailable", "import_collided"),
    }
)


@dataclass(slots=True)
class Verdict:
    """Findings by name, each with what it was found on; an empty one is a check that held."""

    lost: dict[str, list[str]] = field(default_factory=dict)
    doubled: dict[str, list[str]] = field(default_factory=dict)
    unended: dict[str, list[str]] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    events: int = 0
    recovery_seconds: float | None = None
    longest_after_kill: float = 0.0
    jobs_hit: int = 0
    retried: int = 0
    superseded: int = 0
    """Attempts that came too late: their job was somebody else's by then."""


def of(battle: Battle) -> Verdict:
    """The account of a run."""
    world, verdict = battle.world, Verdict()
    jobs = {str(row["id"]): row for row in world.rows("select * from jobs")}
    verdict.jobs = Counter((row["kind"], row["status"]) for row in jobs.values())
    verdict.attempts = Counter(row["attempts"] for row in jobs.values())
    erased = _about_the_erased(world, jobs)
    _judge_asked(world, jobs, verdict)
    _judge_ends(jobs, erased, verdict)
    _judge_effects(world, jobs, erased, verdict)
    _judge_parents(jobs, verdict)
    _judge_states(world, verdict)
    _judge_chains(world, verdict)
    _measure(battle, jobs, verdict)
    logs = [(world.folder / f"{name}.log").read_text(errors="replace") for name in world.workers]
    verdict.superseded = sum(log.count('"outcome":"superseded"') for log in logs)
    # No fault of the run is an error that nobody has thought of.
    verdict.wrong["attempts that broke on our side"] = [
        line[:400]
        for log in logs
        for line in log.splitlines()
        if '"job_broke"' in line or '"job_failure_not_told"' in line
    ]
    return verdict


def _judge_asked(world: World, jobs: dict[str, Any], verdict: Verdict) -> None:
    """What was committed is there; what was written by a transaction that died is there whole or not at all."""
    written, committed, doomed = list[list[str]](), set[str](), set[str]()
    for line in (world.folder / "asked.jsonl").read_text().splitlines():
        fact = json.loads(line)
        if fact["fact"] == "written":
            written.append(fact["ids"])
        else:
            (committed if fact["fact"] == "committed" else doomed).update(fact["ids"])
    verdict.lost["committed, and not there"] = sorted(committed - jobs.keys())
    verdict.wrong["not committed, and there"] = sorted(doomed & jobs.keys())
    parts = [ids for ids in written if 0 < sum(each in jobs for each in ids) < len(ids)]
    verdict.wrong["transactions of which only a part is there"] = [ids[0] for ids in parts]
    stored = world.rows("select id, object_key from documents where status = 'awaiting_upload'")
    lost = [str(row["id"]) for row in stored if world.storage.holds(row["object_key"])]
    verdict.lost["uploads that nobody noticed"] = lost


def _about_the_erased(world: World, jobs: dict[str, Any]) -> frozenset[str]:
    """The jobs about something that is gone with a person who was erased; of some of them the payload went too."""
    there = {
        table: {str(row["id"]) for row in world.rows(f"select id from {table}")}
        for table in {kind.about[1] for kind in KINDS.values() if kind.about}
    }
    found = set()
    for key, job in jobs.items():
        about = KINDS[job["kind"]].about
        if about is not None and job["payload"].get(about[0]) not in there[about[1]]:
            found.add(key)
    return frozenset(found)


def _judge_ends(jobs: dict[str, Any], erased: frozenset[str], verdict: Verdict) -> None:
    ended = {"succeeded", "failed", "cancelled"}
    verdict.unended["jobs that have not ended"] = [key for key, job in jobs.items() if job["status"] not in ended]
    wrong: dict[str, list[str]] = {
        "failed for no good reason": [
            key for key, job in jobs.items() if not _is_fair(job, is_of_erased=key in erased)
        ],
        "cancelled, and nobody asked for it": [
            key for key, job in jobs.items() if job["status"] == "cancelled" and job["cancel_requested_at"] is None
        ],
        "more attempts than allowed": [key for key, job in jobs.items() if job["attempts"] > job["max_attempts"]],
        "ended, and still leased or due": [
            key
            for key, job in jobs.items()
            if job["status"] in ended and (job["lease_expires_at"] or job["next_attempt_at"] or not job["finished_at"])
        ],
    }
    verdict.wrong.update(wrong)


def _is_fair(job: Any, *, is_of_erased: bool) -> bool:
    """Whether a job that failed may have: refused by its kind, or out of attempts that each met a fault."""
    if job["status"] != "failed":
        return True
    kind = KINDS[job["kind"]]
    if job["error_code"] in kind.refusals or (is_of_erased and job["error_code"] in kind.erased):
        return True
    return job["attempts"] == job["max_attempts"] and job["error_code"] in FAULTS


def _judge_effects(world: World, jobs: dict[str, Any], erased: frozenset[str], verdict: Verdict) -> None:
    """Each job leaves the event of its end, once: those that were tried again by hand may fail more than once."""
    left = Counter[tuple[str, str]]()
    for row in world.rows("""
        select actor_id, action, count(*) as n from events where actor_kind = 'job' group by actor_id, action"""):
        left[str(row["actor_id"]), row["action"]] = row["n"]
    retried = {
        str(row["subject_id"]): row["n"]
        for row in world.rows("""
            select subject_id, count(*) as n from events where action = 'job_retried' group by subject_id""")
    }
    verdict.retried = sum(retried.values())
    missing, doubled = list[str](), list[str]()
    for key, job in jobs.items():
        kind: Kind = KINDS[job["kind"]]
        for action, is_due, most in (
            (kind.done, job["status"] == "succeeded" or job["is_split"], 1),
            (kind.failed, job["status"] in {"failed", "cancelled"}, 1 + retried.get(key, 0)),
        ):
            if action is None:
                continue
            found = left[key, action]
            is_allowed = is_due or (action == kind.failed and key in retried)
            if found > (most if is_allowed else 0):
                doubled.append(f"{key} {action}: {found}")
            # A document whose row went meanwhile was looked at in vain.
            if is_due and not found and action == kind.done and key not in erased:
                missing.append(f"{key} {action}")
    verdict.doubled["events of an effect"] = doubled
    verdict.wrong["ended, and no event says so"] = missing


def _judge_parents(jobs: dict[str, Any], verdict: Verdict) -> None:
    """A parent has counted each of its children, once."""
    weight, failed = Counter[str](), Counter[str]()
    for job in jobs.values():
        if job["parent_id"] is not None:
            weight[str(job["parent_id"])] += job["weight"]
            failed[str(job["parent_id"])] += job["status"] == "failed"
    verdict.wrong["parents whose progress is not their children's"] = [
        f"{key} {job['progress_done']}/{job['progress_total']} of {weight[key]}, {job['children_failed']}/{failed[key]}"
        for key, job in jobs.items()
        if job["is_split"]
        and (job["progress_done"], job["progress_total"], job["children_failed"])
        != (weight[key], weight[key], failed[key])
    ]


def _judge_states(world: World, verdict: Verdict) -> None:
    verdict.unended["messages left in the outbox"] = [
        str(row["job_id"]) for row in world.rows("select job_id from outbox")
    ]
    for kind in KINDS.values():
        for name, query in kind.lost.items():
            verdict.lost[name] = _found(world, query)
        for name, query in kind.doubled.items():
            verdict.doubled[name] = _found(world, query)
        for name, query in kind.wrong.items():
            verdict.wrong[name] = _found(world, query)
        if kind.compare is not None:
            kind.compare(world, verdict.doubled, verdict.wrong)


def _found(world: World, query: str) -> list[str]:
    return [" ".join(map(str, row.values())) for row in world.rows(query)]


def _judge_chains(world: World, verdict: Verdict) -> None:
    """Every organization's events hang together, none missing."""
    broken = []
    for row in world.rows("select id from organizations"):
        organization_id: UUID = row["id"]
        events = chain.rows_of(world.database, organization_id)
        verdict.events += len(events)
        # Nothing is there any more that the digests of an erased event could be reckoned from.
        erased = {f"{event['sequence']}: values": event for event in events if _is_blank(event)}
        for event in erased.values():
            event["salt"] = b""
        found = chain.breaks(events, chain.head_of(world.database, organization_id))
        broken += [each for each in found if each not in erased]
    verdict.wrong["events out of their chain"] = broken


def _is_blank(event: dict[str, Any]) -> bool:
    """Whether somebody was erased from an event, and wholly: its digests stay, over values that nobody has."""
    blanked = ("before", "after", "salt", "address", "address_salt")
    return event["erased_at"] is not None and all(event[name] is None for name in blanked)


def _measure(battle: Battle, jobs: dict[str, Any], verdict: Verdict) -> None:
    if battle.recovered_at is not None:
        verdict.recovery_seconds = battle.recovered_at - battle.last_blow_at
    after = [
        jobs[key]["finished_at"].timestamp() - at
        for key, at in battle.hits.items()
        if key in jobs and jobs[key]["finished_at"] is not None
    ]
    waits = [seconds for seconds in after if seconds > 0]
    verdict.jobs_hit, verdict.longest_after_kill = len(waits), max(waits, default=0.0)
