"""The commands of docs/incident-response.md do what the page says, on a server with real people in it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from chalicelib.migrations.roles import driver_url
from tests.conftest import Tenant
from tests.docs.serving import ROOT, Run, only, shell
from tests.factories import announce, as_superuser, new_api_key, new_candidate, new_colleague, read_document
from tests.house import Cloud, Database

PAGE = (ROOT / "docs" / "incident-response.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
SQL = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
# Each block that is run below, by words that no other has.
BLOCKS = {
    "sign in": "TOKEN=$(curl",
    "shut an account": "USER_ID=$(",
    "let in again": "forgot-password",
    "revoke a key": "KEY_ID=$(",
    "scan again": "/scan",
    "who fetched": "/content",
    "scanner": "['scanner']",
    "database": "['database']",
    "verify": "verify_events --organization",
    "verify by anchor": "verify_events --anchor",
    "erase": "/erase",
    "stop a webhook": "/deliveries",
}

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the commands are written for curl")


def block(name: str) -> str:
    return only(SHELL, BLOCKS[name])


@pytest.fixture
def run(database: Database, cloud: Cloud, tenant: Tenant, tmp_path: Path) -> Iterator[Run]:
    with shell(database, cloud, tenant, tmp_path, block("sign in")) as runs:
        yield runs


def test_accounts_and_keys_are_shut_and_what_they_did_is_shown(run: Run, database: Database, tenant: Tenant) -> None:
    victim = new_colleague(database, tenant)
    new_candidate(victim.api)
    key = new_api_key(tenant.api, "candidates:read")

    shut = run(block("shut an account"), SUSPECT=victim.email)
    assert "candidate_created" in shut
    assert victim.api.get("/api/users/me").status == 401

    run(block("let in again"), SUSPECT=victim.email, USER_ID=str(victim.user_id))
    assert tenant.api.get(f"/api/users/{victim.user_id}").json["is_active"] is True

    assert "api_key_revoked" in run(block("revoke a key"), LEAKED=key["key"])
    assert tenant.api.get(f"/api/api-keys/{key['id']}").json["status"] == "revoked"


def test_files_people_and_health_are_asked_about(run: Run, tenant: Tenant, database: Database) -> None:
    document = announce(tenant.api, "cv.pdf", 1)
    candidate = new_candidate(tenant.api)
    with as_superuser(database) as connection:
        values = {"id": document["id"]}
        connection.execute(sa.text("update documents set status = 'rejected' where id = :id"), values)

    run(
        'curl -s "$API/api/documents/$DOCUMENT_ID/content" -H "Authorization: Bearer $TOKEN"',
        DOCUMENT_ID=document["id"],
    )
    (line,) = run(block("who fetched"), DOCUMENT_ID=document["id"]).splitlines()
    assert json.loads(line)["user_id"] == str(tenant.user_id)

    health = run(block("scanner"), block("database"))
    assert "'status': 'up'" in health
    assert json.loads(tenant.api.get(f"/api/candidates/{candidate['id']}").body)["name"] == "Grace Hopper"
    told = run(block("erase"), CANDIDATE_ID=candidate["id"])
    assert told.splitlines()[0] in {"queued", "running", "succeeded"}


def test_a_file_is_scanned_again_and_a_webhook_stopped(run: Run, tenant: Tenant, cloud: Cloud) -> None:
    document = read_document(tenant.api, cloud, "note.txt", b"Nothing to see here.", kind="other")
    assert document["status"] == "clean"
    wish = {"url": "http://127.0.0.1:9/hook", "events": ["candidate_created"]}
    webhook = tenant.api.post("/api/webhooks", wish).json

    assert "document_scan_requested" in run(block("scan again"), DOCUMENT_ID=document["id"])
    assert "webhook_changed" in run(block("stop a webhook"), WEBHOOK_ID=webhook["id"])
    assert tenant.api.get(f"/api/webhooks/{webhook['id']}").json["is_active"] is False


def test_chains_are_verified_as_the_page_says(run: Run, tenant: Tenant) -> None:
    last = tenant.api.get("/api/events").json["items"][-1]

    assert run(block("verify"))
    assert run(block("verify by anchor"), SEQUENCE=str(last["sequence"]), HASH=last["hash"])


def test_no_command_of_the_page_is_left_untried() -> None:
    untried = set(SHELL) - set(map(block, BLOCKS))

    assert {each.splitlines()[0] for each in untried} == {each for each in PAGE.splitlines() if "export API=" in each}


@pytest.mark.parametrize("statement", SQL)
def test_each_question_to_the_database_answers_nothing_when_all_is_well(database: Database, statement: str) -> None:
    engine = sa.create_engine(driver_url(database.owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        assert connection.execute(sa.text(statement)).all() == []


def test_the_questions_find_what_is_wrong(database: Database) -> None:
    unforced, powers, open_policies = SQL
    engine = sa.create_engine(driver_url(database.superuser_url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text("alter table market_research no force row level security"))
        connection.execute(sa.text("alter role recruitpro_screener bypassrls"))
        connection.execute(sa.text("create policy wide on market_research for select to recruitpro_app using (true)"))
        found = [connection.execute(sa.text(each)).scalars().all() for each in (unforced, powers, open_policies)]
        connection.rollback()

    assert found == [["market_research"], ["recruitpro_screener"], ["market_research: wide"]]
