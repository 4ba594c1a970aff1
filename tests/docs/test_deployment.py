"""The commands of docs/deployment.md that need no AWS do what the page says; what the page names exists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy import aws
from infra.local import processes
from infra.packaging import parameters, templates
from tests import house
from tests.conftest import PASSWORD, Tenant
from tests.docs.serving import only
from tests.house import Cloud, Database
from tests.infra import packaged
from tests.infra.deploy.cloudformation import Clouds, serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
CONSOLE = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)


def block(words: str) -> str:
    """The one block of `sh` that holds these words."""
    return only(SHELL, words)


def run(script: str, **variables: str) -> str:
    # The requirements are there already: the tests run with them.
    make = 'make() { command make --no-print-directory --old-file=install "$@"; }\n'
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RECRUITPRO_", "MAKE"))}
    done = subprocess.run(
        ["bash", "-c", f"set -eo pipefail\n{make}{script}"],
        cwd=ROOT,
        env={**environment, "COLUMNS": "160", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def account(cloud_of_worker: Cloud) -> Iterator[tuple[Clouds, dict[str, str]]]:
    clouds = Clouds(cloud_of_worker.client("s3"))
    with serving(clouds, cloud_of_worker.endpoint_url) as address:
        yield clouds, {aws.ENDPOINT: address, "AWS_REGION": house.REGION}


@pytest.mark.timeout(400)  # who comes first makes the package, for all tests of it
def test_a_diff_of_an_empty_account_shows_everything_and_makes_nothing(
    account: tuple[Clouds, dict[str, str]],
) -> None:
    clouds, variables = account
    built = packaged.build("dev", with_zip=True)

    # DIRTY: somebody who works on the code runs the tests too. PACKAGE: the one that the tests made.
    told = run(block("make diff"), DIRTY="1", PACKAGE=str(built.folder), **variables)

    assert f"account {packaged.ACCOUNT}, eu-central-1" in told
    assert "Nothing was changed." in told
    for name in ("APIHandler", "Database", "UploadBucket", "MigrateDatabase"):
        assert re.search(rf"^Add +{name} ", told, re.MULTILINE), name
    assert clouds.stacks == {}
    assert "ExecuteChangeSet" not in clouds.calls


def test_production_is_not_destroyed(account: tuple[Clouds, dict[str, str]]) -> None:
    clouds, variables = account

    assert "production is never destroyed" in run(block("make destroy"), **variables)
    assert "DeleteStack" not in clouds.calls


def test_the_smoke_test_runs_as_the_page_says(database: Database, cloud: Cloud, tenant: Tenant, tmp_path: Path) -> None:
    port, log = processes.free_port(), tmp_path / "server.log"
    environment = {**os.environ, **house.settings_for(database, cloud)}
    command = [sys.executable, "-m", "infra.local.server", "--port", str(port)]
    server = processes.start("server", command, log=log, environment=environment)
    try:
        processes.wait_until(lambda: processes.answers(port), server, seconds=30)
        first, second = block("make smoke").splitlines()
        assert "0 failed" in run(first, URL=f"http://127.0.0.1:{port}")
        # Without a pump nothing is scanned here: that the account is used is what can be seen.
        shown = subprocess.Popen(
            ["bash", "-c", second.replace("make smoke", "timeout 15 .venv/bin/python -m infra.smoke --url $URL # ")],
            cwd=ROOT,
            env={**os.environ, "URL": f"http://127.0.0.1:{port}", "EMAIL": tenant.email, "PASSWORD": PASSWORD},
        )
        processes.wait_until(lambda: bool(tenant.api.get("/api/documents").json["items"]), server, seconds=30)
        shown.terminate()
        shown.wait(20)
    finally:
        server.stop()


def test_every_command_and_every_parameter_of_the_page_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^(?:! )?(?:\w+=\S+ )*make ([a-z-]+)", "\n".join([*SHELL, *CONSOLE]), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    example = "".join(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    known = templates.joined({path.name: templates.read(path) for path in parameters.TEMPLATES.glob("*.yaml")})
    for line in example.splitlines():
        name, value = line.split(": ", 1)
        declared = known["Parameters"][name]
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), value), name
    (trust,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert json.loads(trust)["Statement"][0]["Action"] == "sts:AssumeRoleWithWebIdentity"
    for path in re.findall(r"\]\(([\w/.-]+)\)", PAGE):
        assert (ROOT / "docs" / path).exists(), path


def test_no_block_of_the_page_is_left_untried() -> None:
    assert {"make diff", "make smoke", "make destroy"} == {re.findall(r"make \w+", each)[0] for each in SHELL}
