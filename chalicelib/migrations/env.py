"""Alembic's entry: one transaction per change, as the schema's owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

engine: sa.Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
