"""Histories with chosen times, written as the application writes them but for the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from tests import records
from tests.api import ApiClient, Reply
from tests.conftest import Tenant
from tests.factories import Json
from tests.house import Database

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def ask(api: ApiClient, name: str, **query: object) -> Reply:
    return api.get(f"/api/reports/{name}?{urlencode(query)}")


def report(api: ApiClient, name: str, **query: object) -> Json:
    """What a report tells of March, unless asked for something else."""
    reply = ask(api, name, **{**MARCH, **query})
    assert reply.status == 200, reply
    told: Json = reply.json
    return told


@dataclass(slots=True)
class Histories:
    """Writes applications of one organization for its positions."""

    database: Database
    tenant: Tenant

    def write(
        self, position: Json, *steps: tuple[float, str], source: str | None = None, start: datetime = START
    ) -> UUID:
        """An application that took these steps, each with the hours from `start` on: the first stage that it is in, and
        then another one, `rejected`, `withdrawn` or `reopened`. Its candidate is somebody new."""
        ids = self._applied(position["id"], steps[0][1], start + timedelta(hours=steps[0][0]), source)
        stage = steps[0][1]
        for hours, to in steps[1:]:
            stage = self._step(ids, stage, to, start + timedelta(hours=hours))
        return ids["application"]

    def _applied(self, position_id: str, stage: str, at: datetime, source: str | None) -> dict[str, UUID]:
        ids = {"organization": self.tenant.id, "candidate": uuid4(), "application": uuid4()}
        values: dict[str, Any] = {**ids, "position": UUID(position_id), "stage": stage, "at": at, "source": source}
        records.rows(
            self.database,
            """
            with person as (
                insert into candidates (id, organization_id, name, created_at, updated_at)
                values (:candidate, :organization, 'Grace Hopper', :at, :at))
            insert into applications (id, organization_id, candidate_id, position_id, stage, source, applied_at,
                stage_entered_at, updated_at)
            values (:application, :organization, :candidate, :position, :stage, :source, :at, :at, :at)
            """,
            **values,
        )
        self._write_step(ids, "applied", None, stage, at)
        return ids

    def _step(self, ids: dict[str, UUID], stage: str, to: str, at: datetime) -> str:
        if to in {"rejected", "withdrawn"}:
            self._change(ids, "status = :to", to=to)
            self._write_step(ids, to, stage, None, at)
            return stage
        if to == "reopened":
            self._change(ids, "status = 'active'")
            self._write_step(ids, to, None, stage, at)
            return stage
        self._change(ids, "stage = :to, stage_entered_at = :at", to=to, at=at)
        self._write_step(ids, "moved", stage, to, at)
        return to

    def _change(self, ids: dict[str, UUID], change: str, **values: object) -> None:
        records.rows(self.database, f"update applications set {change} where id = :id", id=ids["application"], **values)

    def _write_step(
        self, ids: dict[str, UUID], kind: str, from_stage: str | None, to_stage: str | None, at: datetime
    ) -> None:
        records.rows(
            self.database,
            """
            insert into stage_changes (id, organization_id, application_id, kind, from_stage, to_stage, changed_at)
            values (gen_random_uuid(), :organization, :application, :kind, :from_stage, :to_stage, :at)
            """,
            organization=ids["organization"],
            application=ids["application"],
            kind=kind,
            from_stage=from_stage,
            to_stage=to_stage,
            at=at,
        )
