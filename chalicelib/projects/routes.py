"""HTTP for projects."""

from __future__ import annotations

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import Order, Page, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.projects import repository, service
from chalicelib.projects.models import Project
from chalicelib.projects.schemas import NewProject, ProjectChange, ProjectQuery, ProjectView
from chalicelib.projects.service import ProjectNotFound

routes = Routes(__name__, tag="projects")
ONE = "/api/projects/{project_id}"


@routes.serve("GET", "/api/projects", query=ProjectQuery, answer=Page[ProjectView])
def list_projects(call: Call[Nothing, ProjectQuery]) -> Page[ProjectView]:
    """Projects of the organization, newest first."""
    query = repository.matching(call.organization_id, call.query.status)
    return page(call.session, query, Order.by_id(Project.id), call.query, ProjectView)


@routes.serve("POST", "/api/projects", access=Access.RECRUITER, body=NewProject, answer=ProjectView, status=201)
def create_project(call: Call[NewProject, Nothing]) -> Answer:
    """A new project."""
    values = call.body.model_dump(mode="json")
    project = service.create(call.session, call.organization_id, values, actor=call.actor, now=call.now)
    return created(ProjectView.model_validate(project), f"/api/projects/{project.id}", version=project.version)


@routes.serve("GET", ONE, answer=ProjectView, refusals=(ProjectNotFound,))
def get_project(call: Call[Nothing, Nothing]) -> Answer:
    """One project."""
    project = service.get(call.session, call.organization_id, call.ids["project_id"])
    return versioned(ProjectView.model_validate(project), project.version)


@routes.serve(
    "PATCH", ONE, access=Access.RECRUITER, body=ProjectChange, answer=ProjectView, refusals=(ProjectNotFound,)
)
def change_project(call: Call[ProjectChange, Nothing]) -> Answer:
    """Change what is given, and nothing else."""
    project = service.get(call.session, call.organization_id, call.ids["project_id"], lock=True)
    call.check_fresh(project.version)
    service.change(call.session, project, call.body.given(), actor=call.actor, now=call.now)
    return versioned(ProjectView.model_validate(project), project.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(ProjectNotFound,))
def delete_project(call: Call[Nothing, Nothing]) -> Answer:
    """Take a project out of sight; its positions stay."""
    project = service.get(call.session, call.organization_id, call.ids["project_id"], lock=True)
    call.check_fresh(project.version)
    service.delete(call.session, project, actor=call.actor, now=call.now)
    return no_content()
