"""AWS as a deployment sees it: whose account, which region, and the clients."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.errors import Refused

ENDPOINT = "RECRUITPRO_AWS_ENDPOINT_URL"
LONGEST_INVOCATION_SECONDS = 900


@dataclass(frozen=True)
class Aws:
    """An account in a region, reached as `caller`."""

    session: boto3.Session
    region: str
    account_id: str
    caller: str

    def client(self, service: str, **config: Any) -> Any:
        """A client that gives up in a minute, and tries again by itself."""
        told = {"connect_timeout": 10, "read_timeout": 60, "retries": {"mode": "standard", "max_attempts": 5}, **config}
        endpoint = os.environ.get(ENDPOINT) or None
        if service == "s3" and (
            endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        ):
            told["s3"] = {"addressing_style": "path"}  # a server on this machine has no host name for each bucket
        return self.session.client(service, region_name=self.region, endpoint_url=endpoint, config=Config(**told))  # type: ignore[call-overload]

    @cached_property
    def cloudformation(self) -> Any:
        return self.client("cloudformation")

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def functions(self) -> Any:
        """Lambda. A call that takes as long as Lambda allows is waited for, and never sent twice."""
        return self.client(
            "lambda",
            read_timeout=LONGEST_INVOCATION_SECONDS + 30,
            retries={"total_max_attempts": 1},
            tcp_keepalive=True,
        )

    @cached_property
    def ecr(self) -> Any:
        return self.client("ecr")


def connect(session: boto3.Session | None = None) -> Aws:
    """Whoever the credentials at hand belong to; raises Refused without a region or credentials that work."""
    session = session or boto3.Session()
    region = session.region_name
    if region is None:
        raise Refused("no region is chosen: set AWS_REGION (such as eu-central-1), or region in your profile")
    os.environ.setdefault("AWS_DEFAULT_REGION", region)  # cfn-lint asks what this very region offers
    nobody = Aws(session, region, "", "")
    try:
        told = nobody.client("sts", retries={"max_attempts": 2}).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Refused(
            f"AWS does not know who you are ({error}): sign in (aws sso login, or AWS_PROFILE=…), then run this again"
        ) from error
    return Aws(session, region, told["Account"], told["Arn"])


def code_of(error: ClientError) -> str:
    """AWS's own word for an error, such as AccessDenied."""
    return str(error.response["Error"]["Code"])
