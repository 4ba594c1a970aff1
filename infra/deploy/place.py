"""Where a command works and what it works with: an environment in an account, a terminal, a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from infra.deploy import stacks
from infra.deploy.aws import Aws
from infra.deploy.bucket import Bucket
from infra.deploy.stacks import Offer, Pace, Stack
from infra.local.console import Steps

ROOT = Path(__file__).resolve().parents[2]
API_URL = "EndpointURL"


class Packager(Protocol):
    """Makes the package of an environment in a folder (infra.package); the manifest."""

    def __call__(self, environment: str, folder: Path) -> dict[str, Any]: ...


Smoke = Callable[[str, str], list[str]]  # (url, environment) -> what failed, one line each


@dataclass(frozen=True, slots=True)
class Place:
    """One environment of one account, and everything that a test puts something else in the place of."""

    environment: str
    aws: Aws
    steps: Steps
    package: Packager
    smoke: Smoke
    confirm: Callable[[str], bool]
    now: Callable[[], datetime]
    pace: Pace = field(default_factory=Pace)
    root: Path = ROOT

    @property
    def stack(self) -> Stack:
        return Stack(f"recruitpro-{self.environment}", self.aws.cloudformation, self.pace, self._event)

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.aws)

    def offer(self, template_key: str, parameters: dict[str, str]) -> Offer:
        """A change set for this template and these parameters."""
        # The same tags each time: a tag that changes would touch every resource at each deployment.
        tags = {"application": "recruitpro", "environment": self.environment}
        name = f"recruitpro-{stacks.when(self.now())}"
        return self.stack.offer(self.bucket.url(template_key), parameters, tags, name)

    def _event(self, line: str) -> None:
        self.steps.say(f"    {line}")
