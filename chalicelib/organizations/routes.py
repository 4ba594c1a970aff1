"""HTTP for one's own organization."""

from __future__ import annotations

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, versioned
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.organizations import service
from chalicelib.organizations.schemas import OrganizationChange, OrganizationProfile

routes = Routes(__name__, tag="organization")
OWN = "/api/organization"


@routes.serve("GET", OWN, answer=OrganizationProfile)
def get_organization(call: Call[Nothing, Nothing]) -> Answer:
    """The organization that one belongs to."""
    organization = service.get(call.session, call.organization_id)
    return versioned(OrganizationProfile.model_validate(organization), organization.version)


@routes.serve("PATCH", OWN, access=Access.ADMIN, body=OrganizationChange, answer=OrganizationProfile)
def change_organization(call: Call[OrganizationChange, Nothing]) -> Answer:
    """Change what is given: the name, or whether everybody has to sign in with a second factor."""
    organization = service.get(call.session, call.organization_id, lock=True)
    call.check_fresh(organization.version)
    service.change(call.session, organization, call.body.given(), actor=call.actor, now=call.now)
    return versioned(OrganizationProfile.model_validate(organization), organization.version)
