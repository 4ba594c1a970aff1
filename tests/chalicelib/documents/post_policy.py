"""What S3 lets through of a presigned POST, by its own rules: moto checks none of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# Fields that carry the signature itself; every other one has to stand in the policy.
UNSIGNED = {"policy", "x-amz-signature", "file"}


def policy_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """The policy document of a form."""
    policy: dict[str, Any] = json.loads(base64.b64decode(fields["policy"]))
    return policy


def refusals(fields: Mapping[str, str], size_bytes: int, *, at: datetime, bucket: str) -> set[str]:
    """What S3 would hold against a form that is sent with these fields and a file of so many bytes."""
    policy = policy_of(fields)
    sent = {"bucket": bucket, **{name.lower(): value for name, value in fields.items()}}
    broken, known = set(), set(UNSIGNED)
    if at >= datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC):
        broken.add("expiration")
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            (name, value), kind = next(iter(condition.items())), "eq"
        elif condition[0] == "content-length-range":
            if not condition[1] <= size_bytes <= condition[2]:
                broken.add("size")
            continue
        else:
            kind, name, value = condition[0], condition[1].removeprefix("$"), condition[2]
        known.add(name.lower())
        given = sent.get(name.lower(), "")
        if not (given == value if kind == "eq" else given.startswith(value)):
            broken.add(name.lower())
    return broken | (set(sent) - known)
