"""The schema grows before the code that needs it arrives.

The function that migrates is given the new package by itself, ahead of the stack, and called. Every other function runs
the old code meanwhile, on a schema that only grew. When it fails, that function gets its old package back and nothing
else has changed.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.errors import Failed

FUNCTION = "MigrateDatabase"
UPDATED_WITHIN_SECONDS = 300.0
# What must fit the package, and stands in the template as it is.
TAKEN_ALONG = ("Runtime", "Handler")


@dataclass(frozen=True, slots=True)
class Package:
    """A package in the deployment bucket, for functions of this architecture, runtime and handler."""

    bucket: str
    key: str
    settings: dict[str, str]
    architecture: str

    @classmethod
    def in_template(cls, template: dict[str, Any]) -> Package | None:
        """What a template gives to the function that migrates."""
        properties = template["Resources"].get(FUNCTION, {}).get("Properties", {})
        code = properties.get("CodeUri")
        if not isinstance(code, dict):
            return None
        taken = {name: properties[name] for name in TAKEN_ALONG if isinstance(properties.get(name), str)}
        return cls(code["Bucket"], code["Key"], taken, properties.get("Architectures", ["x86_64"])[0])

    @property
    def sha256(self) -> str:
        """As Lambda tells it; the key is named by it."""
        return base64.b64encode(bytes.fromhex(self.key.rsplit("/", 1)[-1].split(".")[0])).decode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The revisions applied now, and the one that the schema stands at."""

    applied: tuple[str, ...]
    current: str


def give(functions: Any, name: str, package: Package, *, poll_seconds: float) -> None:
    """Let the function `name` run `package`, and wait until it does. Doing so again changes nothing."""
    now = functions.get_function_configuration(FunctionName=name)
    differing = {key: value for key, value in package.settings.items() if now.get(key) != value}
    if differing:
        functions.update_function_configuration(FunctionName=name, **differing)
        now = _settled(functions, name, poll_seconds)
    if now["CodeSha256"] != package.sha256 or now.get("Architectures", ["x86_64"]) != [package.architecture]:
        functions.update_function_code(
            FunctionName=name,
            S3Bucket=package.bucket,
            S3Key=package.key,
            Architectures=[package.architecture],
        )
        _settled(functions, name, poll_seconds)


def _settled(functions: Any, name: str, poll_seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + UPDATED_WITHIN_SECONDS
    while True:
        now: dict[str, Any] = functions.get_function_configuration(FunctionName=name)
        state = now.get("LastUpdateStatus", "Successful")
        if state == "Successful" and now.get("State", "Active") in {"Active", "Inactive"}:
            return now
        if state == "Failed" or time.monotonic() > deadline:
            raise Failed(f"Lambda could not update {name}: {now.get('LastUpdateStatusReason', state)}")
        time.sleep(poll_seconds)


def run(functions: Any, name: str) -> Outcome:
    """Call the function and wait; raises Failed with what it said. It may be called again at any time."""
    try:
        answer = functions.invoke(FunctionName=name, InvocationType="RequestResponse", Payload=b"{}")
        told = json.loads(answer["Payload"].read() or b"{}")
    except (BotoCoreError, ClientError, ValueError) as error:
        raise Failed(f"the migration could not be called: {error}") from error
    if "FunctionError" in answer:
        message = told.get("errorMessage", "no message") if isinstance(told, dict) else told
        raise Failed(f"the migration failed: {message}")
    return Outcome(tuple(told["applied"]), str(told["current"]))
