"""Asking for market research, and keeping what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.errors import RecruitProError
from chalicelib.events import service as events
from chalicelib.events.models import Actor, Subject
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.errors import JobCancelled
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.market_research import repository
from chalicelib.market_research.errors import ResearchNotFound
from chalicelib.market_research.matching import Question
from chalicelib.market_research.models import MarketResearch, ResearchStatus
from chalicelib.market_research.titles import Seniority


def ask(session: Session, organization_id: UUID, wish: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Ask for research by a question's fields; returns the id of the job that does it."""
    research_id = new_id()
    payload = {"research_id": research_id}
    job_id = jobs.enqueue(session, JobKind.MARKET_RESEARCH, payload, actor=actor, now=now)
    research = MarketResearch(
        id=research_id,
        organization_id=organization_id,
        job_id=job_id,
        status=ResearchStatus.QUEUED.value,
        created_by=actor.id,
        created_at=now,
        **wish,
    )
    session.add(research)
    session.flush()
    subject = _subject(research)
    events.record(session, "market_research_requested", subject, actor=actor, now=now, after=dict(wish))
    return job_id


def get(session: Session, organization_id: UUID, research_id: UUID, *, lock: bool = False) -> MarketResearch:
    """One piece of research; raises ResearchNotFound."""
    research = repository.find(session, organization_id, research_id, lock=lock)
    if research is None:
        raise ResearchNotFound("there is no such market research")
    return research


def question_of(research: MarketResearch) -> Question:
    """What the research asks."""
    seniority = Seniority(research.seniority) if research.seniority else None
    return Question(research.title, research.location, research.sector, seniority)


def keep(session: Session, run: JobRun, findings: dict[str, Any], *, now: datetime) -> None:
    """Keep the findings of a job's research, in place of what an earlier job of it said."""
    research = get(session, run.organization_id, run.id_of("research_id"), lock=True)
    research.status, research.error_code = ResearchStatus.SUCCEEDED.value, None
    research.findings, research.finished_at = findings, now
    matched = findings["matching"]
    after = {"positions": matched["positions"]["matched"], "salary_data": matched["salary_data"]["matched"]}
    actor = run.actor
    events.record(session, "market_researched", _subject(research), actor=actor, now=now, after=after)


def give_up(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """The research came to nothing: it says why, and has no findings."""
    research = repository.find(session, run.organization_id, run.id_of("research_id"), lock=True)
    if research is None:
        return
    is_cancelled = isinstance(error, JobCancelled)
    research.status = (ResearchStatus.CANCELLED if is_cancelled else ResearchStatus.FAILED).value
    research.error_code, research.finished_at = error.code, now
    action = "market_research_cancelled" if is_cancelled else "market_research_failed"
    actor = run.actor
    events.record(session, action, _subject(research), actor=actor, now=now, after={"error_code": error.code})


def _subject(research: MarketResearch) -> Subject:
    return Subject("market_research", research.id)
