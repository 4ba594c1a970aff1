"""Second factors, and sign-ins that may do nothing until there is one."""

from __future__ import annotations

from alembic import op

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("second_factors", "recovery_codes")
    # After a change of the token secret, the secrets of all organizations are sealed anew.
    op.execute("create policy signing_in on second_factors to recruitpro_sign_in using (true)")
