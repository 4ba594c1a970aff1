"""The kinds of jobs in a chaos run, and how each is judged. A new kind is one more entry in KINDS, and one more way of
asking for it in ways.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.bulk_imports.models import export_key
from chalicelib.clients import Bucket
from chalicelib.documents.eicar import EICAR
from chalicelib.jobs.models import JobKind
from tests.chaos.stores import FolderStorage

if TYPE_CHECKING:
    from tests.chaos.world import World


Findings = dict[str, list[str]]
Compare = Callable[["World", Findings, Findings], None]
"""Adds what was done twice, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are judged. `done` and `failed` are the events that one job leaves when it succeeds and when
    it fails, exactly once each; `refusals` the codes with which it may rightly fail at its first attempt. `doubled` and
    `wrong` are queries by name, whose rows are effects done twice, and states that should not be; `compare` finds
    states that are not those of the world outside the database."""

    done: str | None = None
    failed: str | None = None
    refusals: frozenset[str] = frozenset()
    doubled: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    compare: Compare | None = None


def mails(world: World, doubled: Findings, wrong: Findings) -> None:
    """Each message that is sent left once, and none that is not (nobody knows of the unconfirmed) left at all."""
    left = Counter(world.mail.sent())
    allowed = {"sent": {1}, "unconfirmed": {0, 1}}
    found = world.rows("select id, status from outreach")
    odd = [row for row in found if left[str(row["id"])] not in allowed.get(row["status"], {0})]
    doubled["mails sent twice"] = [key for key, count in left.items() if count > 1]
    wrong["messages that are not what left"] = [f"{row['id']} {row['status']} {left[str(row['id'])]}" for row in odd]


def exported(world: World, _doubled: Findings, wrong: Findings) -> None:
    """Each export that succeeded is there in the version that it names."""
    found = world.rows("""
        select id, organization_id, result ->> 'object_version' as version from jobs
        where kind = 'export_candidates' and status = 'succeeded'""")
    storage = FolderStorage(world.folder, Bucket.EXPORTS)
    missing = [
        str(row["id"])
        for row in found
        if not storage.holds(export_key(row["organization_id"], row["id"]), row["version"])
    ]
    wrong["exports that are not there"] = missing


KINDS: Mapping[JobKind, Kind] = {
    JobKind.SCREEN_CANDIDATE: Kind(
        done="application_screened",
        doubled={"screenings of one job": "select job_id from screenings group by job_id having count(*) > 1"},
        wrong={
            "screened without a screening": """
                select jobs.id from jobs left join screenings on job_id = jobs.id
                where kind = 'screen_candidate' and (status = 'succeeded') <> (screenings.id is not null)"""
        },
    ),
    JobKind.SCREENING_BATCH: Kind(),
    JobKind.SCAN_DOCUMENT: Kind(
        done="document_scanned",
        # One that was scanned again keeps the verdict it has.
        doubled={
            "uploads registered twice": """
                select subject_id from events where action = 'document_uploaded'
                group by subject_id having count(*) > 1""",
            "first scans of one version": """
                select unique_key from jobs where kind = 'scan_document' and unique_key is not null
                group by organization_id, unique_key having count(*) > 1""",
        },
        wrong={
            "documents without a verdict": "select id from documents where status = 'scanning'",
            "scans that succeeded, documents without verdict": """
                select jobs.id from jobs join documents on documents.id = cast(payload ->> 'document_id' as uuid)
                where jobs.kind = 'scan_document' and jobs.status = 'succeeded'
                  and (documents.status not in ('clean', 'infected', 'rejected') or sha256 is null)""",
            "EICAR not found, or found elsewhere": f"""
                select id from documents where object_version is not null and object_key <> 'none'
                  and status in ('clean', 'infected') and (status = 'infected') <> (size_bytes = {len(EICAR)})""",
            "registered, and never scanned": """
                select id from documents where object_version is not null and object_key <> 'none' and not exists (
                    select from jobs where kind = 'scan_document'
                      and cast(payload ->> 'document_id' as uuid) = documents.id)""",
        },
    ),
    JobKind.ANALYZE_DOCUMENT: Kind(
        done="document_analyzed",
        failed="document_analysis_failed",
        refusals=frozenset({"no_name_found", "document_type_unknown", "not_a_resume"}),
        doubled={
            "candidates of one address": """
                select email from candidates where email is not null and deleted_at is null
                group by organization_id, email having count(*) > 1""",
            "candidates of one résumé": """
                select resume_document_id from candidates where resume_document_id is not null
                group by resume_document_id having count(*) > 1""",
        },
        wrong={
            "clean résumés that were not read": """
                select id from documents where kind = 'resume' and status = 'clean'
                  and analysis_status not in ('succeeded', 'failed')""",
            "read, and no candidate": """
                select id from documents where kind = 'resume' and analysis_status = 'succeeded'
                  and candidate_id is null""",
        },
    ),
    JobKind.GENERATE_OUTREACH: Kind(
        done="outreach_written",
        failed="outreach_failed",
        refusals=frozenset({"not_a_draft"}),
        wrong={
            "written, and no draft": """
                select outreach.id from outreach join jobs on jobs.id = outreach.job_id
                where (jobs.status = 'succeeded') <> (body is not null)"""
        },
    ),
    JobKind.SEND_OUTREACH: Kind(
        # Sent may also be known of a job that was given up as unconfirmed meanwhile.
        refusals=frozenset({"send_unconfirmed", "mail_unconfirmed", "not_sendable"}),
        doubled={
            "messages noted as sent twice": """
                select subject_id from events where action = 'outreach_sent' group by subject_id having count(*) > 1"""
        },
        wrong={
            "messages on their way for ever": "select id from outreach where status in ('queued', 'sending')",
            "sending succeeded, and not sent": """
                select jobs.id from jobs join outreach on outreach.send_job_id = jobs.id
                where jobs.status = 'succeeded' and outreach.status <> 'sent'""",
        },
        compare=mails,
    ),
    JobKind.MARKET_RESEARCH: Kind(
        done="market_researched",
        wrong={
            "research that is not where its job is": """
                select market_research.id from market_research join jobs on jobs.id = job_id
                where market_research.status <> jobs.status or (jobs.status = 'succeeded') <> (findings is not null)"""
        },
    ),
    JobKind.IMPORT_SALARY_DATA: Kind(
        done="salary_data_imported",
        doubled={
            "salaries imported twice": """
                select document_id from salary_data group by document_id having count(*) > 12"""
        },
    ),
    JobKind.BULK_IMPORT: Kind(
        done="import_started",
        failed="import_failed",
        doubled={
            "candidates created twice by imports": """
                select subject_id from events where action = 'candidate_created' group by subject_id
                having count(*) > 1"""
        },
        wrong={
            "imports whose rows are not what they count": """
                select imports.id from imports
                where (rows_created, rows_updated, rows_skipped) is distinct from (
                    select row(count(*) filter (where outcome = 'created'), count(*) filter (where outcome = 'updated'),
                               count(*) filter (where outcome = 'skipped'))
                    from import_rows where import_id = imports.id)""",
            "rows without an outcome": """
                select imports.id from imports join jobs on jobs.id = job_id
                where jobs.status = 'succeeded'
                  and rows_total <> rows_created + rows_updated + rows_skipped + rows_failed""",
            "rows written, and no candidate or event": """
                select import_id from import_rows join imports on imports.id = import_id
                where not is_dry_run and outcome = 'created' and not exists (
                    select from events join candidates on candidates.id = subject_id
                    where action = 'candidate_created' and subject_id = import_rows.candidate_id)""",
            "rows written by a rehearsal": """
                select import_id from import_rows join imports on imports.id = import_id
                join candidates on candidates.id = import_rows.candidate_id
                where is_dry_run and outcome = 'created'""",
        },
    ),
    JobKind.IMPORT_ROWS: Kind(),
    JobKind.UNDO_IMPORT: Kind(
        done="import_undone",
        failed="import_undo_failed",
        doubled={
            "candidates deleted twice": """
                select subject_id from events where action = 'candidate_deleted' group by subject_id
                having count(*) > 1"""
        },
        wrong={
            "undone, and rows left": """
                select id from imports where undo_status = 'undone' and exists (
                    select from import_rows where import_id = imports.id and outcome in ('created', 'updated')
                      and undone is null)""",
            "undoing for ever": "select id from imports where undo_status = 'undoing'",
        },
    ),
    JobKind.EXPORT_CANDIDATES: Kind(done="export_written", compare=exported),
}
