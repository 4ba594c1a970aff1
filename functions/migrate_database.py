"""By hand or at a deployment: prepares the database where that is left to do, and brings its schema up to date."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from chalice.app import Blueprint

from chalicelib import migrations, reporting
from chalicelib.backups import export_role
from chalicelib.logs import log, log_context
from chalicelib.migrations import administration
from chalicelib.settings import Settings, settings

functions = Blueprint(__name__)
reporting.start()


@functions.lambda_function(name="migrate_database")
def migrate_database(event: Any, _context: Any) -> dict[str, Any]:
    """Answers what was prepared, the changes applied now, and the one the schema stands at.

    `{"action": "check"}` changes nothing and answers the one it stands at (none: nothing is there yet) and those that
    are pending.
    """
    action = (event or {}).get("action", "migrate")
    with log_context(function="migrate_database", action=action):
        try:
            if action not in ACTIONS:
                raise ValueError(f"there is no action {action!r}: {', '.join(ACTIONS)}")
            return ACTIONS[action](_told(settings()))
        except Exception as error:
            log.exception("function_broke")
            reporting.report(error)
            raise


def _told(config: Settings) -> Settings:
    if config.migration_database_url is None and config.database_master_secret_arn is None:
        raise RuntimeError("neither RECRUITPRO_DATABASE_MASTER_SECRET_ARN nor RECRUITPRO_MIGRATION_DATABASE_URL is set")
    return config


def _migrate(config: Settings) -> dict[str, Any]:
    # Where the owner's URL is given, whoever gave it has prepared the database (make setup-postgres).
    is_master = config.migration_database_url is None
    prepared = administration.prepare(config) if is_master else []
    owner = _owner(config)
    applied = migrations.upgrade(owner)
    if is_master:
        # Each time: tables that came now have to be seen by the next export.
        export_role.prepare(administration.master_engine(config, config.database_name))
    log.info("database_migrated", prepared=len(prepared), applied=len(applied))
    return {"prepared": prepared, "applied": applied, "current": migrations.current(owner)}


def _check(config: Settings) -> dict[str, Any]:
    is_there = config.migration_database_url is not None or administration.database_exists(config)
    current = migrations.current(_owner(config)) if is_there else None
    return {"current": current, "pending": migrations.pending(current), "newest": migrations.newest()}


def _owner(config: Settings) -> str | sa.Engine:
    if config.migration_database_url is not None:
        return config.migration_database_url.get_secret_value()
    return administration.owner_engine(config)


ACTIONS = {"migrate": _migrate, "check": _check}
