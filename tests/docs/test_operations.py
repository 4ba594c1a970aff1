"""docs/operations.md has a section for every alarm and no other, and its commands do what it says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import templates
from tests.conftest import Tenant
from tests.docs.serving import ROOT, Run, only, shell
from tests.factories import new_application
from tests.house import Cloud, Database
from tests.infra.parts import of_type

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
ALARMS = templates.read(ROOT / "infra" / "templates" / "alarms.yaml")
POINTER = re.compile(r"Read docs/operations\.md#([a-z0-9-]+)$")
# Sections that no alarm leads to: routine and how to. The budget writes its mails itself, without a word of ours.
WITHOUT_AN_ALARM = {
    "first-look-whatever-it-is",
    "every-day-every-week",
    "it-costs-more-than-planned",
    "follow-one-thing-through-everything",
    "pause-and-resume",
    "scale",
    "rotate-secrets",
    "what-sentry-gets",
    "the-dashboard-of-a-laptop",
}
# Each block that is run below, by words that no other has.
BLOCKS = {
    "sign in": "TOKEN=$(curl",
    "first look": "part[",
    "daily": "['backup']",
    "what failed": "status=failed",
    "redrive": "redrive",
    "what waits": "answer['kinds']",
    "scanner": "['scanner']",
    "cancel": "/cancel",
}


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def sections() -> dict[str, str]:
    """The text of each section, by its anchor."""
    parts = re.split(r"^## (.+)$", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL), flags=re.MULTILINE)
    return {anchor(heading): text for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def described() -> dict[str, dict[str, Any]]:
    return {**of_type(ALARMS, "AWS::CloudWatch::Alarm"), **of_type(ALARMS, "AWS::CloudWatch::CompositeAlarm")}


def pointer(made: dict[str, Any]) -> str:
    found = POINTER.search(made["AlarmDescription"])
    assert found is not None, made["AlarmDescription"]
    return found[1]


def test_every_alarm_has_its_section_and_every_section_its_alarm() -> None:
    pointed = {pointer(made) for made in described().values()}

    assert pointed | WITHOUT_AN_ALARM == set(sections())
    assert not pointed & WITHOUT_AN_ALARM


def test_a_section_names_its_alarms_and_says_what_it_means_and_what_to_do() -> None:
    for name, made in described().items():
        text = sections()[pointer(made)]
        for word in ("**Means:**", "**Look:**", "**Do:**"):
            assert word in text, f"{pointer(made)} does not say {word}"
        own = made["AlarmName"]["Fn::Sub"].removeprefix("recruitpro-${Environment}-")
        told = [each.removesuffix("...") for each in re.findall(r"`([a-z0-9.-]+)`", text)]
        assert any(own == each or (each.endswith("-") and own.startswith(each)) for each in told), name


def test_pages_are_told_as_pages() -> None:
    for name, made in described().items():
        severity = made["AlarmDescription"].partition(".")[0]
        if severity in ("PAGE", "TICKET"):
            assert severity in sections()[pointer(made)], name


def block(name: str) -> str:
    return only(SHELL, BLOCKS[name])


@pytest.fixture
def run(database: Database, cloud: Cloud, tenant: Tenant, tmp_path: Path) -> Iterator[Run]:
    if shutil.which("curl") is None:
        pytest.skip("the commands are written for curl")
    with shell(database, cloud, tenant, tmp_path, block("sign in")) as runs:
        yield runs


def test_the_commands_show_what_is_and_do_what_they_say(run: Run, tenant: Tenant) -> None:
    application = new_application(tenant.api)
    job_id = tenant.api.post(f"/api/applications/{application['id']}/screenings").json["id"]

    looked = run(block("first look"), block("daily"), block("scanner"), block("what failed"))
    assert "database: up" in looked
    assert "healthy" in looked
    assert "('high', 1," in looked
    assert "'engine'" in looked

    assert "'screen_candidate', 1, 0" in run(block("what waits"))
    assert "'queued': 0" in run(block("redrive"))
    assert run(block("cancel"), JOB_ID=job_id).strip() == "cancelled"


def test_no_command_of_the_page_is_left_untried() -> None:
    untried = set(SHELL) - set(map(block, BLOCKS))

    assert {each.splitlines()[0] for each in untried} == {each for each in PAGE.splitlines() if "export API=" in each}


def test_every_page_that_it_leads_to_is_there() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", PAGE))

    assert {name for name in linked if not (ROOT / "docs" / name).exists()} == set()
