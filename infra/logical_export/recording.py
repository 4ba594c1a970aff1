"""What became of an export, written into the database that it is of."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.backups import repository
from chalicelib.backups.models import Backup
from chalicelib.errors import RecruitProError
from chalicelib.logs import log
from infra.logical_export.source import Source


def record(origin: Source, backup: Backup) -> None:
    """Write it down, as the exporter itself."""
    engine = origin.engine()
    try:
        with Session(engine) as session:
            repository.record(session, [backup])
            session.commit()
    finally:
        engine.dispose()


def try_to_record(origin: Callable[[], Source], backup: Backup) -> None:
    """The same where the database may be lost: that an export holds is worth knowing most of all then."""
    try:
        record(origin(), backup)
    except (sa.exc.SQLAlchemyError, RecruitProError, OSError) as error:
        log.warning("export_not_recorded", export=backup.name, error=type(error).__name__)
