"""From a résumé's profile to its candidate: made new, or matched and completed, never overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from chalicelib.candidates import repository, service
from chalicelib.candidates.errors import CandidateExists
from chalicelib.candidates.models import Candidate
from chalicelib.errors import Invalid
from chalicelib.events.models import Actor
from chalicelib.resumes.fields import Education, Experience, Found, ResumeProfile

LONGEST_LINE, LONGEST_PROSE, MOST_SKILLS = 200, 20_000, 200


class NoNameFound(Invalid):
    """The text says nothing that can be taken for a person's name with confidence."""

    code = "no_name_found"

    def __init__(self) -> None:
        super().__init__(
            "the text was read, but no candidate's name stands clearly in it; "
            "create the candidate by hand and upload the file for them"
        )


def candidate_of(
    session: Session,
    organization_id: UUID,
    profile: ResumeProfile,
    *,
    document_id: UUID,
    candidate_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> Candidate:
    """The candidate that a résumé belongs to: the one it was uploaded for or attached to, else the one with the same
    email, else a new one. What people entered stays; only what was empty is filled, new skills and links are added, and
    a newer résumé takes the place of an older one. Raises NoNameFound when a new candidate would have no name.

    A profile's email has been checked: it is well formed and stands in the document.
    """
    email = profile.email.value if profile.email else None
    known = _known(session, organization_id, document_id, candidate_id, email)
    values = {**values_of(profile), "resume_document_id": document_id}
    if known is None:
        if not values["name"]:
            raise NoNameFound
        try:
            return service.create(session, organization_id, {**values, "source": "resume"}, actor=actor, now=now)
        except CandidateExists:
            # Somebody else's résumé of the same person was read in this very moment.
            known = service.find_by_email(session, organization_id, email or "")
            if known is None:
                raise
    completed = _completed(known, values)
    if completed.get("email") and service.find_by_email(session, organization_id, completed["email"]) is not None:
        del completed["email"]
    was_attached = known.resume_document_id == document_id
    service.change(session, known, completed, actor=actor, now=now)
    if was_attached:
        repository.index_again(session, known)
    return known


def _known(
    session: Session, organization_id: UUID, document_id: UUID, candidate_id: UUID | None, email: str | None
) -> Candidate | None:
    if candidate_id is not None:
        return service.get(session, organization_id, candidate_id, lock=True)
    holder = service.find_by_resume(session, organization_id, document_id)
    if holder is not None:
        return holder
    return service.find_by_email(session, organization_id, email) if email else None


def _completed(candidate: Candidate, values: dict[str, Any]) -> dict[str, Any]:
    """What a résumé adds to a candidate."""
    empty = {name: value for name, value in values.items() if value and not getattr(candidate, name)}
    for name in ("skills", "links"):
        known = {item.lower() for item in getattr(candidate, name)}
        added = [item for item in values[name] if item.lower() not in known]
        if added:
            empty[name] = [*getattr(candidate, name), *added][:MOST_SKILLS]
    read: UUID = values["resume_document_id"]
    # Ids grow with time: reading an old résumé again does not put it before a newer one.
    return {**empty, "resume_document_id": max(candidate.resume_document_id or read, read)}


def values_of(profile: ResumeProfile) -> dict[str, Any]:
    """A profile as a candidate's columns, each cut to the length that the API accepts."""
    return {
        "name": _line(profile.name),
        "email": _value(profile.email),
        "phone": _value(profile.phone),
        "location": _line(profile.location),
        "headline": _line(profile.headline),
        "summary": (_value(profile.summary) or "")[:LONGEST_PROSE] or None,
        "skills": [skill.value[:100] for skill in profile.skills][:MOST_SKILLS],
        "links": [link.value for link in profile.links][:50],
        "experience": [_experience(job) for job in profile.experience][:100],
        "education": [_education(entry) for entry in profile.education][:100],
    }


def _value(found: Found[str] | None) -> str | None:
    return found.value if found else None


def _line(found: Found[str] | None) -> str | None:
    return " ".join(found.value.split())[:LONGEST_LINE] or None if found else None


def _experience(job: Experience) -> dict[str, Any]:
    return {
        "title": _line(job.title),
        "organization": _line(job.organization),
        "location": _line(job.location),
        "start": str(job.started.value) if job.started else None,
        "end": str(job.ended.value) if job.ended else None,
        "is_current": job.is_current,
        "description": (_value(job.description) or "")[:LONGEST_PROSE] or None,
    }


def _education(entry: Education) -> dict[str, Any]:
    return {
        "institution": _line(entry.institution),
        "degree": _line(entry.degree),
        "field": _line(entry.field),
        "start_year": entry.start_year.value if entry.start_year else None,
        "end_year": entry.end_year.value if entry.end_year else None,
    }
