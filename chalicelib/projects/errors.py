"""What can go wrong with projects and their members."""

from __future__ import annotations

from chalicelib.errors import Forbidden, NotFound


class ProjectNotFound(NotFound):
    """No such project for this caller: one that is private and not theirs reads like one that never was."""

    code = "project_not_found"


class MemberNotFound(NotFound):
    """Nobody of that id is a member of the project, or could become one."""

    code = "member_not_found"


class NotAMember(Forbidden):
    """Who belongs to a project, and whether it is private, is for its members and admins to say."""

    code = "not_a_member"
