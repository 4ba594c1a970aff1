"""People who may be one, found without a look at all who share a common name."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_sql_beside(__file__)
