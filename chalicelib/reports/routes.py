"""HTTP for reports."""

from __future__ import annotations

from chalicelib.http.limits import SEARCH
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.reports import service
from chalicelib.reports.errors import BadPeriod
from chalicelib.reports.periods import Period, period_of
from chalicelib.reports.repository import Scope
from chalicelib.reports.schemas import (
    AdverseImpactReport,
    FunnelReport,
    OverviewReport,
    ReportQuery,
    SourcesReport,
    TimeInStageReport,
)

routes = Routes(__name__, tag="reports")
Asked = Call[Nothing, ReportQuery]


def wanted(call: Asked) -> tuple[Scope, Period]:
    """Whose figures are asked for, and of when."""
    asked = call.query
    period = period_of(asked.starts, asked.ends, asked.time_zone, call.now)
    scope = Scope(call.organization_id, asked.position_id, asked.project_id)
    service.check(call.session, scope)
    return scope, period


@routes.serve(
    "GET", "/api/reports/overview", query=ReportQuery, answer=OverviewReport, cost=SEARCH, refusals=(BadPeriod,)
)
def report_overview(call: Asked) -> OverviewReport:
    """Open positions, applications and hires, for a day or month each as well; and what waits or went wrong."""
    return service.overview(call.session, *wanted(call))


@routes.serve("GET", "/api/reports/funnel", query=ReportQuery, answer=FunnelReport, cost=SEARCH, refusals=(BadPeriod,))
def report_funnel(call: Asked) -> FunnelReport:
    """How far the applications of a period came."""
    return service.funnel_of(call.session, *wanted(call))


@routes.serve(
    "GET", "/api/reports/time_in_stage", query=ReportQuery, answer=TimeInStageReport, cost=SEARCH, refusals=(BadPeriod,)
)
def report_time_in_stage(call: Asked) -> TimeInStageReport:
    """How long applications stay in each stage."""
    return service.time_in_stage(call.session, *wanted(call), call.now)


@routes.serve(
    "GET", "/api/reports/sources", query=ReportQuery, answer=SourcesReport, cost=SEARCH, refusals=(BadPeriod,)
)
def report_sources(call: Asked) -> SourcesReport:
    """From where the applications of a period came, and what became of them."""
    return service.sources(call.session, *wanted(call))


@routes.serve(
    "GET",
    "/api/reports/adverse_impact",
    query=ReportQuery,
    answer=AdverseImpactReport,
    cost=SEARCH,
    refusals=(BadPeriod,),
)
def report_adverse_impact(call: Asked) -> AdverseImpactReport:
    """What can be told of how fairly people are selected without knowing their groups, and why no more."""
    return service.adverse_impact(call.session, *wanted(call))
