"""Reports of years that read a row for each day, and not each application."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart(
        *("application_marks", "application_kinds", "counted_applications", "application_sums"),
        *("candidate_increments", "candidate_sums"),
    )
