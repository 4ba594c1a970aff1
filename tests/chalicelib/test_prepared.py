"""Prepared statements answer and fail as SQLAlchemy's own do, on the same connection and in the same transaction."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from chalicelib import db, inserts
from chalicelib.candidates import repository, service
from chalicelib.candidates.models import SHOWN, Candidate
from chalicelib.clock import utc_now
from chalicelib.db import GoneMeanwhile
from chalicelib.ids import new_id
from chalicelib.prepared import Prepared, ask_built
from chalicelib.projects.models import Project
from tests import records
from tests.conftest import Tenant
from tests.house import Database

SUM = Prepared(sa.text('select cast(:a as int) + cast(:b as int) as sum, :c as "class" where :yes'))
EVERYTHING: dict[str, Any] = {
    "name": 'Ada "%s" % \\ King',
    "email": "ada@math.example",
    "skills": ["Zürich", "NULL", 'a"b', "c,d"],
    "experience": [{"title": None, "is_current": True}],
    "education": [],
    "links": ["https://example.com/100%25"],
    "tags": [],
    "consent": {"source": "fair", "given_at": "2026-03-01T09:00:00Z"},
}


def candidate_of(tenant: Tenant, **values: Any) -> Candidate:
    now = utc_now()
    return Candidate(id=new_id(), organization_id=tenant.id, created_at=now, updated_at=now, version=1, **values)


def project_of(tenant: Tenant, **values: Any) -> Project:
    now = utc_now()
    given = {"priority": "low", "status": "active", "tags": ["a"], "created_by": uuid4(), **values}
    return Project(id=new_id(), organization_id=tenant.id, name="Ahead", created_at=now, updated_at=now, **given)


def test_a_statement_answers_by_its_parameters_and_names(session: Session) -> None:
    for a in (1, 2):
        (row,) = db.ask(session, SUM, {"b": 5, "a": a, "c": None, "yes": True})
        assert (row.sum, row[1]) == (a + 5, None)
    assert db.ask(session, SUM, {"a": 1, "b": 1, "c": "x", "yes": False}) == []


def test_its_errors_are_those_of_sqlalchemy(session: Session) -> None:
    with pytest.raises(ProgrammingError, match="22P02") as caught, session.begin_nested():
        db.ask(session, SUM, {"a": "one", "b": 1, "c": "", "yes": True})
    assert "one" not in str(caught.value)
    assert session.scalar(sa.text("select 5")) == 5


def test_a_built_statement_takes_the_values_of_each_time(tenant: Tenant) -> None:
    def named(name: str, limit: int) -> sa.Select[Any]:
        query = sa.select(*SHOWN).where(Candidate.organization_id == tenant.id, Candidate.name == name)
        return query.order_by(Candidate.id).limit(limit)

    with db.transaction(tenant.id) as session:
        for name in ("Ada", "Grace", "Ada"):
            assert inserts.insert(session, candidate_of(tenant, name=name))
        for name, limit in (("Ada", 9), ("Grace", 9), ("Ada", 1), ("Nobody", 9)):
            query = named(name, limit)
            theirs = session.connection().execute(query).all()
            assert ask_built(session.connection(), query) == [tuple(row) for row in theirs]
        # Its text holds as many places as it has values.
        for names in (["Ada"], ["Ada", "Grace"]):
            several = sa.select(Candidate.id).where(Candidate.name.in_(names))
            assert len(ask_built(session.connection(), several)) == len(names) + 1


def test_a_row_is_written_as_a_flush_would_write_it_and_belongs_to_the_session(tenant: Tenant) -> None:
    with db.transaction(tenant.id) as session:
        ours, theirs = candidate_of(tenant, **EVERYTHING), candidate_of(tenant, **{**EVERYTHING, "email": None})
        assert inserts.insert(session, ours, unless=service.BY_EMAIL)
        session.add(theirs)
        session.flush()
        known = {ours.id: ours, theirs.id: theirs}
        ours.headline = "changed later"

    with db.transaction(tenant.id) as session:
        written = {row_id: service.show(session, tenant.id, row_id)._asdict() for row_id in known}
    own = {"id", "email", "headline", "created_at", "updated_at"}
    one, other = written.values()
    assert {name: one[name] for name in one if name not in own} == {
        name: other[name] for name in other if name not in own
    }
    assert (one["headline"], one["email"], one["skills"]) == ("changed later", "ada@math.example", EVERYTHING["skills"])


def test_a_row_that_there_is_already_is_not_written_and_the_transaction_goes_on(tenant: Tenant) -> None:
    with db.transaction(tenant.id) as session:
        assert inserts.insert(session, candidate_of(tenant, **EVERYTHING), unless=service.BY_EMAIL)
        again = candidate_of(tenant, **EVERYTHING)
        assert not inserts.insert(session, again, unless=service.BY_EMAIL)
        assert again not in session
        with pytest.raises(IntegrityError), session.begin_nested():
            inserts.insert(session, again)
        found = repository.find_by_email(session, tenant.id, "ada@math.example")
        assert found is not None
        assert found.id != again.id


def test_what_goes_ahead_is_written_with_the_commit_when_nothing_follows(tenant: Tenant, database: Database) -> None:
    with db.transaction(tenant.id) as session:
        inserts.put_ahead(session, project_of(tenant))

    assert records.count(database, "projects", tenant.id) == 1


def test_what_goes_ahead_is_undone_with_its_transaction(tenant: Tenant, database: Database) -> None:
    def fail() -> None:
        with db.transaction(tenant.id) as session:
            inserts.put_ahead(session, project_of(tenant))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with db.transaction(tenant.id) as session:
        session.scalar(sa.text("select 1 where :yes"), {"yes": True})
    assert records.count(database, "projects", tenant.id) == 0


def test_an_error_with_the_commit_leaves_nothing(tenant: Tenant, database: Database) -> None:
    def fail() -> None:
        with db.transaction(tenant.id) as session:
            inserts.put_ahead(session, project_of(tenant))
            inserts.put_ahead(session, project_of(tenant, priority="no such priority"))

    with pytest.raises(sa.exc.DBAPIError, match="23514"):
        fail()
    assert records.count(database, "projects", tenant.id) == 0


def test_what_is_asked_with_the_commit_is_answered_before_what_comes_after_it(tenant: Tenant) -> None:
    story: list[object] = []
    with db.transaction(tenant.id) as session:
        db.after_commit(session, lambda: story.append("after"))
        values = {"a": 1, "b": 2, "c": "x", "yes": True}
        db.ask_with_commit(session, SUM, values, lambda rows: story.append(rows[0].sum))
        db.add_to_commit(session, "select 1")

    assert story == [3, "after"]


def test_a_failing_question_with_the_commit_undoes_everything(tenant: Tenant, database: Database) -> None:
    def fail(values: dict[str, Any]) -> None:
        with db.transaction(tenant.id) as session:
            inserts.insert(session, candidate_of(tenant, name="Ada"))
            db.ask_with_commit(session, SUM, values, lambda rows: None)

    with pytest.raises(ProgrammingError, match="22P02"):
        fail({"a": "one", "b": 1, "c": "", "yes": True})
    assert records.count(database, "candidates", tenant.id) == 0


def test_a_row_that_names_what_is_gone_is_told_so(tenant: Tenant) -> None:
    def fail() -> None:
        with db.transaction(tenant.id) as session:
            inserts.insert(session, candidate_of(tenant, name="Ada", resume_document_id=uuid4()))

    with pytest.raises(GoneMeanwhile):
        fail()
