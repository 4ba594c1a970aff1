"""The kinds of jobs in a chaos run, and how each is judged. A new kind is one more entry in KINDS, and one more way of
asking for it in ways.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.documents.eicar import EICAR
from chalicelib.jobs.models import JobKind
from tests.chaos import outside
from tests.chaos.outside import Findings

if TYPE_CHECKING:
    from tests.chaos.world import World


Compare = Callable[["World", Findings, Findings], None]
"""Adds what was done twice, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are judged. `done` and `failed` are the events that one job leaves when it succeeds and when
    it fails, exactly once each; `refusals` the codes with which it may rightly fail at its first attempt, and `erased`
    those with which it may when the person it was about is gone: what the payload names, and the table in which it
    then is not, is `about`. `lost`, `doubled` and `wrong` are queries by name, whose rows are effects that never came,
    effects done twice, and states that should not be; `compare` finds states that are not those of the world outside
    the database."""

    done: str | None = None
    failed: str | None = None
    refusals: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    about: tuple[str, str] | None = None
    lost: Mapping[str, str] = field(default_factory=dict)
    doubled: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    compare: Compare | None = None


APPLICATION, DOCUMENT = ("application_id", "applications"), ("document_id", "documents")
MESSAGE = ("outreach_id", "outreach")

KINDS: Mapping[JobKind, Kind] = {
    JobKind.SCREEN_CANDIDATE: Kind(
        done="application_screened",
        erased=frozenset({"application_not_found", "candidate_not_found"}),
        about=APPLICATION,
        doubled={"screenings of one job": "select job_id from screenings group by job_id having count(*) > 1"},
        wrong={
            "screened without a screening": """
                select jobs.id from jobs left join screenings on job_id = jobs.id
                where kind = 'screen_candidate' and (status = 'succeeded') <> (screenings.id is not null)
                  and exists (select from applications where id = cast(payload ->> 'application_id' as uuid))"""
        },
    ),
    JobKind.SCREENING_BATCH: Kind(),
    JobKind.SCAN_DOCUMENT: Kind(
        done="document_scanned",
        about=DOCUMENT,
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
        erased=frozenset({"document_not_found", "candidate_not_found"}),
        about=DOCUMENT,
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
        refusals=frozenset({"outreach_not_a_draft"}),
        erased=frozenset({"outreach_not_found", "candidate_not_found"}),
        about=MESSAGE,
        wrong={
            "written, and no draft": """
                select outreach.id from outreach join jobs on jobs.id = outreach.job_id
                where (jobs.status = 'succeeded') <> (body is not null)"""
        },
    ),
    JobKind.SEND_OUTREACH: Kind(
        # Sent may also be known of a job that was given up as unconfirmed meanwhile.
        refusals=frozenset({"send_unconfirmed", "mail_unconfirmed", "outreach_not_sendable"}),
        erased=frozenset({"outreach_not_found", "candidate_deleted", "candidate_not_found"}),
        about=MESSAGE,
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
        compare=outside.mails,
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
    JobKind.EXPORT_CANDIDATES: Kind(done="export_written", compare=outside.exports),
    JobKind.SEND_NOTICE: Kind(
        # A link that was sent again, or an invitation that was, makes the mail of before obsolete.
        refusals=frozenset({"send_unconfirmed", "mail_unconfirmed", "notice_obsolete"}),
        doubled={
            "notices noted as sent twice": """
                select subject_id from events where action = 'notice_sent' group by subject_id having count(*) > 1"""
        },
        wrong={
            "notices on their way for ever": "select id from notices where status in ('queued', 'sending')",
            "sending succeeded, and no notice sent": """
                select jobs.id from jobs join notices on notices.job_id = jobs.id
                where jobs.status = 'succeeded' and notices.status <> 'sent'""",
        },
        compare=outside.notices,
    ),
    JobKind.DELIVER_WEBHOOK: Kind(
        lost={
            "events that a webhook listens for, and no delivery": """
                select events.id from events join webhooks on webhooks.organization_id = events.organization_id
                    and action = any(webhooks.events) and occurred_at > webhooks.created_at
                where not exists (select from webhook_deliveries
                                  where webhook_id = webhooks.id and event_id = events.id)"""
        },
        doubled={
            "deliveries of one event to one webhook": """
                select event_id from webhook_deliveries group by webhook_id, event_id having count(*) > 1""",
            "jobs of one attempt": """
                select payload from jobs where kind = 'deliver_webhook' group by payload having count(*) > 1""",
        },
        wrong={
            "deliveries on their way for ever": "select id from webhook_deliveries where status = 'pending'",
            "attempts that are not counted": """
                select id from webhook_deliveries
                where attempts <> jsonb_array_length(history) or attempts <> (
                    select count(*) from jobs where kind = 'deliver_webhook'
                      and cast(payload ->> 'delivery_id' as uuid) = webhook_deliveries.id)""",
            "succeeded, and not by its last attempt alone": """
                select id from webhook_deliveries where (status = 'succeeded') <> (
                    select count(*) = 1 from jsonb_array_elements(history) as each
                    where each ->> 'error_code' is null)
                    or (status = 'succeeded' and history -> -1 ->> 'error_code' is not null)""",
            "given up before eight attempts": """
                select id from webhook_deliveries where status = 'failed' and attempts < 8""",
        },
        compare=outside.deliveries,
    ),
    JobKind.ERASE_CANDIDATE: Kind(
        done="candidate_erased",
        lost={
            "candidates gone whom nobody erased": """
                select subject_id from events where action = 'candidate_created'
                  and not exists (select from candidates where id = subject_id)
                  and not exists (select from erasures where candidate_id = subject_id)""",
            "applications gone, of candidates whom nobody erased": """
                select application_id from events where action = 'application_created'
                  and not exists (select from applications where id = events.application_id)
                  and not exists (select from erasures where candidate_id = events.candidate_id)""",
        },
        doubled={
            "certificates of one person": "select candidate_id from erasures group by candidate_id having count(*) > 1",
            "people erased twice": """
                select subject_id from events where action = 'candidate_erased' group by subject_id
                having count(*) > 1""",
        },
        wrong={
            "certificates that are not where their job is": """
                select erasures.id from erasures join jobs on jobs.id = job_id
                where (jobs.status = 'succeeded') <> (erasures.status = 'done')""",
            "erased, and still there": """
                select candidate_id from erasures where status = 'done' and (
                    exists (select from candidates where id = erasures.candidate_id)
                    or exists (select from applications where candidate_id = erasures.candidate_id)
                    or exists (select from documents where candidate_id = erasures.candidate_id)
                    or exists (select from screenings where candidate_id = erasures.candidate_id)
                    or exists (select from outreach where candidate_id = erasures.candidate_id))""",
            "gone before their certificate": """
                select candidate_id from erasures where status = 'running'
                  and not exists (select from candidates where id = erasures.candidate_id)""",
            "events that still tell of the erased": """
                select events.id from events join erasures on erasures.candidate_id = events.candidate_id
                where erasures.status = 'done' and concat(before, after) like '%leaver-%'""",
        },
        compare=outside.erased,
    ),
}
