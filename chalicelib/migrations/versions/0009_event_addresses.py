"""From which address an event came, and whether the chain of events still holds."""

from __future__ import annotations

from alembic import op

from chalicelib.migrations.steps import keep_apart, run_sql_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql_beside(__file__)
    keep_apart("event_anchors")
    # The oldest verified organization is verified first: anchors of all of them say which one that is.
    op.execute("create policy auditing on event_anchors for select to recruitpro_auditor using (true)")
