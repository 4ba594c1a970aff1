"""Statements travel in one piece: the same answers and errors as the driver's, in fewer round trips, and no answer is
ever taken for another one's."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from chalicelib import db, pipeline
from chalicelib.db import DatabaseUnavailable, Role
from chalicelib.settings import Settings
from tests.conftest import Tenant
from tests.house import Database
from tests.load import bouncer
from tests.pinning import pins

BACKEND = sa.text("select pg_backend_pid() where :yes")
ME = sa.text("select current_user, current_setting('app.organization_id', true) where :yes")
needs_pgbouncer = pytest.mark.skipif(
    bouncer.program() is None and not os.environ.get("REQUIRE_PGBOUNCER"), reason="pgbouncer is not installed"
)


class Tape:
    """A connection's socket file, that counts what is sent and may fail in the middle of an answer."""

    def __init__(self, file: Any) -> None:
        self.file, self.trips, self.is_dirty, self.reads_left = file, 0, False, -1
        self.fault: BaseException = TimeoutError("timed out")

    def write(self, data: bytes) -> None:
        self.is_dirty = True
        self.file.write(data)

    def flush(self) -> None:
        self.trips, self.is_dirty = self.trips + self.is_dirty, False
        self.file.flush()

    def read(self, size: int) -> bytes:
        if self.reads_left == 0:
            raise self.fault
        self.reads_left -= 1
        data: bytes = self.file.read(size)
        return data

    def close(self) -> None:
        self.file.close()


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    config = Settings.of({"database_url": database.superuser_url, "database_pool_size": 1})
    engine = db.build_engine(config)
    yield engine
    engine.dispose()


def taped(connection: sa.Connection) -> Tape:
    driver: Any = connection.connection.dbapi_connection
    driver._sock = Tape(driver._sock)
    tape: Tape = driver._sock
    return tape


def ask(connection: sa.Connection, question: str, **values: Any) -> Any:
    return connection.execute(sa.text(question), values).one()


