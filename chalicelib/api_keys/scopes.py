"""What a key may be allowed to do, and which scope each path of the API asks for.

`read` is for looking, `write` for changing; neither includes the other. A path that is not named here is closed to
every key, and so is all that only admins may do. No key acts where a person has to answer for it: signing in, one's own
profile, who belongs to a project, what a screening is worth, what is sent to a candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    CANDIDATES_READ = "candidates:read"
    CANDIDATES_WRITE = "candidates:write"
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    POSITIONS_READ = "positions:read"
    POSITIONS_WRITE = "positions:write"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    SCREENINGS_READ = "screenings:read"
    SCREENINGS_WRITE = "screenings:write"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    EXPORTS_WRITE = "exports:write"
    INTERVIEWS_READ = "interviews:read"
    INTERVIEWS_WRITE = "interviews:write"
    OUTREACH_READ = "outreach:read"
    MARKET_RESEARCH_READ = "market_research:read"
    MARKET_RESEARCH_WRITE = "market_research:write"
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    EVENTS_READ = "events:read"
    REPORTS_READ = "reports:read"


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a path asks of a key to be read, and to be written to; None: no key may."""

    read: Scope | None
    write: Scope | None


NEVER = Scopes(None, None)
CANDIDATES = Scopes(Scope.CANDIDATES_READ, Scope.CANDIDATES_WRITE)
PROJECTS = Scopes(Scope.PROJECTS_READ, Scope.PROJECTS_WRITE)
POSITIONS = Scopes(Scope.POSITIONS_READ, Scope.POSITIONS_WRITE)
APPLICATIONS = Scopes(Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
DOCUMENTS = Scopes(Scope.DOCUMENTS_READ, Scope.DOCUMENTS_WRITE)
SCREENINGS = Scopes(Scope.SCREENINGS_READ, Scope.SCREENINGS_WRITE)
IMPORTS = Scopes(Scope.IMPORTS_READ, Scope.IMPORTS_WRITE)
# Whoever may make an export is who may fetch it.
EXPORTS = Scopes(Scope.EXPORTS_WRITE, Scope.EXPORTS_WRITE)
INTERVIEWS = Scopes(Scope.INTERVIEWS_READ, Scope.INTERVIEWS_WRITE)
OUTREACH = Scopes(Scope.OUTREACH_READ, None)
MARKET_RESEARCH = Scopes(Scope.MARKET_RESEARCH_READ, Scope.MARKET_RESEARCH_WRITE)
JOBS = Scopes(Scope.JOBS_READ, Scope.JOBS_WRITE)
EVENTS = Scopes(Scope.EVENTS_READ, None)
REPORTS = Scopes(Scope.REPORTS_READ, None)

OF_PATHS: dict[str, Scopes] = {
    "/api/auth/logout": NEVER,
    "/api/auth/change-password": NEVER,
    "/api/users/me": NEVER,
    "/api/users/me/sign-ins": NEVER,
    "/api/users/me/sign-ins/{sign_in_id}": NEVER,
    "/api/users/me/second-factor": NEVER,
    "/api/users/me/second-factor/confirm": NEVER,
    "/api/users/me/second-factor/disable": NEVER,
    "/api/users/me/second-factor/recovery-codes": NEVER,
    "/api/organization": NEVER,
    "/api/projects": PROJECTS,
    "/api/projects/{project_id}": PROJECTS,
    "/api/projects/{project_id}/members": NEVER,
    "/api/projects/{project_id}/members/{user_id}": NEVER,
    "/api/positions": POSITIONS,
    "/api/positions/{position_id}": POSITIONS,
    "/api/candidates": CANDIDATES,
    "/api/candidates/search": CANDIDATES,
    "/api/candidates/{candidate_id}": CANDIDATES,
    "/api/candidates/{candidate_id}/restore": CANDIDATES,
    "/api/candidates/duplicates": CANDIDATES,
    "/api/candidates/{candidate_id}/merge": CANDIDATES,
    "/api/candidates/{candidate_id}/unmerge": CANDIDATES,
    "/api/applications": APPLICATIONS,
    "/api/applications/{application_id}": APPLICATIONS,
    "/api/applications/{application_id}/move": APPLICATIONS,
    "/api/applications/{application_id}/reject": APPLICATIONS,
    "/api/applications/{application_id}/withdraw": APPLICATIONS,
    "/api/applications/{application_id}/reopen": APPLICATIONS,
    "/api/applications/{application_id}/screenings": SCREENINGS,
    "/api/documents": DOCUMENTS,
    "/api/documents/{document_id}": DOCUMENTS,
    "/api/documents/{document_id}/content": DOCUMENTS,
    "/api/documents/{document_id}/text": DOCUMENTS,
    "/api/documents/{document_id}/analyze": DOCUMENTS,
    "/api/documents/{document_id}/scan": DOCUMENTS,
    "/api/screenings/batch": SCREENINGS,
    "/api/screenings/{screening_id}": SCREENINGS,
    "/api/screenings/{screening_id}/review": NEVER,
    "/api/interviews": INTERVIEWS,
    "/api/interviews/{interview_id}": INTERVIEWS,
    "/api/interviews/{interview_id}/scorecard": NEVER,
    "/api/interviews/{interview_id}/calendar.ics": INTERVIEWS,
    "/api/market-research": MARKET_RESEARCH,
    "/api/market-research/{research_id}": MARKET_RESEARCH,
    "/api/salary-data": MARKET_RESEARCH,
    "/api/imports": IMPORTS,
    "/api/imports/{import_id}": IMPORTS,
    "/api/imports/{import_id}/rows": IMPORTS,
    "/api/imports/{import_id}/undo": IMPORTS,
    "/api/exports": EXPORTS,
    "/api/exports/{job_id}/content": EXPORTS,
    "/api/jobs": JOBS,
    "/api/jobs/{job_id}": JOBS,
    "/api/jobs/{job_id}/cancel": JOBS,
    "/api/jobs/{job_id}/retry": JOBS,
    "/api/jobs/stats": JOBS,
    "/api/outreach": OUTREACH,
    "/api/outreach/{outreach_id}": OUTREACH,
    "/api/outreach/{outreach_id}/send": NEVER,
    "/api/events": EVENTS,
    "/api/reports/overview": REPORTS,
    "/api/reports/funnel": REPORTS,
    "/api/reports/time_in_stage": REPORTS,
    "/api/reports/sources": REPORTS,
    "/api/reports/adverse_impact": REPORTS,
}


def scope_of(method: str, path: str, *, is_for_admins: bool) -> Scope | None:
    """The scope with which a key may call this; None: no key may."""
    if is_for_admins:
        return None
    scopes = OF_PATHS.get(path, NEVER)
    return scopes.read if method == "GET" else scopes.write


def may_write(scopes: frozenset[str]) -> bool:
    """Whether a key with these scopes changes anything; one that does not is a viewer."""
    return any(scope.endswith(":write") for scope in scopes)
