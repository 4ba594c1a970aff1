"""One run of what looks after snapshots: with the real RDS, told to whoever has to know, and recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib import clients, metrics
from chalicelib.backups import recording
from chalicelib.backups.service import Shelf
from chalicelib.logs import log
from chalicelib.settings import Settings, settings

NO_INSTANCE = "no RDS instance is set (RECRUITPRO_BACKUP_INSTANCE)"


def run(now: datetime) -> dict[str, Any]:
    """What was done, for the log. A laptop has no instance of RDS, and nothing is done there: one of moto's would
    hold no row of ours, and health would say that there is a backup."""
    config = settings()
    if config.backup_instance is None:
        if not config.is_local:
            _tell([NO_INSTANCE])
        return {"skipped": NO_INSTANCE}
    shelf = _shelf(config, config.backup_instance)
    report = shelf.look_after(now)
    _tell(report.problems)
    seen = {config.aws_region: report.home, config.backup_copy_region: report.abroad}
    known = {region: listed for region, listed in seen.items() if region is not None and listed is not None}
    recorded = [recording.record(region, listed, shelf.environment, now) for region, listed in known.items()]
    return {**report.as_json(), "regions": len(known), "recorded": all(recorded)}


def _shelf(config: Settings, instance: str) -> Shelf:
    copies = config.backup_copy_region
    abroad = clients.snapshots(copies) if copies is not None else None
    return Shelf(config.environment.value, instance, clients.snapshots(config.aws_region), abroad)


def _tell(problems: list[str]) -> None:
    for problem in problems:
        log.error("backup_failed", problem=problem)
    if problems:
        metrics.count("backup_failed")
