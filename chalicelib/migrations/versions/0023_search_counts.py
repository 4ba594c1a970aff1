"""Counts and pages of what a search finds, without a look at those who are not shown."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_sql_beside(__file__)