def test_every_statement_takes_one_round_trip_and_begins_its_transaction_by_the_way(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        tape = taped(connection)
        assert ask(connection, "select cast(:a as int) + 1", a=1) == (2,)
        assert ask(connection, "select 5") == (5,)
        assert tape.trips == 2
        assert ask(connection, "select pg_current_xact_id_if_assigned() is null, now() = statement_timestamp()")[0]
        connection.commit()
        assert tape.trips == 4


def test_a_transaction_that_asked_nothing_sends_nothing(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        tape = taped(connection)
        for end in (connection.commit, connection.rollback):
            with connection.begin():
                pass
            end()
        assert tape.trips == 0


def test_values_come_back_as_they_went(engine: sa.Engine) -> None:
    huge = "Zürich 🗻 'x' \\ % %s $1 :a " * 20_000
    values = {
        "none": None,
        "text": huge,
        "bytes": b"\x00\xff\\'",
        "yes": True,
        "number": Decimal("1.50"),
        "day": date(2026, 11, 24),
        "id": uuid4(),
        "texts": ["a", None, "NULL"],
        "numbers": [1, 2],
    }
    question = """select cast(:none as text), cast(:text as text), cast(:bytes as bytea), cast(:yes as boolean),
        cast(:number as numeric), cast(:day as date), cast(:id as uuid), cast(:texts as text[]),
        cast(:numbers as int[]), '100 %', '{"a": [1, {"b": null}]}'::jsonb, '  [1.5]  '::json"""
    with engine.connect() as connection:
        row = ask(connection, question, **values)

    assert tuple(row) == (*values.values(), "100 %", {"a": [1, {"b": None}]}, [1.5])


def test_json_is_read_as_it_was_written(engine: sa.Engine) -> None:
    value: dict[str, Any] = {"ä": [None, True, 0.1, 10**30, "\\u0041\n", {}], "": []}
    with engine.connect() as connection:
        assert ask(connection, "select cast(:value as jsonb)", value=json.dumps(value)) == (value,)


def test_rows_are_counted_and_described(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("create temp table t (a int primary key, b text) on commit drop"))
        many = connection.execute(sa.text("insert into t values (:a, :b)"), [{"a": 1, "b": "x"}, {"a": 2, "b": None}])
        changed = connection.execute(sa.text("update t set b = :b"), {"b": "y"})
        none = connection.execute(sa.text("select a, b from t where a = :a"), {"a": 9})
        assert (many.rowcount, changed.rowcount, list(none.keys()), none.all()) == (2, 2, ["a", "b"], [])
        with pytest.raises(sa.exc.ResourceClosedError):
            changed.all()
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(sa.text("insert into t values (:a, :b)"), {"a": 1, "b": "x"})
        assert ask(connection, "select count(*) from t where :yes", yes=True) == (2,)


@pytest.mark.parametrize("wrong", ["select 1 / cast(:a as int)", "selec :a", "select cast(:a as uuid)", "select 1/0"])
def test_after_an_error_the_transaction_is_over_and_the_connection_well(engine: sa.Engine, wrong: str) -> None:
    with engine.connect() as connection:
        values = {"a": 0} if ":a" in wrong else {}
        with pytest.raises(ProgrammingError):
            connection.execute(sa.text(wrong), values)
        with pytest.raises(DBAPIError, match="25P02"):
            ask(connection, "select 1 where :yes", yes=True)
        connection.rollback()
        assert ask(connection, "select 7 where :yes", yes=True) == (7,)


def test_what_goes_ahead_is_sent_with_the_next_statement_and_never_without_effect(tenant: Tenant) -> None:
    with db.transaction(tenant.id, Role.SCREENER) as session:
        tape = taped(session.connection())
        assert session.execute(ME, {"yes": True}).one() == ("recruitpro_screener", str(tenant.id))
        assert tape.trips == 1
        db.act_for(session, None)
        assert tuple(session.execute(sa.text("select current_user, current_setting('app.organization_id')")).one()) == (
            "recruitpro_app",
            "",
        )
        assert tape.trips == 3, "without parameters it goes before"


def test_nothing_runs_when_what_goes_ahead_of_it_fails(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text("create temp table t (a int)"))
        connection.commit()
        driver: Any = connection.connection.dbapi_connection
        for question, values in (("insert into t values (:a)", {"a": 1}), ("insert into t values (1)", {})):
            pipeline.put_ahead(driver, "select set_config('role', %s, true)", ("nobody_of_ours",))
            with pytest.raises(DBAPIError, match="22023"):
                connection.execute(sa.text(question), values)
            connection.rollback()
        assert ask(connection, "select count(*) from t") == (0,)


def test_what_goes_ahead_is_forgotten_with_its_transaction(tenant: Tenant) -> None:
    with db.transaction(tenant.id, Role.SCREENER):
        pass
    with db.engine().connect() as connection:
        assert connection.execute(ME, {"yes": True}).one()[0] == "recruitpro_app"


def test_a_statement_alone_is_committed_in_one_round_trip_and_undone_when_it_fails(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.execute(sa.text("create temp table t (a int unique)"))
        connection.commit()
        tape = taped(connection)
        driver: Any = connection.connection.dbapi_connection
        for _ in range(2):
            pipeline.let_next_be_alone(driver)
            try:
                connection.execute(sa.text("insert into t values (:a), (:a + 1)"), {"a": 1})
            except IntegrityError:
                connection.rollback()
            else:
                connection.commit()
        assert tape.trips == 2
        assert ask(connection, "select count(*) from t where :yes", yes=True) == (2,)
        connection.rollback()
        assert ask(connection, "select count(*) from t") == (2,)


def ask_and_fail(engine: sa.Engine, reads: int, fault: BaseException) -> None:
    with db.faults_named(), engine.begin() as connection:
        tape = taped(connection)
        tape.reads_left, tape.fault = reads, fault
        ask(connection, "select generate_series(1, 3) where :yes", yes=True)


@pytest.mark.parametrize("reads", range(7))
@pytest.mark.parametrize("fault", [TimeoutError("timed out"), ConnectionResetError(), KeyboardInterrupt()])
def test_a_connection_left_in_the_middle_of_an_answer_is_used_no_more(
    engine: sa.Engine, reads: int, fault: BaseException
) -> None:
    with engine.begin() as connection:
        before = connection.execute(BACKEND, {"yes": True}).scalar_one()
    with pytest.raises((DatabaseUnavailable, KeyboardInterrupt)):
        ask_and_fail(engine, reads, fault)
    with engine.begin() as connection:
        assert connection.execute(BACKEND, {"yes": True}).scalar_one() != before
        assert ask(connection, "select 3") == (3,)


def test_a_value_that_cannot_be_read_leaves_nothing_of_its_answer_behind(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.shapes.clear()
        driver.register_in_adapter(23, lambda text: 1 // (int(text) - 2))
        with pytest.raises(ZeroDivisionError):
            connection.execute(sa.text("select generate_series(1, 5) where :yes"), {"yes": True})
        assert ask(connection, "select 'next' where :yes", yes=True) == ("next",)


def test_copy_is_left_to_the_driver_and_what_goes_ahead_goes_before_it(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("create temp table t (a int, b text) on commit drop"))
        driver: Any = connection.connection.dbapi_connection
        pipeline.put_ahead(driver, "select set_config('app.organization_id', %s, true)", ("ahead",))
        driver.cursor().execute("copy t from stdin", stream=["1\tx\n", "2\ty\n"])
        assert ask(connection, "select count(*), current_setting('app.organization_id') from t") == (2, "ahead")


def test_no_statement_that_goes_ahead_would_pin_a_connection_of_rds_proxy() -> None:
    assert not any(pins(text) for text in (db.ACT_FOR, db.TRACE_AS, pipeline.BEGIN))


@needs_pgbouncer
def test_through_a_transaction_pooler_everybody_gets_their_own_answers(database: Database, tmp_path: Path) -> None:
    pool = bouncer.start(tmp_path / "bouncer", database, size=2)
    config = Settings.of({"database_url": pool.url, "database_pool_size": 6})
    engine = db.build_engine(config)
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(40):
            with engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                mine = f"{number}-{turn}"
                if turn % 2:
                    pipeline.let_next_be_alone(driver)
                    wrong.extend({mine} - set(ask(connection, "select cast(:mine as text)", mine=mine)))
                    connection.commit()
                pipeline.put_ahead(driver, "select set_config('app.organization_id', %s, true)", (mine,))
                for _ in range(3):
                    told = ask(connection, "select current_setting('app.organization_id') where :yes", yes=True)
                    wrong.extend({mine} - set(told))
                (connection.commit if turn % 3 else connection.rollback)()

    try:
        workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        engine.dispose()
        pool.child.stop()
    assert wrong == []
