"""What reports read without going through every history."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql_beside(__file__)
