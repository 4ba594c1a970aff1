"""Transactions: whose data they see, what runs around their commit, and what a lost database sounds like."""

from __future__ import annotations

import gc
from collections.abc import Callable
from threading import Barrier
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from chalicelib import db
from chalicelib.db import DatabaseUnavailable, Role
from chalicelib.settings import read
from infra.local import processes
from tests import factories, records
from tests.conftest import Tenant
from tests.fakes import black_hole
from tests.house import Database

# pg8000 leaves its socket to the garbage collector when a server falls silent.
LEFT_SOCKET = pytest.mark.filterwarnings(
    "ignore:unclosed <socket:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
WHO = sa.text("select current_user, current_setting('app.organization_id', true)")
NAMES = sa.text("select name from projects order by id")
INSERT = sa.text(
    "insert into projects (id, organization_id, name, created_by, created_at, updated_at)"
    " values (:id, :organization_id, :name, :id, now(), now())"
)


def insert(session: Session, organization_id: UUID, name: str = "By hand", id: UUID | None = None) -> None:  # noqa: A002
    session.execute(INSERT, {"id": id or uuid4(), "organization_id": organization_id, "name": name})


def names_of(tenant: Tenant) -> list[str]:
    with db.transaction(tenant.id) as session:
        return list(session.scalars(NAMES))


def test_a_transaction_acts_for_one_organization_and_only_until_it_ends(tenant: Tenant) -> None:
    with db.engine().connect() as connection:
        for _ in range(3):
            connection.execute(
                sa.text("select set_config('app.organization_id', :id, true), set_config('role', :role, true)"),
                {"id": str(tenant.id), "role": Role.SCREENER},
            )
            assert connection.execute(WHO).one() == ("recruitpro_screener", str(tenant.id))
            connection.rollback()
            assert connection.execute(WHO).one() in {("recruitpro_app", ""), ("recruitpro_app", None)}
            connection.rollback()


def test_every_connection_of_the_pool_is_clean_again(tenant: Tenant) -> None:
    for outcome in ("commit", "error"):
        try:
            with db.transaction(tenant.id, Role.SCREENER) as session:
                assert tuple(session.execute(WHO).one()) == ("recruitpro_screener", str(tenant.id))
                if outcome == "error":
                    raise LookupError
        except LookupError:
            pass
        with db.engine().connect() as connection:
            user, organization = connection.execute(WHO).one()
        assert (user, organization or "") == ("recruitpro_app", "")


@pytest.mark.parametrize("role", Role)
def test_a_role_is_taken_on_for_one_transaction(tenant: Tenant, role: Role) -> None:
    with db.transaction(tenant.id, role) as session:
        user = session.scalar(sa.text("select current_user"))

    assert user == ("recruitpro_app" if role is Role.APP else role.value)


def test_acting_for_another_organization_changes_what_is_seen(tenant: Tenant, other: Tenant) -> None:
    factories.new_project(tenant.api, name="Ours")
    factories.new_project(other.api, name="Theirs")

    with db.transaction(tenant.id) as session:
        ours = list(session.scalars(NAMES))
        db.act_for(session, other.id)
        theirs = list(session.scalars(NAMES))
        db.act_for(session, None)
        nobodys = list(session.scalars(NAMES))

    assert (ours, theirs, nobodys) == (["Ours"], ["Theirs"], [])


def test_many_organizations_at_once_see_their_own_each(new_tenant: Callable[[], Tenant]) -> None:
    tenants = [new_tenant() for _ in range(4)]
    for number, tenant in enumerate(tenants):
        factories.new_project(tenant.api, name=f"Of {number}")
    start = Barrier(4)

    def look(number: int) -> Callable[[], set[str]]:
        def looks() -> set[str]:
            start.wait(timeout=20)
            return {name for _ in range(15) for name in names_of(tenants[number])}

        return looks

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        seen = [future.result() for future in [pool.submit(look(number)) for number in range(4)]]

    assert seen == [{f"Of {number}"} for number in range(4)]


@pytest.mark.parametrize("text", ["", "not-an-id", "' or true --", "00000000-0000-0000-0000-000000000000"])
def test_a_nonsensical_organization_shows_nothing(tenant: Tenant, text: str) -> None:
    factories.new_project(tenant.api)
    with db.engine().begin() as connection:
        connection.execute(sa.text("select set_config('app.organization_id', :id, true)"), {"id": text})
        if text == "" or text.startswith("0"):
            assert connection.execute(NAMES).all() == []
        else:
            with pytest.raises(ProgrammingError):
                connection.execute(NAMES)
            connection.rollback()


def test_what_a_transaction_did_is_there_after_it_and_not_after_an_error(tenant: Tenant) -> None:
    with db.transaction(tenant.id) as session:
        insert(session, tenant.id, "Kept")
    with pytest.raises(LookupError), db.transaction(tenant.id) as session:  # noqa: PT012
        insert(session, tenant.id, "Lost")
        raise LookupError

    assert names_of(tenant) == ["Kept"]


class Told(Exception):
    """Something of a hook."""


def test_hooks_run_around_the_commit_in_their_order(tenant: Tenant) -> None:
    story: list[str] = []
    with db.transaction(tenant.id) as session:
        db.after_commit(session, lambda: story.append(f"after: {names_of(tenant)}"))
        db.before_commit(session, lambda: story.append(f"first: {list(session.scalars(NAMES))} / {names_of(tenant)}"))
        db.before_commit(session, lambda: story.append("second"))
        insert(session, tenant.id, "Search")
        story.append("body")

    assert story == ["body", "first: ['Search'] / []", "second", "after: ['Search']"]


def test_no_hook_runs_when_the_transaction_fails(tenant: Tenant) -> None:
    story: list[str] = []
    with pytest.raises(LookupError), db.transaction(tenant.id) as session:  # noqa: PT012
        db.before_commit(session, lambda: story.append("before"))
        db.after_commit(session, lambda: story.append("after"))
        raise LookupError

    assert story == []


def test_a_hook_that_fails_before_the_commit_takes_everything_back(tenant: Tenant) -> None:
    story: list[str] = []

    def fail() -> None:
        raise Told

    with pytest.raises(Told), db.transaction(tenant.id) as session:  # noqa: PT012
        insert(session, tenant.id)
        db.before_commit(session, fail)
        db.after_commit(session, lambda: story.append("after"))

    assert story == []
    assert names_of(tenant) == []


def test_a_commit_that_fails_runs_nothing_after_it(tenant: Tenant) -> None:
    story: list[str] = []
    with pytest.raises(IntegrityError), db.transaction(tenant.id) as session:  # noqa: PT012
        db.after_commit(session, lambda: story.append("after"))
        # An id that is there already, written by the flush at the end of the transaction.
        db.before_commit(session, lambda: insert(session, tenant.id, id=tenant.id))
        insert(session, tenant.id, id=tenant.id)

    assert story == []
    assert names_of(tenant) == []


def test_a_hook_may_add_a_hook(tenant: Tenant) -> None:
    story: list[str] = []
    with db.transaction(tenant.id) as session:
        db.before_commit(session, lambda: db.before_commit(session, lambda: story.append("added")))

    assert story == ["added"]


def test_a_database_out_of_reach_is_unavailable(database: Database, configure: Callable[..., None]) -> None:
    configure(
        database_url=f"postgresql://a:b@127.0.0.1:{processes.free_port()}/c", database_connect_timeout_seconds="1"
    )

    with pytest.raises(DatabaseUnavailable) as error, db.transaction():
        pass

    assert error.value.retries
    assert "127.0.0.1" not in error.value.detail


def test_a_pool_without_a_free_connection_is_unavailable(tenant: Tenant, configure: Callable[..., None]) -> None:
    configure(database_pool_size="1", database_max_overflow="0", database_pool_timeout_seconds="0.1")

    with db.transaction(tenant.id), pytest.raises(DatabaseUnavailable), db.transaction(tenant.id):
        pass

    assert names_of(tenant) == []


def test_without_any_address_the_database_is_unavailable() -> None:
    with pytest.raises(DatabaseUnavailable):
        db.build_engine(read({}))


def test_a_connection_that_dies_inside_a_transaction_makes_it_unavailable(tenant: Tenant, database: Database) -> None:
    with pytest.raises(DatabaseUnavailable), db.transaction(tenant.id) as session:  # noqa: PT012
        insert(session, tenant.id)
        pid = session.scalar(sa.text("select pg_backend_pid()"))
        records.rows(database, "select pg_terminate_backend(:pid)", pid=pid)
        session.execute(NAMES)

    assert names_of(tenant) == []


def test_a_deadlock_is_unavailable_for_one_and_nothing_for_the_other(tenant: Tenant) -> None:
    one, two = uuid4(), uuid4()
    with db.transaction(tenant.id) as session:
        insert(session, tenant.id, id=one)
        insert(session, tenant.id, id=two)
    meet = Barrier(2)
    rename = sa.text("update projects set name = 'New' where id = :id")

    def work(first: UUID, second: UUID) -> bool:
        try:
            with db.transaction(tenant.id) as session:
                session.execute(rename, {"id": first})
                meet.wait(timeout=10)
                session.execute(rename, {"id": second})
        except DatabaseUnavailable:
            return False
        return True

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        results = [future.result() for future in [pool.submit(work, one, two), pool.submit(work, two, one)]]

    assert sorted(results) == [False, True]
    assert names_of(tenant) == ["New", "New"]


def test_a_lock_that_takes_too_long_is_unavailable(tenant: Tenant, database: Database) -> None:
    with db.transaction(tenant.id) as session:
        insert(session, tenant.id)
    with factories.as_superuser(database) as connection:
        connection.execute(sa.text("select 1 from projects where organization_id = :id for update"), {"id": tenant.id})
        with pytest.raises(DatabaseUnavailable), db.transaction(tenant.id) as session:  # noqa: PT012
            session.execute(sa.text("set local lock_timeout = '50ms'"))
            session.execute(sa.text("update projects set name = 'New'"))


def test_an_error_names_its_state_and_constraint(tenant: Tenant) -> None:
    with pytest.raises(IntegrityError) as error, db.transaction(tenant.id) as session:  # noqa: PT012
        insert(session, tenant.id, id=tenant.id)
        insert(session, tenant.id, id=tenant.id)

    assert db.sql_state(error.value) == "23505"
    assert db.constraint_of(error.value) == "projects_pkey"


def test_the_application_waits_no_longer_than_it_should(database: Database) -> None:
    with db.transaction() as session:
        limits = {
            name: session.scalar(sa.text(f"show {name}"))
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        }

    assert limits == {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "1min",
    }


@LEFT_SOCKET
def test_a_server_that_takes_a_connection_and_says_nothing_is_unavailable(configure: Callable[..., None]) -> None:
    with black_hole() as port:
        url = f"postgresql://recruitpro_app:secret@127.0.0.1:{port}/recruitpro"
        configure(database_url=url, database_connect_timeout_seconds="0.2")

        with pytest.raises(DatabaseUnavailable), db.transaction():
            pytest.fail("there is no transaction without a database")


@LEFT_SOCKET
@pytest.mark.usefixtures("database")
def test_a_server_that_falls_silent_in_the_middle_is_unavailable(configure: Callable[..., None]) -> None:
    configure(database_answer_timeout_seconds="0.3")

    with pytest.raises(DatabaseUnavailable), db.transaction() as session:
        session.execute(sa.text("select pg_sleep(2)"))

    with db.transaction() as session:
        assert session.scalar(sa.text("select 1")) == 1
    gc.collect()


@pytest.mark.usefixtures("database")
def test_an_answer_may_take_longer_than_a_connection(configure: Callable[..., None]) -> None:
    configure(database_connect_timeout_seconds="0.3")

    with db.transaction() as session:
        assert session.scalar(sa.text("select pg_sleep(0.6) is null")) is not None
