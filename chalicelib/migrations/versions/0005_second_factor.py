"""Second factors, and sign-ins that may do nothing until there is one."""

from __future__ import annotations

from chalicelib.migrations.steps import run_sql_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql_beside(__file__)
