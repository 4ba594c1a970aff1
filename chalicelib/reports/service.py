"""What reports tell.

They count rows as they are. Applications of deleted candidates and positions count, since they happened; with a person
that is erased, theirs go, and figures of the past become smaller. Of two applications that a merge made into one, the
one that remains counts, by its own way; the times of both stay. A hire is an application that stands, active, in the
last stage of its position. Everything is told as far as the asker may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chalicelib.errors import Invalid
from chalicelib.positions import service as positions
from chalicelib.positions.models import DEFAULT_STAGES
from chalicelib.positions.service import PositionNotFound
from chalicelib.reports import funnel, repository, stays
from chalicelib.reports.funnel import Journey
from chalicelib.reports.periods import Period
from chalicelib.reports.repository import Scope
from chalicelib.reports.schemas import (
    AdverseImpactReport,
    ApplicationCounts,
    FunnelReport,
    FunnelStage,
    Hires,
    Interval,
    OrganizationCounts,
    OverviewReport,
    PeriodView,
    PositionCounts,
    Rate,
    Selection,
    SourceFigures,
    SourcesReport,
    StageTimes,
    Stays,
    TimeInStageReport,
)

NOT_KNOWN = (
    "Adverse impact compares how often groups of race, sex or ethnicity are selected. Nobody is asked for these here "
    "and nothing about a person is guessed, so no such rate can be told."
)
NEEDED = [
    "Groups as applicants state them themselves, of their own will, kept apart from their applications.",
    "For each group, how many applied and how many were selected, in all and per step of selection.",
    "Groups of at least 2 % of the applicants, and enough decisions to tell a difference from chance.",
]
NOTHING = Stays(n=0, p50=None, p75=None, p95=None)


def check(session: Session, scope: Scope) -> None:
    """Raises Invalid when the position or project is none that the asker knows; deleted ones have their figures."""
    errors = []
    if scope.position_id is not None:
        try:
            positions.check_known(session, scope.organization_id, scope.position_id)
        except PositionNotFound as error:
            errors.append({"field": "position_id", "message": error.detail})
    if scope.project_id is not None and not repository.project_exists(session, scope.organization_id, scope.project_id):
        errors.append({"field": "project_id", "message": "there is no such project"})
    if errors:
        raise Invalid("some fields are wrong", errors=errors)


def overview(session: Session, scope: Scope, period: Period) -> OverviewReport:
    """What there is to do, and what came of the period."""
    open_now = repository.positions(session, scope)
    applied = repository.applied_in(session, scope, period)
    hired = {row.bucket: row for row in repository.hired_in(session, scope, period)}
    is_narrowed = bool(scope.narrowing())
    whole = None if is_narrowed else repository.organization(session, scope, period)
    days = None if hired[None].median_days is None else round(hired[None].median_days, 2)
    return OverviewReport(
        period=PeriodView.of(period),
        positions=PositionCounts(open=open_now.open, openings=open_now.openings),
        applications=ApplicationCounts(
            active=repository.active_applications(session, scope), new=sum(applied.values())
        ),
        hires=Hires(count=hired[None].n, median_days=days),
        organization=None if whole is None else OrganizationCounts(**whole._mapping),
        interval=period.step,
        intervals=[
            Interval(
                starts_on=day,
                new_applications=applied.get(number, 0),
                hires=hired[number].n if number in hired else 0,
            )
            for number, day in enumerate(period.days(), start=1)
        ],
    )


def funnel_of(session: Session, scope: Scope, period: Period) -> FunnelReport:
    """How far the applications of the period came, in the stages of the position, or in the default ones."""
    stages = _stages(session, scope)
    rows = repository.journeys(session, scope, period, stages)
    counted = sum(row.n for row in rows)
    return FunnelReport(
        period=PeriodView.of(period),
        applications=counted,
        stages=_funnel(stages, rows),
        other=repository.count_applied(session, scope, period) - counted,
    )


def _stages(session: Session, scope: Scope) -> list[str]:
    if scope.position_id is None:
        return list(DEFAULT_STAGES)
    return repository.stages_of(session, scope.organization_id, scope.position_id)


def _funnel(stages: Sequence[str], rows: Sequence[sa.Row[Any]]) -> list[FunnelStage]:
    return funnel.stages_of(stages, [Journey(tuple(row.stages_entered), row.stage, row.status, row.n) for row in rows])


def time_in_stage(session: Session, scope: Scope, period: Period, now: datetime) -> TimeInStageReport:
    """How long applications stayed in each stage."""
    ended = {row.stage: _stays(row) for row in stays.ended_stays(session, scope, period)}
    lasting = {row.stage: _stays(row) for row in stays.open_stays(session, scope, now)}
    stages = _in_order(_stages(session, scope), ended.keys() | lasting.keys())
    return TimeInStageReport(
        period=PeriodView.of(period),
        stages=[
            StageTimes(stage=stage, ended=ended.get(stage, NOTHING), open=lasting.get(stage, NOTHING))
            for stage in stages
        ],
    )


def _stays(row: sa.Row[Any]) -> Stays:
    p50, p75, p95 = (round(hours, 2) for hours in row.hours)
    return Stays(n=row.n, p50=p50, p75=p75, p95=p95)


def _in_order(pipeline: Sequence[str], found: set[str]) -> list[str]:
    """The pipeline's stages but the last, from which nobody goes on unless they did, and then any others."""
    known = [stage for stage in pipeline if stage != pipeline[-1] or stage in found]
    return known + sorted(found - set(known))


def sources(session: Session, scope: Scope, period: Period) -> SourcesReport:
    """From where the applications of the period came, and how many of them were hired."""
    figures = _sources(session, scope, period)
    return SourcesReport(
        period=PeriodView.of(period),
        sources=[each for source, each in figures if source is not None],
        others=next((each for source, each in figures if source is None), None),
    )


def _sources(session: Session, scope: Scope, period: Period) -> list[tuple[str | None, SourceFigures]]:
    return [
        (
            row.source,
            SourceFigures(
                source=row.source or "others",
                applications=row.applications,
                interviewed=row.interviewed,
                offers=row.offers,
                hires=row.hires,
                hire_rate=Rate.of(row.hires, row.applications),
            ),
        )
        for row in repository.sources(session, scope, period)
    ]


def adverse_impact(session: Session, scope: Scope, period: Period) -> AdverseImpactReport:
    """That it is not known, why, and what can be told without asking persons for what we should not hold."""
    stages = _stages(session, scope)
    per_stage = _funnel(stages, repository.journeys(session, scope, period, stages))
    return AdverseImpactReport(
        period=PeriodView.of(period),
        is_known=False,
        reason=NOT_KNOWN,
        needed=NEEDED,
        by_source=[
            Selection.of(each.source, each.hires, each.applications) for _, each in _sources(session, scope, period)
        ],
        by_stage=[Selection.of(each.stage, each.passed_on, each.entered) for each in per_stage[:-1]],
    )
