"""One trace from a request through its jobs to what they send."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_sql_beside(__file__)
