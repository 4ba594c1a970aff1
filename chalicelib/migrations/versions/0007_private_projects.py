"""Projects that only their members see."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql_beside(__file__)
