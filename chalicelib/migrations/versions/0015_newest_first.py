"""Lists that find an organization's newest rows without passing those of others."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql_beside(__file__)
