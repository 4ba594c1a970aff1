"""Second factors, and sign-ins that may do nothing until there is one."""

from __future__ import annotations

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("second_factors", "recovery_codes")
