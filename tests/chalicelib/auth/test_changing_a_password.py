"""Who knows the present password takes a new one; nobody else, and no old one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
import sqlalchemy as sa

from chalicelib import db
from chalicelib.auth import passwords, service
from tests import factories, records
from tests.api import ApiClient, Reply
from tests.chalicelib.auth.accounts import PASSWORD, client_of, login, refresh
from tests.conftest import Tenant
from tests.house import Database

NEW = "a-new-one-for-winter-7"


@pytest.fixture(autouse=True)
def _patient(configure: Callable[..., None]) -> None:
    configure(rate_limit_login="1000/minute", login_free_failures="100")


def change(api: ApiClient, new: str, current: str = PASSWORD) -> Reply:
    return api.post("/api/auth/change-password", {"current_password": current, "new_password": new})


def test_the_new_password_holds_and_the_old_one_ends(tenant: Tenant) -> None:
    reply = change(tenant.api, NEW)

    assert (reply.status, reply.body) == (204, b"")
    assert login(tenant.email, NEW).status == 200
    assert login(tenant.email, PASSWORD).status == 401


def test_every_other_sign_in_ends_at_once_and_this_one_stays(tenant: Tenant, database: Database) -> None:
    elsewhere = login(tenant.email)
    client = client_of(elsewhere)
    assert client.get("/api/users/me").status == 200

    assert change(tenant.api, NEW).status == 204

    assert (client.get("/api/users/me").status, client.get("/api/users/me").code) == (401, "unauthenticated")
    assert refresh(elsewhere.json["refresh_token"]).code == "bad_refresh_token"
    assert tenant.api.get("/api/users/me").status == 200
    reasons = records.rows(
        database, "select revoked_reason from sign_ins where user_id = :id order by id", id=tenant.user_id
    )
    assert [row["revoked_reason"] for row in reasons] == [None, "password_changed"]


def test_a_wrong_current_password_is_named_and_changes_nothing(tenant: Tenant) -> None:
    reply = change(tenant.api, NEW, current="wrong-password-7")

    assert (reply.status, reply.code, reply.wrong_fields) == (422, "wrong_password", {"current_password"})
    assert login(tenant.email).status == 200


def test_guessing_the_current_password_is_delayed_like_signing_in(
    tenant: Tenant, configure: Callable[..., None]
) -> None:
    configure(rate_limit_login="1000/minute", login_free_failures="2")

    statuses = [change(tenant.api, NEW, current=f"wrong-password-{number}").status for number in range(3)]
    refused = change(tenant.api, NEW)

    assert statuses == [422, 422, 422]
    assert (refused.status, refused.code, refused.headers["retry-after"]) == (429, "rate_limited", "1")
    assert login(tenant.email).status == 200, "who signs in from elsewhere is not held up by it"


def test_the_last_five_are_refused_and_the_sixth_is_taken(tenant: Tenant) -> None:
    series = [PASSWORD, *(f"password-number-{number}-of-mine" for number in "abcde")]
    for old, new in pairwise(series[:5]):
        assert change(tenant.api, new, old).status == 204

    for used in series[:5]:
        reply = change(tenant.api, used, series[4])
        assert (reply.status, reply.code) == (422, "password_reused"), used
        assert "5" in reply.json["detail"]
    assert change(tenant.api, series[5], series[4]).status == 204
    assert change(tenant.api, PASSWORD, series[5]).status == 204


@pytest.mark.parametrize(("count", "status"), [("0", 204), ("1", 422)])
def test_how_many_are_refused_is_a_setting(
    tenant: Tenant, database: Database, configure: Callable[..., None], count: str, status: int
) -> None:
    configure(password_history_count=count, rate_limit_login="1000/minute")

    assert change(tenant.api, PASSWORD).status == status
    assert change(tenant.api, NEW).status == 204
    kept = records.rows(database, "select password_history from users where id = :id", id=tenant.user_id)
    assert kept == [{"password_history": []}]


@pytest.mark.parametrize("weak", ["short-7", "password1", "this-is-ada-admin", "x" * 20])
def test_a_weak_one_is_refused_with_the_reason(tenant: Tenant, weak: str) -> None:
    reply = change(tenant.api, weak)

    assert (reply.status, reply.code) == (422, "password_weak")
    assert weak not in reply.body.decode()
    assert login(tenant.email).status == 200


def test_nobody_changes_a_password_without_signing_in(tenant: Tenant) -> None:
    stranger = ApiClient(address=tenant.api.address)

    assert change(stranger, NEW).status == 401
    assert tenant.api.post("/api/auth/change-password", {"new_password": NEW}).wrong_fields == {"current_password"}


def test_of_two_changes_at_once_one_holds(tenant: Tenant) -> None:
    wishes = ["one-of-two-wishes-7", "two-of-two-wishes-7"]

    replies = factories.at_once(*[lambda wish=wish: change(tenant.api, wish) for wish in wishes])

    statuses = [reply.status for reply in replies]
    assert sorted(statuses) in ([204, 409], [204, 422])
    assert [login(tenant.email, wish).status for wish in wishes].count(200) == 1
    assert login(tenant.email, wishes[statuses.index(204)]).status == 200


def test_a_change_leaves_one_event_without_the_password(tenant: Tenant, database: Database) -> None:
    change(tenant.api, NEW)

    found = [event for event in tenant.api.get("/api/events").json["items"] if event["action"] == "password_changed"]
    assert len(found) == 1
    assert (found[0]["before"], found[0]["after"]) == (None, None)
    for table in ("events", "idempotency_keys", "users"):
        assert records.rows(database, f"select 1 from {table} as t where t::text like :x", x=f"%{NEW}%") == []


def test_a_key_for_retries_stores_no_answer(tenant: Tenant, database: Database) -> None:
    wish = {"current_password": PASSWORD, "new_password": NEW}
    key = {"Idempotency-Key": "change-it"}

    statuses = [tenant.api.post("/api/auth/change-password", wish, key).status for _ in range(2)]

    assert statuses == [204, 422]
    assert records.rows(database, "select 1 from idempotency_keys where organization_id = :id", id=tenant.id) == []


def test_no_password_is_looked_at_inside_a_transaction(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    busy: list[int] = []
    look, make = passwords.verify, passwords.hash_password

    def verify(password: str, password_hash: str | None) -> bool:
        busy.append(db.engine().pool.checkedout())  # type: ignore[attr-defined]
        return look(password, password_hash)

    def hash_password(password: str) -> str:
        busy.append(db.engine().pool.checkedout())  # type: ignore[attr-defined]
        return make(password)

    monkeypatch.setattr(passwords, "verify", verify)
    monkeypatch.setattr(passwords, "hash_password", hash_password)

    assert change(tenant.api, NEW).status == 204
    assert login(tenant.email, NEW).status == 200
    assert len(busy) >= 4
    assert set(busy) == {0}


def test_other_rooms_set_a_password_in_their_own_transaction(tenant: Tenant) -> None:
    from chalicelib.clock import utc_now
    from chalicelib.events.models import Actor

    with db.transaction(tenant.id) as session:
        user = service.get_user(session, tenant.id, tenant.user_id, lock=True)
        service.set_password(
            session, user, NEW, organization_name="Tenant", actor=Actor("user", tenant.user_id), now=utc_now()
        )
        ended = service.end_sign_ins(session, tenant.id, tenant.user_id, "password_reset", utc_now())

    assert len(ended) == 1
    assert tenant.api.get("/api/users/me").status == 401
    assert login(tenant.email, NEW).status == 200


def test_ending_sign_ins_ends_nobody_elses(tenant: Tenant, other: Tenant) -> None:
    from chalicelib.clock import utc_now

    with db.transaction(tenant.id) as session:
        assert service.end_sign_ins(session, other.id, other.user_id, "disabled", utc_now()) == []
        assert session.execute(sa.text("select count(*) from sign_ins where revoked_at is not null")).scalar_one() == 0
    assert other.api.get("/api/users/me").status == 200
