"""The nightly look at every organization's chain: what it writes down, and what it says when one is broken."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from chalicelib.clock import utc_now
from chalicelib.operations import event_chains
from functions.verify_events import verify_events
from infra import verify_events as command
from infra.local import delivery
from tests import records
from tests.conftest import Tenant
from tests.factories import new_candidate
from tests.house import Database

HEALTH = "select status, detail from health_checks where name = 'event_chains'"


def anchors(database: Database, organization_id: UUID) -> list[tuple[int, bytes]]:
    statement = "select sequence, hash from event_anchors where organization_id = :id order by id"
    return [(row["sequence"], row["hash"]) for row in records.rows(database, statement, id=organization_id)]


def head(database: Database, organization_id: UUID) -> tuple[int, bytes]:
    row = records.rows(
        database, "select sequence, hash from event_heads where organization_id = :id", id=organization_id
    )
    return row[0]["sequence"], row[0]["hash"]


@pytest.mark.own_database
def test_each_chain_that_holds_gets_an_anchor_every_night(
    new_tenant: Callable[[], Tenant], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = new_tenant(), new_tenant()
    caplog.set_level("INFO")

    for nights in (1, 2):
        answer = verify_events(
            delivery.scheduled_event("verify_events", region="eu-central-1"), delivery.context("verify_events")
        )
        assert answer == {"organizations": 2, "events": 6, "left": 0, "broken": 0, "first_broken": []}
        for tenant in (one, two):
            assert anchors(database, tenant.id) == [head(database, tenant.id)] * nights

    (row,) = records.rows(database, HEALTH)
    assert (row["status"], row["detail"]["events"]) == ("up", 6)
    lines = [vars(line) for line in caplog.records if line.getMessage() == "event_chain_verified"]
    sequence, hashed = head(database, one.id)
    assert [str(one.id), sequence, hashed.hex()] in [
        [line[n] for n in ("organization_id", "sequence", "hash")] for line in lines
    ]


@pytest.mark.own_database
def test_a_broken_chain_is_named_and_gets_no_anchor_and_the_others_are_verified_all_the_same(
    new_tenant: Callable[[], Tenant], database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, sound = new_tenant(), new_tenant()
    records.rows(database, "update events set action = 'x' where organization_id = :id and sequence = 2", id=broken.id)
    capsys.readouterr()

    found = event_chains.audit(utc_now(), seconds=60)

    named = [{"organization_id": str(broken.id), "sequence": 2, "wrong": "body"}]
    assert (found.organizations, found.as_json()["first_broken"]) == (2, named)
    assert (anchors(database, broken.id), len(anchors(database, sound.id))) == ([], 1)
    (row,) = records.rows(database, HEALTH)
    assert (row["status"], row["detail"]["first_broken"]) == ("down", named)
    said = capsys.readouterr().out
    assert '"event_chain_broken"' in said
    metric: Any = next(json.loads(line) for line in said.splitlines() if "_aws" in line)
    assert metric["event_chain_broken"] == [1.0] or metric["event_chain_broken"] == 1.0


@pytest.mark.own_database
def test_where_time_is_short_everybodys_turn_comes(new_tenant: Callable[[], Tenant], database: Database) -> None:
    tenants = [new_tenant() for _ in range(3)]

    for night in range(3):
        found = event_chains.audit(utc_now(), seconds=1, clock=iter([0.0, 0.5, 2.0]).__next__)
        assert (found.organizations, found.left) == (1, 2)
        assert sum(len(anchors(database, tenant.id)) for tenant in tenants) == night + 1

    assert [len(anchors(database, tenant.id)) for tenant in tenants] == [1, 1, 1]


def run(*arguments: str) -> tuple[int, str]:
    """The exit code of `python -m infra.verify_events`, and what it says."""
    said = io.StringIO()
    code = command.main(arguments, Console(file=said, width=80))
    return code, said.getvalue()


@pytest.mark.own_database
def test_the_command_names_organization_and_event_and_fails(
    new_tenant: Callable[[], Tenant], database: Database
) -> None:
    tenant, other = new_tenant(), new_tenant()
    new_candidate(tenant.api)
    code, said = run()
    assert (code, "7 events of 2 organizations verified" in said) == (0, True)
    assert anchors(database, tenant.id) == [], "it only reads"

    records.rows(database, "delete from events where organization_id = :id and sequence = 2", id=tenant.id)

    code, said = run()
    assert code == 1
    assert f"organization {tenant.id}, event 2: there is no event of this number (gap)" in said
    assert run("--organization", str(other.id))[0] == 0
    assert run("--organization", str(other.id), "--organization", str(tenant.id))[0] == 1


def test_the_command_compares_with_what_the_log_said(tenant: Tenant, database: Database) -> None:
    sequence, hashed = head(database, tenant.id)
    only = ("--organization", str(tenant.id))

    assert run(*only, "--anchor", f"{tenant.id}:{sequence}:{hashed.hex()}")[0] == 0
    code, said = run(*only, "--anchor", f"{tenant.id}:{sequence}:{'00' * 32}")

    assert code == 1
    assert f"event {sequence}: the chain up to here was another one" in said
    with pytest.raises(SystemExit):
        run("--anchor", "nonsense")


def test_the_command_says_when_it_cannot_ask(configure: Callable[..., None]) -> None:
    configure(database_url="postgresql://nobody:x@127.0.0.1:1/none")

    code, said = run()

    assert (code, "does not answer" in said) == (2, True)
