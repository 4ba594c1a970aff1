"""What is kept no longer than it must be: results of jobs, answers kept for retries, spent tokens, old counters."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from chalicelib import db
from chalicelib.db import Role
from chalicelib.http.idempotency import KEPT_FOR
from chalicelib.settings import settings

LIMIT = 10_000
# Counted from when a link stopped working, and when a notice was asked for.
LINKS_KEPT_FOR, NOTICES_KEPT_FOR = timedelta(days=30), timedelta(days=60)
# Each touches a bounded number of rows, so that a backlog is worked off run by run and no run takes long.
STATEMENTS = {
    "job_results": """
        update jobs set result = null, history = '[]', error_message = null
        where id in (select id from jobs
            where (status in ('succeeded', 'cancelled') and finished_at < :results_before
                   or status = 'failed' and finished_at < :failures_before)
              and (result is not null or error_message is not null)
            limit :limit)
    """,
    "idempotency_keys": """
        delete from idempotency_keys where ctid in (
            select ctid from idempotency_keys where created_at < :keys_before limit :limit)
    """,
    "webhook_deliveries": """
        delete from webhook_deliveries where id in (
            select id from webhook_deliveries where created_at < :deliveries_before and status <> 'pending'
            limit :limit)
    """,
    "refresh_tokens": """
        delete from refresh_tokens where id in (select id from refresh_tokens where expires_at < :now limit :limit)
    """,
    "rate_limits": """
        delete from rate_limits where ctid in (
            select ctid from rate_limits where window_start < extract(epoch from cast(:now as timestamptz)) - 7200
            limit :limit)
    """,
    "sign_in_attempts": """
        delete from sign_in_attempts where ctid in (
            select ctid from sign_in_attempts where expires_at < :now limit :limit)
    """,
    "familiar_addresses": """
        delete from familiar_addresses where ctid in (
            select ctid from familiar_addresses where expires_at < :now limit :limit)
    """,
    "invitations": """
        delete from invitations where id in (select id from invitations where expires_at < :links_before limit :limit)
    """,
    "password_resets": """
        delete from password_resets where id in (
            select id from password_resets where expires_at < :links_before limit :limit)
    """,
    "notices": """
        delete from notices where id in (select id from notices where created_at < :notices_before limit :limit)
    """,
}


def apply(now: datetime) -> dict[str, int]:
    """Blank and delete what is past its time; how many rows of each."""
    config = settings()
    parameters = {
        "now": now,
        "results_before": now - timedelta(hours=config.job_result_hours),
        "failures_before": now - timedelta(hours=config.job_failure_hours),
        "keys_before": now - KEPT_FOR,
        "links_before": now - LINKS_KEPT_FOR,
        "notices_before": now - NOTICES_KEPT_FOR,
        "deliveries_before": now - timedelta(days=config.webhook_delivery_days),
        "limit": LIMIT,
    }
    counts = {}
    for name, statement in STATEMENTS.items():
        with db.transaction(role=Role.DISPATCHER) as session:
            counts[name] = session.connection().execute(sa.text(statement), parameters).rowcount
    return counts
