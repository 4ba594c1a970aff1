"""Interviews and the marks given in them."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, keep_private, run_sql_beside

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("interviews", "interviewers", "scorecards")
    keep_private("interviews", "application_id")
    keep_private("interviewers", "interview_id")
    keep_private("scorecards", "interview_id")
