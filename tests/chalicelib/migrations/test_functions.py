"""Functions are no way around: whichever runs with other rights than its caller's, or takes an organization's id, says
and does nothing for another organization than the one in force. The catalog lists them; each has its case here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests import factories, records
from tests.chalicelib.migrations.tables import acting, refused
from tests.conftest import Tenant
from tests.house import Database

ANOTHER_RIGHT = (
    "select proname from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'"
    " and (prosecdef or proargnames && array['p_organization', 'p_organization_id', 'organization_id'])"
    # Those of extensions are not ours, and know no organization.
    " and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')"
)


@dataclass(frozen=True, slots=True)
class Theirs:
    """Another organization with something in it that each function could tell of."""

    tenant: Tenant
    candidate_id: UUID
    project_id: UUID
    position_id: UUID
    application_id: UUID
    document_id: UUID
    sign_in_id: UUID


THESE_YEARS = "array[now() - interval '1 year', now() + interval '1 year']"
Case = Callable[[sa.Connection, Tenant, Theirs], None]


def scalars(connection: sa.Connection, statement: str, **values: object) -> list[Any]:
    return list(connection.scalars(sa.text(statement), values))


def matching_candidates(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    find = "select matching_candidates(to_tsquery('public.recruitpro', 'zuckerkandl'), 10)"
    assert scalars(connection, find) == []


def count_matching_candidates(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    count = "select count_matching_candidates(to_tsquery('public.recruitpro', 'zuckerkandl'), 10)"
    assert scalars(connection, count) == [0]


LISTED = """
    select listed_matches(
        to_tsquery('public.recruitpro', 'zuckerkandl'), '{}', 'created_at', true, null, null, 10)
