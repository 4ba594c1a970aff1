"""Rows of market research, and of the salary data that it counts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from chalicelib.db import Base, Moment


class ResearchStatus(StrEnum):
    QUEUED = "queued"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PayPeriod(StrEnum):
    YEAR = "year"
    MONTH = "month"


class MarketResearch(Base):
    __tablename__ = "market_research"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    job_id: Mapped[UUID]
    status: Mapped[str]
    title: Mapped[str]
    location: Mapped[str | None]
    sector: Mapped[str | None]
    seniority: Mapped[str | None]
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error_code: Mapped[str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class SalaryDatum(Base):
    """One published figure: `amount` is it, per `period`; a range keeps its ends beside it."""

    __tablename__ = "salary_data"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    document_id: Mapped[UUID]
    line: Mapped[int] = mapped_column(sa.BigInteger)
    source: Mapped[str]
    title: Mapped[str]
    location: Mapped[str | None]
    sector: Mapped[str | None]
    seniority: Mapped[str | None]
    currency: Mapped[str]
    period: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(14, 2))
    amount_min: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    amount_max: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    observed_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Moment)
