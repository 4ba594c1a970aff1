"""Bodies and answers of market research and salary data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator

from chalicelib.http.paging import PageQuery
from chalicelib.http.schemas import Body, Line, UtcTime, View
from chalicelib.market_research.models import PayPeriod, ResearchStatus
from chalicelib.market_research.titles import Seniority, read_title
from chalicelib.positions.schemas import ShownMoney


def _names_work(title: str) -> str:
    if not read_title(title).words:
        raise ValueError("name the work in words")
    return title


class NewResearch(Body):
    """What market is asked about. A seniority by itself wins over one in the title."""

    title: Annotated[Line, AfterValidator(_names_work)]
    location: Line | None = None
    sector: Line | None = None
    seniority: Seniority | None = None


class ResearchQuery(PageQuery):
    """Which part of the research is wanted."""


class ResearchItem(View):
    """One piece of market research, without its findings."""

    id: UUID
    job_id: UUID
    status: ResearchStatus
    title: str
    location: str | None
    sector: str | None
    seniority: Seniority | None
    error_code: str | None
    created_by: UUID | None
    created_at: UtcTime
    finished_at: UtcTime | None


class ResearchView(ResearchItem):
    """One piece of market research. Every figure in `findings` has its `count`, `period` and `sources`, or says
    `not_enough_data`."""

    findings: dict[str, Any] | None


class NewSalaryData(Body):
    """A clean document of kind import, and who published what stands in it."""

    document_id: UUID
    source: Line


class SalaryDataQuery(PageQuery):
    document_id: UUID | None = None
    currency: Annotated[str, AfterValidator(str.upper)] | None = None


class SalaryDataOf(Body):
    document_id: UUID


class SalaryDatumView(View):
    """One published figure: `amount` per `period`."""

    id: UUID
    document_id: UUID
    line: int
    source: str
    title: str
    location: str | None
    sector: str | None
    seniority: Seniority | None
    currency: str
    period: PayPeriod
    amount: ShownMoney
    amount_min: ShownMoney | None
    amount_max: ShownMoney | None
    observed_on: date
    created_at: UtcTime