"""
COUNT_LISTED = "select count_listed_matches(to_tsquery('public.recruitpro', 'zuckerkandl'), cast(:where as jsonb), 10)"


def listed_matches(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert scalars(connection, LISTED) == []


def count_listed_matches(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    for where in ("{}", '{"created_after": "2000-01-01"}'):
        assert scalars(connection, COUNT_LISTED, where=where) == [0]


def similar_names(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert scalars(connection, "select similar_names('Berta Zuckerkandl', 10)") == []


def ask_as(connection: sa.Connection, user_id: UUID) -> None:
    """From here on a recruiter asks, to whom private projects are hidden."""
    who = "select set_config('app.user_id', :id, true), set_config('app.user_role', 'recruiter', true)"
    connection.execute(sa.text(who), {"id": str(user_id)})


def hidden_projects(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    ask_as(connection, uuid4())
    assert scalars(connection, "select hidden_projects()") == []


def hidden_positions(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    ask_as(connection, uuid4())
    assert scalars(connection, "select hidden_positions()") == []


def hidden_subjects(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    ask_as(connection, uuid4())
    assert scalars(connection, "select hidden_subjects()") == []


def is_hidden_job(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    """It would tell which position an application or a document of theirs belongs to."""
    ask_as(connection, uuid4())
    for payload in ({"application_id": str(theirs.application_id)}, {"document_id": str(theirs.document_id)}):
        answer = scalars(
            connection,
            "select is_hidden_job(cast(:payload as jsonb), null, cast(:projects as uuid[]),"
            " cast(:positions as uuid[]))",
            payload=json.dumps(payload),
            projects=[str(theirs.project_id)],
            positions=[str(theirs.position_id)],
        )
        assert answer == [False], payload


def alike_applications(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert scalars(connection, "select n from alike_applications('{-infinity,infinity}')") == []


def applications_made(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert sum(scalars(connection, f"select n from applications_made({THESE_YEARS})")) == 0


def candidates_entered(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert scalars(connection, "select candidates_entered('2000-01-01', '2200-01-01')") == [0]


def count_applications(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert scalars(connection, "select count_applications(10)") == [0]


def count_candidates(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    assert scalars(connection, "select count_candidates(10)") == [0]


def append_events(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    with refused():
        scalars(connection, "select append_events(:theirs, '[]')", theirs=theirs.tenant.id)


def tell_webhooks(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    with refused():
        scalars(connection, "select tell_webhooks()")


def admit(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    (user_id,) = scalars(
        connection,
        "select user_id from admit(:ours, :sign_in, cast(null as text), 60)",
        ours=ours.id,
        sign_in=theirs.sign_in_id,
    )
    assert user_id is None


def admit_caller(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    """A sign-in of one organization lets nobody into another, whichever way round."""
    for organization_id in (ours.id, uuid4()):
        (user_id,) = scalars(
            connection,
            "select user_id from admit_caller(:organization, :sign_in, null, null, null, null, null, 60, 1)",
            organization=organization_id,
            sign_in=theirs.sign_in_id,
        )
        assert user_id is None


def last_contact(connection: sa.Connection, ours: Tenant, theirs: Theirs) -> None:
    answer = scalars(
        connection, "select last_contact(:theirs, :candidate)", theirs=theirs.tenant.id, candidate=theirs.candidate_id
    )
    assert answer == [None]


CASES: dict[str, Case] = {
    case.__name__: case
    for case in (
        *(matching_candidates, similar_names, hidden_projects, hidden_positions, hidden_subjects, is_hidden_job),
        *(count_matching_candidates, append_events, tell_webhooks, admit, admit_caller, last_contact),
        *(alike_applications, applications_made, candidates_entered, count_applications, count_candidates),
        *(listed_matches, count_listed_matches),
    )
}


@pytest.fixture
def theirs(database: Database, other: Tenant) -> Theirs:
    project = factories.new_project(other.api, is_private=True)
    position = factories.new_position(other.api, project_id=project["id"])
    candidate = factories.new_candidate(other.api, name="Berta Zuckerkandl")
    application = factories.new_application(other.api, candidate, position)
    document_id = factories.announce(other.api, "brief.pdf", 100, kind="other", position_id=position["id"])["id"]
    (sign_in,) = records.rows(database, "select id from sign_ins where organization_id = :id", id=other.id)
    return Theirs(
        tenant=other,
        candidate_id=UUID(candidate["id"]),
        project_id=UUID(project["id"]),
        position_id=UUID(position["id"]),
        application_id=UUID(application["id"]),
        document_id=UUID(document_id),
        sign_in_id=sign_in["id"],
    )


def functions_that_could(database: Database) -> set[str]:
    return {row["proname"] for row in records.rows(database, ANOTHER_RIGHT)}


def test_each_function_with_other_rights_or_an_organizations_id_has_its_case(database: Database) -> None:
    assert functions_that_could(database) == set(CASES)


def test_none_of_them_tells_or_does_anything_for_another_organization(tenant: Tenant, theirs: Theirs) -> None:
    for name, case in CASES.items():
        for organization_id in (tenant.id, None):
            with acting(organization_id) as connection:
                try:
                    case(connection, tenant, theirs)
                except AssertionError as failure:
                    raise AssertionError(f"{name}, acting for {organization_id}") from failure


def test_they_do_tell_the_organization_itself(theirs: Theirs) -> None:
    """What is held back above is there."""
    with acting(theirs.tenant.id) as connection:
        find = "select matching_candidates(to_tsquery('public.recruitpro', 'zuckerkandl'), 10)"
        assert scalars(connection, find) == [theirs.candidate_id]
        count = "select count_matching_candidates(to_tsquery('public.recruitpro', 'zuckerkandl'), 10)"
        assert scalars(connection, count) == [1]
        assert scalars(connection, LISTED) == [theirs.candidate_id]
        assert scalars(connection, COUNT_LISTED, where='{"created_after": "2000-01-01"}') == [1]
        assert scalars(connection, "select similar_names('Berta Zuckerkandl', 10)") == [theirs.candidate_id]
        assert scalars(connection, "select n from alike_applications('{-infinity,infinity}')") == [1]
        assert scalars(connection, f"select n from applications_made({THESE_YEARS})") == [1]
        assert scalars(connection, "select candidates_entered('2000-01-01', '2200-01-01')") == [1]
        assert scalars(connection, "select count_applications(10)") == [1]
        assert scalars(connection, "select count_candidates(10)") == [1]
        assert scalars(connection, "select n from alike_applications('{-infinity,infinity}')") == [1]
        (contact,) = scalars(connection, "select last_contact(:id, :of)", id=theirs.tenant.id, of=theirs.candidate_id)
        assert contact is not None
        ask_as(connection, uuid4())
        assert scalars(connection, "select hidden_projects()") == [theirs.project_id]
        assert scalars(connection, "select hidden_positions()") == [theirs.position_id]
        assert theirs.project_id in scalars(connection, "select hidden_subjects()")
        ask = "select is_hidden_job(cast(:payload as jsonb), null, '{}', cast(:positions as uuid[]))"
        payload = json.dumps({"application_id": str(theirs.application_id)})
        assert scalars(connection, ask, payload=payload, positions=[str(theirs.position_id)]) == [True]
        find_user = "select user_id from admit_caller(:id, :sign_in, null, null, null, null, null, 60, 1)"
        assert scalars(connection, find_user, id=theirs.tenant.id, sign_in=theirs.sign_in_id) == [theirs.tenant.user_id]
