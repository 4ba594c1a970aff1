"""An account to deploy to: S3, STS and ECR are moto's, CloudFormation and Lambda are of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.deploy import aws, deploying, images, source
from infra.deploy.aws import Aws
from infra.deploy.place import Place
from infra.deploy.source import Source
from infra.deploy.stacks import Pace
from infra.local.console import Steps
from tests.house import REGION, Cloud
from tests.infra.deploy.cloudformation import Clouds, serving

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Shop:
    """Somebody who deploys: what lies in the checkout, what the smoke test will find, what is answered when asked."""

    account: Aws
    clouds: Clouds
    code: str = "one"
    resources: dict[str, Any] = field(default_factory=lambda: {"Uploads": {"Type": "AWS::S3::Bucket"}})
    parameters: dict[str, Any] = field(default_factory=dict)
    wrong: Callable[[str], list[str]] = lambda _package: []
    agrees: bool = True
    questions: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    console: Console = field(default_factory=lambda: Console(record=True, width=160, force_terminal=False))

    def place(self, environment: str = "dev") -> Place:
        pace = Pace(poll_seconds=0.0, change_set_seconds=5, deployment_seconds=5)
        return Place(
            environment, self.account, Steps(self.console), self.package, self.smoke, self.confirm, lambda: NOW, pace
        )

    def package(self, environment: str, folder: Path) -> dict[str, Any]:
        folder.mkdir()
        (folder / "deployment.zip").write_bytes(f"code {self.code}".encode())
        function = {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "./deployment.zip", "Runtime": "python3.12", "Architectures": ["arm64"]},
        }
        resources = {"MigrateDatabase": function, "APIHandler": function, **self.resources}
        template = {"Parameters": self.parameters, "Resources": resources}
        (folder / "sam.json").write_text(json.dumps(template))
        return {"package": {"zipped_bytes": 1_000_000}, "runtime": "python3.12", "source": self.code}

    def smoke(self, url: str, environment: str) -> list[str]:
        self.looked_at.append(url)
        return self.wrong(self.runs(environment))

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.agrees

    def runs(self, environment: str = "dev", function: str = "APIHandler") -> str:
        """The code that runs in a function now."""
        key = self.clouds.codes[f"recruitpro-{environment}-{function}"]
        bucket = self.place(environment).bucket.name
        content: bytes = self.account.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content.decode().removeprefix("code ")

    def told(self) -> str:
        return self.console.export_text(clear=False)


@pytest.fixture
def account(cloud_of_worker: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Aws, Clouds]]:
    clouds = Clouds(cloud_of_worker.client("s3"))
    with serving(clouds, cloud_of_worker.endpoint_url) as address:
        monkeypatch.setenv(aws.ENDPOINT, address)
        connected = aws.connect()
        yield connected, clouds
        _empty(connected)


def _empty(connected: Aws) -> None:
    bucket = f"recruitpro-deployments-{connected.account_id}-{REGION}"
    if bucket in {each["Name"] for each in connected.s3.list_buckets()["Buckets"]}:
        for version in connected.s3.list_object_versions(Bucket=bucket).get("Versions", []):
            connected.s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


@pytest.fixture
def shop(account: tuple[Aws, Clouds], monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(source, "look", lambda _root: Source("0123456789abcdef0123456789abcdef01234567"))
    monkeypatch.setattr(images, "known", lambda _root: [])
    monkeypatch.setattr(deploying, "parameters_of", lambda _environment: {"LogLevel": "INFO"})
    return Shop(*account)
