"""Our logs hold ids: no address, name, number or secret, not even one that an exception quotes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from chalice.app import SQSEvent
from pydantic import BaseModel, ValidationError, create_model

from chalicelib import db
from chalicelib.handlers import event_handler
from chalicelib.http.schemas import Body, View
from chalicelib.logs import LineFormatter, log
from chalicelib.redaction import redacted
from tests import log_watch
from tests.api import ApiClient
from tests.conftest import Tenant
from tests.factories import new_api_key, new_candidate

SECRETS = [
    "ada@example.org",
    "a-password@db.internal",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "rp_0123456789ABCDEFGHIJKLMNabcdefghij",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "+436641234567",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the log holds, as CloudWatch gets it."""
    stream, logger = io.StringIO(), logging.getLogger(log_watch.LOGGER)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize("secret", SECRETS)
def test_what_an_exception_quotes_is_removed_from_its_line(secret: str, written: io.StringIO) -> None:
    try:
        raise ValueError(f"no good: {secret}, sorry")
    except ValueError:
        log.exception("a_test_broke")
    found = log_watch.WATCH.take()

    line = json.loads(written.getvalue())
    assert secret not in written.getvalue()
    assert line["message"] == "a_test_broke"
    assert line["exception"].endswith("ValueError: no good: [removed], sorry")
    assert found, "whoever reads along with the tests would not have noticed"


@pytest.mark.parametrize(
    "honest",
    [
        '"timestamp":"2026-11-24 10:37:41,116+0000"',
        "2026-01-01T00:00:00.000000+00:00",
        "01890000-0000-7000-8000-000000000000",
        "arn:aws:sqs:eu-central-1:123456789012:recruitpro-scan",
        '"location":"transaction:212","ms":12.5',
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_says_nothing_of_anybody_stays(honest: str) -> None:
    assert redacted(honest) == honest
    assert log_watch.finds(honest) == []


def _fails(tenant: Tenant, statement: str, **values: object) -> sa.exc.DBAPIError:
    with pytest.raises(sa.exc.DBAPIError) as raised, db.transaction(tenant.id) as session:
        session.execute(sa.text(statement), {"organization": tenant.id, **values})
    return raised.value


CANDIDATE = """
    insert into candidates (id, organization_id, name, email, phone, created_at, updated_at)
    values (gen_random_uuid(), :organization, :name, :email, :phone, now(), now())
"""


def test_an_error_of_the_database_quotes_no_row(tenant: Tenant) -> None:
    grace = {"name": "Grace Hopper", "email": "grace@example.org", "phone": "+436641234567"}
    assert tenant.api.post("/api/candidates", grace).status == 201

    errors = {
        "23505": _fails(tenant, CANDIDATE, **grace),
        "23502": _fails(tenant, CANDIDATE, **{**grace, "name": None}),
        "22P02": _fails(tenant, "select cast(cast(:name as text) as uuid)", name="Grace Hopper"),
    }

    for state, error in errors.items():
        words = f"{error} {error.orig} {error.__cause__}"
        assert db.sql_state(error) == state
        assert log_watch.finds(words) == [], state
        assert "Hopper" not in words
    assert db.constraint_of(errors["23505"]) is not None


@pytest.mark.parametrize("shape", [Body, View])
def test_a_shape_that_does_not_fit_quotes_no_value(shape: type[BaseModel]) -> None:
    made = create_model("Made", __base__=shape, count=(int, ...))

    with pytest.raises(ValidationError) as raised:
        made.model_validate({"count": "Grace Hopper"})

    assert "count" in str(raised.value)
    assert "Hopper" not in str(raised.value)


def test_a_function_that_breaks_is_logged_without_what_it_was_about(tenant: Tenant, written: io.StringIO) -> None:
    @event_handler
    def add_candidate(_event: dict[str, object]) -> None:
        with db.transaction(tenant.id) as session:
            grace = {"name": "Grace Hopper", "email": "grace@example.org", "phone": "+436641234567"}
            session.execute(sa.text(CANDIDATE), {"organization": None, **grace})

    with pytest.raises(sa.exc.DBAPIError):
        add_candidate(SQSEvent({"Records": []}, None))

    line = json.loads(written.getvalue())
    assert (line["message"], line["function"]) == ("function_broke", "add_candidate")
    assert "SQL parameters hidden" in line["exception"]
    assert log_watch.finds(written.getvalue()) == []


def test_each_request_says_who_asked_for_what_and_why_it_was_refused(
    tenant: Tenant, other: Tenant, written: io.StringIO
) -> None:
    grace = new_candidate(tenant.api)
    key = new_api_key(tenant.api, "candidates:read")
    path = f"/api/candidates/{grace['id']}"

    ApiClient(address=tenant.api.address).post("/api/auth/login", {"email": tenant.email, "password": "wrong-and-long"})
    assert [client.get(path).status for client in (tenant.api, ApiClient(key["key"]), other.api)] == [200, 200, 404]

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    refused, by_user, by_key, by_other = [line for line in lines if line["message"] == "request_served"][-4:]
    assert (refused["status"], refused["refusal"]) == (401, "bad_credentials")
    assert (by_user["organization_id"], by_user["user_id"]) == (str(tenant.id), str(tenant.user_id))
    assert (by_key["api_key_id"], "user_id" in by_key) == (key["id"], False)
    assert by_user["path_ids"] == by_other["path_ids"] == {"candidate_id": grace["id"]}
    assert (by_other["user_id"], by_other["refusal"]) == (str(other.user_id), "candidate_not_found")
    assert "sign_in_refused" in {line["message"] for line in lines}
    assert all(line["request_id"] and line["timestamp"].endswith("+0000") for line in lines)
    assert log_watch.finds(written.getvalue()) == []
