"""Messages to candidates: asking for a draft, keeping it, editing it, removing it. Sending is in sending.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.applications import repository as applications
from chalicelib.applications.models import Application
from chalicelib.candidates import service as candidates
from chalicelib.errors import Invalid, NotFound, RecruitProError
from chalicelib.events import service as events
from chalicelib.events.models import Actor
from chalicelib.ids import new_id
from chalicelib.jobs import service as jobs
from chalicelib.jobs.models import JobKind, JobRun
from chalicelib.outreach import repository, rules
from chalicelib.outreach.errors import InventedClaim, NotADraft, OutreachNotFound
from chalicelib.outreach.material import Draft, Language, Template, Tone, Wish
from chalicelib.outreach.models import Outreach, OutreachStatus
from chalicelib.outreach.proof import unproved
from chalicelib.outreach.writer import NothingToFollowUp
from chalicelib.positions import service as positions


def ask(
    session: Session,
    organization_id: UUID,
    wish: Wish,
    *,
    application_id: UUID | None = None,
    candidate_id: UUID | None = None,
    position_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Ask for a draft about an application, or about a candidate and a position; returns the job's id.

    Raises Invalid naming what is none of the organization's, and what `rules.check_occasion` raises; NothingToFollowUp
    when nothing was sent yet.
    """
    application = _application(session, organization_id, application_id, candidate_id, position_id)
    if application is not None:
        candidate_id, position_id = application.candidate_id, application.position_id
    assert candidate_id is not None
    assert position_id is not None
    _check(session, organization_id, wish, application, candidate_id, position_id)
    outreach = _unwritten(organization_id, wish, application, candidate_id, position_id, created_by=actor.id, now=now)
    payload = {"outreach_id": outreach.id}
    outreach.job_id = jobs.enqueue(session, JobKind.GENERATE_OUTREACH, payload, actor=actor, now=now)
    session.add(outreach)
    after = {"template": outreach.template, "tone": outreach.tone, "language": outreach.language}
    events.record(session, "outreach_created", outreach.about, actor=actor, now=now, after=after)
    return outreach.job_id


def _unwritten(
    organization_id: UUID,
    wish: Wish,
    application: Application | None,
    candidate_id: UUID,
    position_id: UUID,
    *,
    created_by: UUID | None,
    now: datetime,
) -> Outreach:
    return Outreach(
        id=new_id(),
        organization_id=organization_id,
        application_id=application.id if application else None,
        candidate_id=candidate_id,
        position_id=position_id,
        template=wish.template.value,
        tone=wish.tone.value,
        language=wish.language.value,
        status=OutreachStatus.QUEUED.value,
        facts=[],
        created_by=created_by,
        created_at=now,
        updated_at=now,
        version=1,
    )


def _application(
    session: Session,
    organization_id: UUID,
    application_id: UUID | None,
    candidate_id: UUID | None,
    position_id: UUID | None,
) -> Application | None:
    """The application that the message is about: the one named, or the pair's own when there is one."""
    if application_id is not None:
        application = applications.find(session, organization_id, application_id)
        if application is None:
            raise _unknown(["application_id"])
        return application
    assert candidate_id is not None
    assert position_id is not None
    unknown = [
        name
        for name, get, thing_id in (
            ("candidate_id", candidates.get, candidate_id),
            ("position_id", positions.get, position_id),
        )
        if not _exists(get, session, organization_id, thing_id)
    ]
    if unknown:
        raise _unknown(unknown)
    return applications.find_pair(session, organization_id, candidate_id, position_id)


def _exists(get: Any, session: Session, organization_id: UUID, thing_id: UUID) -> bool:
    try:
        get(session, organization_id, thing_id)
    except NotFound:
        return False
    return True


def _unknown(fields: list[str]) -> Invalid:
    errors = [{"field": field, "message": f"there is no such {field.removesuffix('_id')}"} for field in fields]
    return Invalid("some fields are wrong", errors=errors)


def _check(
    session: Session,
    organization_id: UUID,
    wish: Wish,
    application: Application | None,
    candidate_id: UUID,
    position_id: UUID,
) -> None:
    if not _exists(candidates.get, session, organization_id, candidate_id):
        raise _unknown(["application_id"])  # its candidate was deleted
    has_position = _exists(positions.get, session, organization_id, position_id)
    position = positions.get(session, organization_id, position_id) if has_position else None
    rules.check_occasion(wish.template, application, position)
    is_follow_up = wish.template is Template.FOLLOW_UP
    if is_follow_up and repository.last_sent(session, organization_id, candidate_id, position_id) is None:
        raise NothingToFollowUp


def get(session: Session, organization_id: UUID, outreach_id: UUID, *, lock: bool = False) -> Outreach:
    """One message; raises OutreachNotFound."""
    outreach = repository.find(session, organization_id, outreach_id, lock=lock)
    if outreach is None:
        raise OutreachNotFound("there is no such message")
    return outreach


def wish_of(outreach: Outreach) -> Wish:
    """How the message is to be written."""
    return Wish(Template(outreach.template), Tone(outreach.tone), Language(outreach.language))


def check_proved(draft: Draft, wish: Wish) -> None:
    """Raises InventedClaim when the draft says anything that none of its facts proves."""
    if unproved(draft, wish.language):
        raise InventedClaim("the draft said something that the record does not show; write it by hand or try again")


def keep(session: Session, run: JobRun, outreach: Outreach, draft: Draft, *, now: datetime) -> None:
    """Keep what was written as the message's draft."""
    values = {
        "status": OutreachStatus.DRAFT.value,
        "subject": draft.subject,
        "body": draft.body,
        "facts": [fact.as_json() for fact in draft.facts],
        "error_code": None,
        "error_message": None,
    }
    events.change(session, outreach, values, "outreach_written", outreach.about, actor=actor_of(run), now=now)


def not_written(session: Session, run: JobRun, error: RecruitProError, now: datetime) -> None:
    """Write that no draft came of it."""
    outreach = repository.find(session, run.organization_id, run.id_of("outreach_id"), lock=True)
    if outreach is None or outreach.status != OutreachStatus.QUEUED:
        return
    values = {"status": OutreachStatus.FAILED.value, "error_code": error.code, "error_message": error.detail}
    events.change(session, outreach, values, "outreach_failed", outreach.about, actor=actor_of(run), now=now)


def change(session: Session, outreach: Outreach, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change a draft's texts; what the mail service refused is a draft again. Raises NotADraft."""
    if not outreach.is_editable:
        raise NotADraft(f"this message is {outreach.status}; only a draft can be edited")
    again = {"status": OutreachStatus.DRAFT.value, "error_code": None, "error_message": None} if values else {}
    events.change(session, outreach, {**values, **again}, "outreach_changed", outreach.about, actor=actor, now=now)


def delete(session: Session, outreach: Outreach, *, actor: Actor, now: datetime) -> None:
    """Remove a draft for good, or what could not be written or sent. Raises NotADraft."""
    if not outreach.is_removable:
        raise NotADraft(f"this message is {outreach.status}; only a draft can be deleted")
    before = {"template": outreach.template, "status": outreach.status}
    events.record(session, "outreach_deleted", outreach.about, actor=actor, now=now, before=before)
    session.delete(outreach)


def actor_of(run: JobRun) -> Actor:
    """The job, as events name it."""
    return run.actor
