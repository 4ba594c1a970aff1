"""Schema changes: one file each, safe while the previous release still runs (expand, then contract).

Every function of ours imports this package, for its roles; alembic, a tenth of a cold start, is imported by what needs
it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from chalicelib.migrations.roles import driver_url

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent


def _configuration(owner_url: str) -> Config:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    configuration.attributes["url"] = driver_url(owner_url)
    return configuration


def upgrade(owner_url: str) -> list[str]:
    """Bring the schema up to date as its owner; returns the names of the changes applied now, oldest first."""
    from alembic import command
    from alembic.script import ScriptDirectory

    before = current(owner_url)
    configuration = _configuration(owner_url)
    command.upgrade(configuration, "head")
    script = ScriptDirectory.from_config(configuration)
    applied = [change.revision for change in script.iterate_revisions("head", before or "base")]
    return list(reversed(applied))


def current(owner_url: str) -> str | None:
    """The newest change that the database holds, or None for an empty one."""
    from alembic.migration import MigrationContext

    engine = sa.create_engine(driver_url(owner_url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return revision


def newest() -> str | None:
    """The newest change that this release knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(configuration).get_current_head()
