"""HTTP for market research and salary data."""

from __future__ import annotations

from chalicelib.documents.errors import Infected, NotClean
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, no_content
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.jobs.routes import accepted
from chalicelib.jobs.schemas import JobView
from chalicelib.market_research import repository, salary_data, salary_repository, service
from chalicelib.market_research.errors import ResearchNotFound, SalaryDataNotFound, SalaryFileTooBig
from chalicelib.market_research.models import MarketResearch, SalaryDatum
from chalicelib.market_research.schemas import (
    NewResearch,
    NewSalaryData,
    ResearchItem,
    ResearchQuery,
    ResearchView,
    SalaryDataOf,
    SalaryDataQuery,
    SalaryDatumView,
)

routes = Routes(__name__, tag="market research")
RESEARCH, SALARY_DATA = "/api/market-research", "/api/salary-data"


@routes.serve("POST", RESEARCH, access=Access.RECRUITER, body=NewResearch, answer=JobView, status=202)
def research_market(call: Call[NewResearch, Nothing]) -> Answer:
    """Pay, demand, supply, time to fill and skills for a title, from the organization's own data; 202 with the job."""
    wish = call.body.model_dump(mode="json")
    job_id = service.ask(call.session, call.organization_id, wish, actor=call.actor, now=call.now)
    return accepted(call.session, call.organization_id, job_id)


@routes.serve("GET", RESEARCH, query=ResearchQuery, answer=Page[ResearchItem])
def list_market_research(call: Call[Nothing, ResearchQuery]) -> Page[ResearchItem]:
    """Market research of the organization, newest first, without findings."""
    query = repository.matching(call.organization_id)
    return page(call.session, query, Order.by_id(MarketResearch.id), call.query, ResearchItem)


@routes.serve("GET", f"{RESEARCH}/{{research_id}}", answer=ResearchView, refusals=(ResearchNotFound,))
def get_market_research(call: Call[Nothing, Nothing]) -> ResearchView:
    """One piece of market research with its findings: each figure with its count, period and sources."""
    research = service.get(call.session, call.organization_id, call.ids["research_id"])
    return ResearchView.model_validate(research)


@routes.serve(
    "POST",
    SALARY_DATA,
    access=Access.ADMIN,
    body=NewSalaryData,
    answer=JobView,
    status=202,
    refusals=(NotClean, Infected, SalaryFileTooBig),
)
def import_salary_data(call: Call[NewSalaryData, Nothing]) -> Answer:
    """Import published pay from a clean document, in place of what it brought before; 202 with the job, whose result
    reports each row that was refused."""
    wish = call.body
    job_id = salary_data.ask(
        call.session, call.organization_id, wish.document_id, wish.source, actor=call.actor, now=call.now
    )
    return accepted(call.session, call.organization_id, job_id)


@routes.serve("GET", SALARY_DATA, query=SalaryDataQuery, answer=Page[SalaryDatumView])
def list_salary_data(call: Call[Nothing, SalaryDataQuery]) -> Page[SalaryDatumView]:
    """Imported salary data, newest first."""
    filters = {name: value for name in ("document_id", "currency") if (value := getattr(call.query, name)) is not None}
    query = salary_repository.matching(call.organization_id, filters)
    return page(call.session, query, Order.by_id(SalaryDatum.id), call.query, SalaryDatumView)


@routes.serve(
    "DELETE", SALARY_DATA, access=Access.ADMIN, query=SalaryDataOf, status=204, refusals=(SalaryDataNotFound,)
)
def delete_salary_data(call: Call[Nothing, SalaryDataOf]) -> Answer:
    """Delete what was imported from a document."""
    document_id = call.query.document_id
    salary_data.delete(call.session, call.organization_id, document_id, actor=call.actor, now=call.now)
    return no_content()
