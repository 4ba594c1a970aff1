"""What left the database, or stays outside of it: mails, files and deliveries, set against what its rows say."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from chalicelib.bulk_imports.models import export_key
from chalicelib.clients import Bucket
from tests.chaos.asking import LEAVER
from tests.chaos.stores import FolderStorage

if TYPE_CHECKING:
    from tests.chaos.world import World

Findings = dict[str, list[str]]
TOKEN_LENGTH = 16


def mails(world: World, doubled: Findings, wrong: Findings) -> None:
    """Each message to a candidate left as its row says."""
    doubled["mails sent twice"] = [key for key, count in Counter(world.mail.sent()).items() if count > 1]
    wrong["messages that are not what left"] = _not_what_left(world, "outreach")


def notices(world: World, _doubled: Findings, wrong: Findings) -> None:
    """Each mail of our own left as its row says."""
    wrong["notices that are not what left"] = _not_what_left(world, "notices")


def _not_what_left(world: World, table: str) -> list[str]:
    """What is sent left once, and nothing else (nobody knows of the unconfirmed) left at all."""
    left = Counter(world.mail.sent())
    allowed = {"sent": {1}, "unconfirmed": {0, 1}}
    found = world.rows(f"select id, status from {table}")
    odd = [row for row in found if left[str(row["id"])] not in allowed.get(row["status"], {0})]
    return [f"{row['id']} {row['status']} {left[str(row['id'])]}" for row in odd]


def exports(world: World, _doubled: Findings, wrong: Findings) -> None:
    """Each export that succeeded is there in the version that it names, unless somebody was erased since: that takes
    every export of the organization along, and blanks results in which the person stands."""
    found = world.rows("""
        select id, organization_id, result ->> 'object_version' as version from jobs
        where kind = 'export_candidates' and status = 'succeeded' and not exists (
            select from erasures where erasures.organization_id = jobs.organization_id
              and completed_at >= jobs.started_at)""")
    storage = FolderStorage(world.folder, Bucket.EXPORTS)
    missing = [
        str(row["id"])
        for row in found
        if not storage.holds(export_key(row["organization_id"], row["id"]), row["version"])
    ]
    wrong["exports that are not there"] = missing


def erased(world: World, _doubled: Findings, wrong: Findings) -> None:
    """No version of any file in any bucket tells of somebody erased."""
    there = {row["email"] for row in world.rows("select email from candidates where email is not null")}
    wrong["files that tell of the erased"] = [
        f"{bucket.value} {path}"
        for bucket in Bucket
        for path, content in FolderStorage(world.folder, bucket).everything()
        if not _leavers_in(content) <= there
    ]


def _leavers_in(content: bytes) -> set[str]:
    """The addresses in a file of those who were there to be erased."""
    _, *others = content.decode(errors="replace").split(LEAVER)
    return {f"{LEAVER}{other[:TOKEN_LENGTH]}@people.example" for other in others}


def deliveries(world: World, doubled: Findings, wrong: Findings) -> None:
    """What succeeded was taken; one event always reads the same, and is sent no more often than was tried."""
    times, bodies = Counter[str](), defaultdict[str, set[str]](set)
    for taken in list(world.receiver.taken):
        times[taken.webhook_id] += 1
        bodies[taken.webhook_id].add(taken.sha256)
    tried = world.rows("""
        select cast(event_id as text) as event_id, count(distinct deliveries.id) as deliveries,
            count(distinct deliveries.id) filter (where deliveries.status = 'succeeded') as succeeded,
            sum(jobs.attempts) as attempts
        from webhook_deliveries as deliveries join jobs
            on jobs.kind = 'deliver_webhook' and cast(payload ->> 'delivery_id' as uuid) = deliveries.id
        group by event_id""")
    most = {row["event_id"]: int(row["attempts"]) for row in tried}
    doubled["deliveries taken more often than tried"] = [each for each in times if times[each] > most.get(each, 0)]
    wrong["deliveries that succeeded, and nobody took"] = [
        row["event_id"] for row in tried if times[row["event_id"]] < row["succeeded"]
    ]
    wrong["deliveries of one event that read differently"] = [each for each in bodies if len(bodies[each]) > 1]
