"""HTTP for the release of a false alarm."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from chalicelib.documents import releases, service
from chalicelib.documents.errors import (
    DocumentNotFound,
    NotReleasable,
    ReleaseNotFound,
    ReleaseNotOpen,
    SecondAdminNeeded,
)
from chalicelib.documents.models import Release, ReleaseStatus
from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, no_content, versioned
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.http.schemas import Body, UtcTime, View

routes = Routes(__name__, tag="documents")
ONE = "/api/documents/{document_id}/release"


class ReleaseWish(Body):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)]


class ReleaseView(View):
    """How far the release of a document is: `requested` by one admin, `approved` by another, then `released` by a scan
    or `refused` by it; or `withdrawn`, or `expired`."""

    id: UUID
    document_id: UUID
    status: ReleaseStatus
    signature: str
    sha256: str
    reason: str
    requested_by: UUID
    created_at: UtcTime
    expires_at: UtcTime
    approved_by: UUID | None
    approval_reason: str | None
    approved_at: UtcTime | None
    ended_at: UtcTime | None
    ended_because: str | None

    @classmethod
    def at(cls, release: Release, now: datetime) -> ReleaseView:
        values = {name: getattr(release, name) for name in cls.model_fields}
        return cls(**{**values, "status": releases.state_of(release, now)})


@routes.serve(
    "POST",
    ONE,
    access=Access.ADMIN,
    body=ReleaseWish,
    answer=ReleaseView,
    status=202,
    refusals=(DocumentNotFound, NotReleasable, ReleaseNotOpen, SecondAdminNeeded),
)
def release_document(call: Call[ReleaseWish, Nothing]) -> Answer:
    """Say that what was found in an infected document is a false alarm. It takes two admins: the first call asks, the
    same call by another admin approves. What is in quarantine is then scanned once more, and becomes readable if these
    are the same bytes and nothing else is found in them."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"], lock=True)
    release = releases.ask_or_approve(call.session, document, call.body.reason, actor=call.actor, now=call.now)
    return Answer(ReleaseView.at(release, call.now), status=202)


@routes.serve("GET", ONE, access=Access.ADMIN, answer=ReleaseView, refusals=(DocumentNotFound, ReleaseNotFound))
def get_release(call: Call[Nothing, Nothing]) -> Answer:
    """The last release of a document that was asked for."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"])
    release = releases.get(call.session, document)
    return versioned(ReleaseView.at(release, call.now), release.version)


@routes.serve(
    "DELETE",
    ONE,
    access=Access.ADMIN,
    status=204,
    refusals=(DocumentNotFound, ReleaseNotFound, ReleaseNotOpen),
)
def withdraw_release(call: Call[Nothing, Nothing]) -> Answer:
    """Take a request for a release back, or decline somebody else's, before it is approved."""
    document = service.get(call.session, call.organization_id, call.ids["document_id"], lock=True)
    call.check_fresh(releases.get(call.session, document).version)
    releases.withdraw(call.session, document, actor=call.actor, now=call.now)
    return no_content()
