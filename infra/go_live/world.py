"""What is looked at: a URL, an environment, and the account that it is deployed in when somebody is signed in to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from infra.deploy.aws import Aws
from infra.smoke.__main__ import Wish
from infra.smoke.report import Wrong


class NotLookedAt(Exception):
    """Nobody could look; the text says what is missing for it."""


@dataclass(frozen=True)
class World:
    """One environment from outside and, with an `account`, from inside."""

    environment: str
    url: str
    http: httpx.Client
    wish: Wish
    account: Aws | None = None

    @property
    def aws(self) -> Aws:
        """The account; raises NotLookedAt when nobody is signed in."""
        if self.account is None:
            raise NotLookedAt("sign in to the account first (aws sso login, or AWS_PROFILE=...)")
        return self.account

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @cached_property
    def resources(self) -> dict[str, tuple[str, str]]:
        """Everything of the stack by its logical id: type, and id in the account."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            each["LogicalResourceId"]: (each["ResourceType"], each.get("PhysicalResourceId", ""))
            for page in pages.paginate(StackName=f"recruitpro-{self.environment}")
            for each in page["StackResourceSummaries"]
        }

    def of_type(self, kind: str) -> dict[str, str]:
        """The ids in the account of all resources of a type, by logical id. Raises Wrong when the stack has none."""
        found = {name: each for name, (type_, each) in self.resources.items() if type_ == kind}
        if not found:
            raise Wrong(f"the stack has no {kind}")
        return found

    @cached_property
    def health(self) -> dict[str, dict[str, Any]]:
        """What the server says of each of its parts."""
        found: dict[str, dict[str, Any]] = self.http.get("/api/health").json()["checks"]
        return found
