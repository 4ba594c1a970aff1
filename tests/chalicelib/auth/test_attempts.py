"""Guessing is delayed, exactly and across containers; the owner of an account is not locked out by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from chalicelib import db
from chalicelib.auth import attempts
from chalicelib.auth.attempts import Attempt, network_of
from chalicelib.auth.keys import key_ring
from chalicelib.clock import utc_now
from chalicelib.db import Role
from chalicelib.operations import retention
from tests import factories, records
from tests.api import ApiClient, Reply
from tests.chalicelib.auth.accounts import PASSWORD, new_email, stranger
from tests.conftest import Tenant
from tests.house import Database

pytestmark = pytest.mark.usefixtures("database")
Configure = Callable[..., None]
WRONG = "wrong-password-7"


def login(client: ApiClient, email: str, password: str = WRONG) -> Reply:
    return client.post("/api/auth/login", {"email": email, "password": password})


def fail(email: str, times: int) -> list[int]:
    """So many wrong attempts, each from an address of its own."""
    return [login(stranger(), email).status for _ in range(times)]


def pass_seconds(database: Database, seconds: int) -> None:
    """Let so much time have passed for everything that is counted."""
    records.rows(
        database,
        "update sign_in_attempts set delayed_until = delayed_until - :passed * interval '1 second',"
        " window_started_at = window_started_at - :passed * interval '1 second',"
        " expires_at = expires_at - :passed * interval '1 second'",
        passed=seconds,
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(db.engine(), "before_cursor_execute", note)
    yield sent
    sa.event.remove(db.engine(), "before_cursor_execute", note)


def test_of_twenty_at_once_exactly_as_many_pass_as_may(configure: Configure) -> None:
    configure(rate_limit_login="7/hour", login_free_failures="100", database_pool_timeout_seconds="30")
    email = new_email()

    replies = factories.at_once(*[lambda: login(stranger(), email)] * 20)

    assert sorted(reply.status for reply in replies) == [401] * 7 + [429] * 13


def test_of_twenty_at_once_exactly_those_without_a_delay_pass(configure: Configure) -> None:
    configure(
        rate_limit_login="1000/hour",
        login_free_failures="2",
        login_delay_seconds="60",
        database_pool_timeout_seconds="30",
    )
    email = new_email()

    replies = factories.at_once(*[lambda: login(stranger(), email)] * 20)

    assert sorted(reply.status for reply in replies) == [401] * 3 + [429] * 17
    assert {int(reply.headers["retry-after"]) for reply in replies if reply.status == 429} <= {59, 60}


def test_each_failure_doubles_the_wait_up_to_the_longest(configure: Configure, database: Database) -> None:
    configure(rate_limit_login="1000/hour", login_free_failures="3", login_delay_max_seconds="10")
    email = new_email()
    assert fail(email, 3) == [401] * 3
    waits = []

    for _ in range(6):
        assert fail(email, 1) == [401]
        refused = login(stranger(), email)
        waits.append(int(refused.headers["retry-after"]))
        assert (refused.status, refused.code) == (429, "rate_limited")
        pass_seconds(database, waits[-1])

    assert waits == [1, 2, 4, 8, 10, 10]


def test_trying_while_delayed_makes_the_wait_no_longer(configure: Configure, database: Database) -> None:
    configure(rate_limit_login="1000/hour", login_free_failures="1", login_delay_seconds="30")
    email = new_email()
    fail(email, 2)
    before = records.rows(database, "select subject, failures, used, delayed_until from sign_in_attempts order by 1")

    assert fail(email, 5) == [429] * 5

    kept = {row["subject"]: row for row in before}
    after = records.rows(database, "select subject, failures, used, delayed_until from sign_in_attempts order by 1")
    assert [row for row in after if row["subject"] in kept] == before
    assert len(after) == len(before), "who is refused leaves nothing"


def test_a_right_password_forgives_the_failures_before_it(
    tenant: Tenant, configure: Configure, database: Database
) -> None:
    configure(rate_limit_login="1000/hour", login_free_failures="2", login_delay_seconds="30")
    for _ in range(3):
        assert fail(tenant.email, 2) == [401, 401]
        assert login(stranger(), tenant.email, PASSWORD).status == 200


def test_a_day_of_quiet_forgives_too(configure: Configure, database: Database) -> None:
    configure(rate_limit_login="1000/hour", login_free_failures="2", login_delay_seconds="30")
    email = new_email()
    assert fail(email, 4) == [401, 401, 401, 429]

    pass_seconds(database, 25 * 3600)

    assert fail(email, 4) == [401, 401, 401, 429]


def test_an_attacker_elsewhere_cannot_lock_the_owner_out(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_login="5/hour", login_free_failures="2", login_delay_seconds="60")
    assert fail(tenant.email, 6)[-3:] == [429] * 3
    assert login(stranger(), tenant.email, PASSWORD).status == 429

    at_home = ApiClient(address=tenant.api.address)

    assert login(at_home, tenant.email, PASSWORD).status == 200
    assert fail(tenant.email, 1) == [429], "the owner's success at home forgives nobody elsewhere"


def test_an_attacker_at_the_same_address_uses_up_its_own_budget_only(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_login="5/hour", login_free_failures="100")
    at_home = ApiClient(address=tenant.api.address)
    for _ in range(5):
        login(at_home, new_email())
    assert login(at_home, new_email()).status == 429

    assert login(at_home, tenant.email, PASSWORD).status == 200


def test_a_familiar_address_has_a_budget_and_a_delay_as_well(tenant: Tenant, configure: Configure) -> None:
    configure(rate_limit_login="1000/hour", login_free_failures="2", login_delay_seconds="60")
    at_home = ApiClient(address=tenant.api.address)

    assert [login(at_home, tenant.email).status for _ in range(4)] == [401, 401, 401, 429]
    assert login(stranger(), tenant.email, PASSWORD).status == 200


def test_a_first_success_gives_no_second_budget(configure: Configure, tenant: Tenant) -> None:
    configure(rate_limit_login="5/hour", login_free_failures="100")
    client = stranger()

    statuses = [login(client, tenant.email, PASSWORD).status for _ in range(6)]

    assert statuses == [200] * 5 + [429]


def test_an_address_is_familiar_for_its_time_and_to_its_account(
    tenant: Tenant, other: Tenant, configure: Configure, database: Database
) -> None:
    configure(rate_limit_login="1000/hour", login_free_failures="1", login_delay_seconds="60")
    fail(tenant.email, 2)
    neighbour = ApiClient(address=other.api.address)
    assert login(neighbour, tenant.email, PASSWORD).status == 429
    at_home = ApiClient(address=tenant.api.address)
    assert login(at_home, tenant.email, PASSWORD).status == 200

    records.rows(database, "update familiar_addresses set expires_at = now()")

    assert login(at_home, tenant.email, PASSWORD).status == 429


def test_an_address_stays_familiar_when_the_key_changes(
    tenant: Tenant, configure: Configure, database: Database
) -> None:
    old = key_ring().current().secret.decode()
    configure(
        token_secret="the-secret-that-came-after-0123456789",
        token_secret_previous=old,
        rate_limit_login="1000/hour",
        login_free_failures="1",
        login_delay_seconds="60",
    )
    fail(tenant.email, 2)

    at_home = ApiClient(address=tenant.api.address)
    assert [login(at_home, tenant.email, PASSWORD).status for _ in range(2)] == [200, 200]


def test_no_address_and_no_email_is_kept_in_clear(tenant: Tenant, database: Database) -> None:
    login(stranger(), tenant.email)
    address = tenant.api.address

    for table in ("sign_in_attempts", "familiar_addresses"):
        for needle in (address, tenant.email, tenant.email.partition("@")[0]):
            assert records.rows(database, f"select 1 from {table} as t where t::text like :x", x=f"%{needle}%") == []


def test_unknown_and_wrong_take_the_same_statements(tenant: Tenant) -> None:
    login(stranger(), new_email())
    with statements() as for_wrong:
        assert login(stranger(), tenant.email).status == 401
    with statements() as for_unknown:
        assert login(stranger(), new_email()).status == 401

    assert for_wrong == for_unknown
    assert len(for_wrong) == 3


def test_an_address_is_its_network() -> None:
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert network_of("no address") == "no address"


def test_neighbours_in_one_network_of_version_6_share_a_budget(configure: Configure) -> None:
    configure(rate_limit_login="2/hour")
    network = f"2001:db8:{uuid4().hex[:4]}:7"

    statuses = [login(ApiClient(address=f"{network}::{each}"), new_email()).status for each in (1, 2, 3)]

    assert statuses == [401, 401, 429]


@pytest.mark.parametrize(
    "broken", ["alter table sign_in_attempts rename to elsewhere", "revoke all on sign_in_attempts from {role}"]
)
def test_who_cannot_be_counted_is_not_let_in_and_it_is_said(
    tenant: Tenant,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    broken: str,
) -> None:
    role = Role.SIGN_IN.value
    records.rows(database, broken.format(role=role))
    try:
        replies = [login(stranger(), tenant.email, PASSWORD), login(stranger(), new_email())]
        body = {"current_password": PASSWORD, "new_password": "another-password-7"}
        replies.append(tenant.api.post("/api/auth/change-password", body))
    finally:
        if "rename" in broken:
            records.rows(database, "alter table elsewhere rename to sign_in_attempts")
        records.rows(database, f"grant select, insert, update on sign_in_attempts to {role}")

    assert {(reply.status, reply.code) for reply in replies} == {(503, "limiter_unavailable")}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert len([line for line in caplog.records if line.getMessage() == "limiter_unavailable"]) == 3
    assert len([line for line in lines if line.get("limiter_unavailable") == [1.0]]) == 3
    assert login(stranger(), tenant.email, PASSWORD).status == 200


def test_who_is_refused_or_delayed_is_counted_and_logged_without_a_name(
    tenant: Tenant, configure: Configure, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    configure(rate_limit_login="2/hour", log_level="INFO")
    caplog.clear()
    known = [login(stranger(), tenant.email).status for _ in range(3)]
    login(stranger(), new_email())

    assert known == [401, 401, 429]
    said = [record.getMessage() for record in caplog.records if record.getMessage().startswith("sign_in")]
    counted = [
        name
        for line in capsys.readouterr().out.splitlines()
        for name in ("sign_in_refused", "sign_in_delayed")
        if f'"{name}":[1.0]' in line
    ]
    assert said == counted == ["sign_in_refused", "sign_in_refused", "sign_in_delayed", "sign_in_refused"]
    assert tenant.email not in caplog.text


def test_counts_survive_a_crash_of_the_database(database: Database) -> None:
    kinds = records.rows(database, "select relpersistence from pg_class where relname = 'sign_in_attempts'")

    assert kinds == [{"relpersistence": "p"}]


def test_where_nothing_is_limited_nothing_is_counted(configure: Configure, database: Database) -> None:
    configure(rate_limit_enabled="false")
    before = records.rows(database, "select count(*) from sign_in_attempts")

    assert fail(new_email(), 12) == [401] * 12
    assert records.rows(database, "select count(*) from sign_in_attempts") == before


@pytest.mark.parametrize("role", [Role.APP, Role.SCREENER])
@pytest.mark.parametrize("table", ["sign_in_attempts", "familiar_addresses"])
def test_no_role_but_the_one_that_signs_in_touches_the_counts(tenant: Tenant, role: Role, table: str) -> None:
    for statement in (f"select 1 from {table}", f"delete from {table}"):
        with pytest.raises(sa.exc.ProgrammingError, match="42501"), db.transaction(tenant.id, role) as session:
            session.execute(sa.text(statement))


def test_what_is_past_is_forgotten(database: Database) -> None:
    attempt = Attempt.of(new_email(), "203.0.113.77")
    with db.transaction(role=Role.SIGN_IN) as session:
        attempts.admit(session, attempt)
        attempts.forgive(session, attempt, utc_now())
    ours: dict[str, Any] = {"subjects": [attempt.account, *attempt.familiar]}
    held = "select 1 from {} where {} = any(cast(:subjects as text[]))"
    tables = {"sign_in_attempts": "subject", "familiar_addresses": "account"}

    retention.apply(utc_now())
    assert [len(records.rows(database, held.format(*each), **ours)) for each in tables.items()] == [2, 1]
    for table in tables:
        records.rows(database, f"update {table} set expires_at = now() - interval '1 second'")
    retention.apply(utc_now())

    assert [len(records.rows(database, held.format(*each), **ours)) for each in tables.items()] == [0, 0]
