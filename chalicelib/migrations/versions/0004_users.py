"""Invitations, password resets, the mails that carry them, and what an organization decides for all its users."""

from __future__ import annotations

from alembic import op

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("notices", "invitations", "password_resets")
    for table in ("invitations", "password_resets"):
        op.execute(f"create policy signing_in on {table} to recruitpro_sign_in using (true)")
    for table in ("notices", "invitations", "password_resets"):
        op.execute(f"create policy dispatching on {table} to recruitpro_dispatcher using (true)")
