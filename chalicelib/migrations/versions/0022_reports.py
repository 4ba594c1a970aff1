"""Reports of years that read a row for each day, and not each application."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql_beside(__file__)
