"""Whom to tell what happened, and whether they were told."""

from __future__ import annotations

from alembic import op

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("webhooks", "webhook_deliveries")
    op.execute("create policy dispatching on webhook_deliveries to recruitpro_dispatcher using (true)")
    op.execute("create policy dispatching on webhooks for select to recruitpro_dispatcher using (true)")
