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


def _configuration() -> Config:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    return configuration


def _engine(owner: str | sa.Engine) -> sa.Engine:
    return owner if isinstance(owner, sa.Engine) else sa.create_engine(driver_url(owner), poolclass=sa.NullPool)


def upgrade(owner: str | sa.Engine) -> list[str]:
    """Bring the schema up to date as its owner (a URL, or an engine); returns the names of the changes applied now,
    oldest first."""
    from alembic import command

    engine = _engine(owner)
    ahead = pending(current(engine))
    configuration = _configuration()
    configuration.attributes["engine"] = engine
    command.upgrade(configuration, "head")
    return ahead


def current(owner: str | sa.Engine) -> str | None:
    """The newest change that the database holds, or None for an empty one."""
    from alembic.migration import MigrationContext

    engine = _engine(owner)
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return revision


def newest() -> str | None:
    """The newest change that this release knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_configuration()).get_current_head()


def pending(revision: str | None) -> list[str]:
    """The changes of this release that a database at `revision` does not hold yet, oldest first; none when it is one
    that a newer release made."""
    from alembic.script import ScriptDirectory

    known = [change.revision for change in ScriptDirectory.from_config(_configuration()).walk_revisions()][::-1]
    if revision is not None and revision not in known:
        return []
    return known if revision is None else known[known.index(revision) + 1 :]
