"""Candidates who turned out to be one person."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, keep_private, run_sql_beside

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("candidate_merges", "merged_applications")
    keep_private("merged_applications", "position_id")
