"""HTTP for projects."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chalicelib.http.admission import Access
from chalicelib.http.answers import Answer, created, no_content, versioned
from chalicelib.http.paging import TIME, Order, Page, PageQuery, page
from chalicelib.http.routes import Call, Nothing, Routes
from chalicelib.projects import members, repository, service
from chalicelib.projects.errors import MemberNotFound, NotAMember, ProjectNotFound
from chalicelib.projects.models import Project, ProjectMember
from chalicelib.projects.schemas import MemberView, NewProject, ProjectChange, ProjectQuery, ProjectView

routes = Routes(__name__, tag="projects")
ONE = "/api/projects/{project_id}"
MEMBERS, MEMBER = f"{ONE}/members", f"{ONE}/members/{{user_id}}"
FIRST_MEMBERS_FIRST = Order((ProjectMember.added_at, ProjectMember.user_id), (TIME, UUID), is_descending=False)


@routes.serve("GET", "/api/projects", query=ProjectQuery, answer=Page[ProjectView])
def list_projects(call: Call[Nothing, ProjectQuery]) -> Page[ProjectView]:
    """Projects of the organization, newest first."""
    query = repository.matching(call.organization_id, call.query.status)
    return page(call.session, query, Order.by_id(Project.id), call.query, ProjectView)


@routes.serve(
    "POST",
    "/api/projects",
    access=Access.RECRUITER,
    body=NewProject,
    answer=ProjectView,
    status=201,
    refusals=(NotAMember,),
)
def create_project(call: Call[NewProject, Nothing]) -> Answer:
    """A new project; its creator is its first member. A private one is as if it were not there for everybody else but
    admins, with all its positions and what belongs to them."""
    values = call.body.model_dump(mode="json")
    project = service.create(call.session, call.organization_id, values, actor=call.actor, now=call.now)
    return created(ProjectView.model_validate(project), f"/api/projects/{project.id}", version=project.version)


@routes.serve("GET", ONE, answer=ProjectView, refusals=(ProjectNotFound,))
def get_project(call: Call[Nothing, Nothing]) -> Answer:
    """One project."""
    row = service.show(call.session, call.organization_id, call.ids["project_id"])
    return versioned(ProjectView.model_validate(row), row.version)


@routes.serve(
    "PATCH",
    ONE,
    access=Access.RECRUITER,
    body=ProjectChange,
    answer=ProjectView,
    refusals=(ProjectNotFound, NotAMember),
)
def change_project(call: Call[ProjectChange, Nothing]) -> Answer:
    """Change what is given, and nothing else. Whether it is private, its members and admins say; it holds at once."""
    project = service.get(call.session, call.organization_id, call.ids["project_id"], lock=True)
    call.check_fresh(project.version)
    values = call.body.given()
    if values.get("is_private", project.is_private) != project.is_private:
        _check_manager(call, project)
    service.change(call.session, project, values, actor=call.actor, now=call.now)
    return versioned(ProjectView.model_validate(project), project.version)


@routes.serve("DELETE", ONE, access=Access.RECRUITER, status=204, refusals=(ProjectNotFound,))
def delete_project(call: Call[Nothing, Nothing]) -> Answer:
    """Take a project out of sight; its positions stay."""
    project = service.get(call.session, call.organization_id, call.ids["project_id"], lock=True)
    call.check_fresh(project.version)
    service.delete(call.session, project, actor=call.actor, now=call.now)
    return no_content()


@routes.serve("GET", MEMBERS, query=PageQuery, answer=Page[MemberView], refusals=(ProjectNotFound,))
def list_members(call: Call[Nothing, PageQuery]) -> Page[MemberView]:
    """The members of a project, those who were added first before the others."""
    project = service.get(call.session, call.organization_id, call.ids["project_id"])
    query = repository.members(call.organization_id, project.id)
    return page(call.session, query, FIRST_MEMBERS_FIRST, call.query, MemberView)


@routes.serve(
    "PUT",
    MEMBER,
    access=Access.RECRUITER,
    answer=MemberView,
    refusals=(ProjectNotFound, MemberNotFound, NotAMember),
)
def add_member(call: Call[Nothing, Nothing]) -> MemberView:
    """Let a user of the organization see a project while it is private; members and admins may. Once more changes
    nothing."""
    project = _project_to_manage(call)
    members.add(call.session, project, call.ids["user_id"], actor=call.actor, now=call.now)
    query = repository.members(call.organization_id, project.id)
    row = call.session.execute(query.where(ProjectMember.user_id == call.ids["user_id"])).one()
    return MemberView.model_validate(row)


@routes.serve(
    "DELETE",
    MEMBER,
    access=Access.RECRUITER,
    status=204,
    refusals=(ProjectNotFound, MemberNotFound, NotAMember),
)
def remove_member(call: Call[Nothing, Nothing]) -> Answer:
    """Take a user out of a project, or leave it; members and admins may. It holds from their next request on."""
    members.remove(call.session, _project_to_manage(call), call.ids["user_id"], actor=call.actor, now=call.now)
    return no_content()


def _project_to_manage(call: Call[Nothing, Nothing]) -> Project:
    project = service.get(call.session, call.organization_id, call.ids["project_id"], lock=True)
    _check_manager(call, project)
    return project


def _check_manager(call: Call[Any, Any], project: Project) -> None:
    is_admin = call.caller.role is Access.ADMIN
    if call.caller.is_program and not is_admin:
        raise NotAMember("a program is a member of no project")
    members.check_manager(call.session, project, call.caller.user_id, is_admin=is_admin)
